/** A bell: rings while nobody waits are remembered as one. */
export class WakeUp {
  private isRung = false;
  private wakeWaiter: (() => void) | undefined;

  ring(): void {
    this.isRung = true;
    this.wakeWaiter?.();
  }

  /** Resolves at the next ring, or at one since the last wait, or when the signal aborts, or after `ms` where given. One waiter at a time. */
  async wait(signal: AbortSignal, ms?: number): Promise<void> {
    if (!this.isRung && !signal.aborted) {
      await new Promise<void>((resolve) => {
        const timer = ms === undefined ? undefined : setTimeout(resolve, ms);
        this.wakeWaiter = () => {
          clearTimeout(timer);
          resolve();
        };
        signal.addEventListener("abort", this.wakeWaiter, { once: true });
      });
      if (this.wakeWaiter !== undefined) signal.removeEventListener("abort", this.wakeWaiter);
      this.wakeWaiter = undefined;
    }
    this.isRung = false;
  }
}
