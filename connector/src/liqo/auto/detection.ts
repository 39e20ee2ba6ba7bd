/** Something that is made once, as soon as making it succeeds; whoever asks meanwhile waits for the same attempt. */
export class Detection<T> {
  private attempt: Promise<T> | undefined;
  private made: T | undefined;

  constructor(private readonly make: () => Promise<T>) {}

  /** Undefined before it was made. */
  get found(): T | undefined {
    return this.made;
  }

  /** @throws what the attempt throws; the next call tries again. */
  get(): Promise<T> {
    return (this.attempt ??= this.tryOnce());
  }

  private async tryOnce(): Promise<T> {
    try {
      return (this.made = await this.make());
    } catch (error) {
      this.attempt = undefined;
      throw error;
    }
  }
}
