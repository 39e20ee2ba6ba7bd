/** TLS settings that cannot be served; the message says which and what to mend. */
export class TlsMaterialInvalidError extends Error {
  constructor(message: string) {
    super(message);
    this.name = "TlsMaterialInvalidError";
  }
}
