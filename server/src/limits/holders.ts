/** Counts how many of something each key holds at once, and refuses beyond a limit. */
export class Holders {
  private readonly counts = new Map<string, number>();

  constructor(private readonly limit: number) {}

  /** Takes one for `key`: the function that gives it back (calls after the first do nothing), or undefined at the limit. */
  acquire(key: string): (() => void) | undefined {
    const held = this.counts.get(key) ?? 0;
    if (held >= this.limit) return undefined;
    this.counts.set(key, held + 1);
    let isHeld = true;
    return () => {
      if (isHeld) this.release(key);
      isHeld = false;
    };
  }

  private release(key: string): void {
    const held = this.counts.get(key) ?? 0;
    if (held > 1) this.counts.set(key, held - 1);
    else this.counts.delete(key);
  }
}
