/** What the program sees of the world around it. */
export interface Terminal {
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Results. */
  out(text: string): void;
  /** Progress and errors. */
  err(text: string): void;
  /** Everything on standard input. */
  readInput(): Promise<string>;
  /** Ends with the first Ctrl-C. */
  readonly signal: AbortSignal;
}

/** A foreign text, fit for a terminal: on one line and without characters that control it. */
export function printable(text: string): string {
  return text.replaceAll(/\s+/gu, " ").replaceAll(/\p{C}/gu, "�");
}
