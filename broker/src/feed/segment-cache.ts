/** What has a size and may be kept for others. */
interface Sized {
  readonly bytes: number;
}

/** Keeps what was made lately, by key: at most so many bytes, for at most so long. What is oldest goes first. */
export class SegmentCache<T extends Sized> {
  private readonly kept = new Map<string, { readonly value: T; readonly until: number }>();
  private size = 0;

  constructor(
    private readonly maxBytes: number,
    private readonly maxAgeMs: number,
  ) {}

  /** Bytes that are kept now. */
  get bytes(): number {
    return this.size;
  }

  get(key: string): T | undefined {
    const found = this.kept.get(key);
    if (found === undefined || found.until < performance.now()) return undefined;
    return found.value;
  }

  set(key: string, value: T): void {
    this.remove(key);
    this.kept.set(key, { value, until: performance.now() + this.maxAgeMs });
    this.size += value.bytes;
    for (const oldest of this.kept.keys()) {
      if (this.size <= this.maxBytes) break;
      this.remove(oldest);
    }
  }

  /** Drops what is too old. */
  expire(): void {
    const now = performance.now();
    for (const [key, { until }] of this.kept) {
      if (until >= now) break; // insertion order is order of age
      this.remove(key);
    }
  }

  private remove(key: string): void {
    const found = this.kept.get(key);
    if (found === undefined) return;
    this.kept.delete(key);
    this.size -= found.value.bytes;
  }
}
