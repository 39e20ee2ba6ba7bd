/** An API server refused a call. */
export class KubeStatusError extends Error {
  override readonly name = "KubeStatusError";
  constructor(
    /** HTTP status. */
    readonly status: number,
    /** Kubernetes' own word, such as NotFound, AlreadyExists, Conflict, Forbidden, Invalid, Expired. */
    readonly reason: string,
    message: string,
  ) {
    super(`${status} ${reason}: ${message}`);
  }

  /** From a Status object of the API. */
  static from(status: unknown, httpStatus = 500): KubeStatusError {
    const { code, reason, message } = (status ?? {}) as { code?: number; reason?: string; message?: string };
    return new KubeStatusError(code ?? httpStatus, reason ?? "Unknown", message ?? "no message");
  }
}
