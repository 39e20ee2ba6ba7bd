import type { ExecutionResult } from "graphql";

/**
 * Stands in graphql-ws for a subscription whose events somebody else writes to the socket: it never yields, so that
 * graphql-ws keeps the id, answers "complete" and ends it with the socket, and it reports the end exactly once.
 */
export class TakenOver implements AsyncGenerator<ExecutionResult, undefined, undefined> {
  private release: (() => void) | undefined;
  private isEnded = false;
  private failure: { readonly error: unknown } | undefined;
  private wake: (() => void) | undefined;

  /** Called once when the subscription has ended, whoever ended it; at once if it has ended already. */
  onEnd(release: () => void): void {
    if (this.isEnded) release();
    else this.release = release;
  }

  /** Ends the subscription; the client is told "complete", or the error if there is one. */
  end(failure?: { readonly error: unknown }): void {
    if (this.isEnded) return;
    this.isEnded = true;
    this.failure = failure;
    this.wake?.();
    const release = this.release;
    this.release = undefined;
    release?.();
  }

  async next(): Promise<IteratorResult<ExecutionResult, undefined>> {
    if (!this.isEnded) {
      await new Promise<void>((resolve) => {
        this.wake = resolve;
      });
    }
    if (this.failure !== undefined) throw this.failure.error;
    return { done: true, value: undefined };
  }

  return(): Promise<IteratorResult<ExecutionResult, undefined>> {
    this.end();
    return Promise.resolve({ done: true, value: undefined });
  }

  throw(error: unknown): Promise<IteratorResult<ExecutionResult, undefined>> {
    this.end();
    return Promise.reject(error instanceof Error ? error : new Error(String(error)));
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  [Symbol.asyncDispose](): Promise<void> {
    this.end();
    return Promise.resolve();
  }
}
