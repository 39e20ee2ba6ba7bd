/** Size of every bucket of one {@link TokenBuckets}. */
export interface BucketOptions {
  /** What may be taken at once from a full bucket. */
  readonly burst: number;
  readonly perSecond: number;
  /** Buckets remembered; beyond it the one unused for longest is forgotten, that is, full again. Default 10,000. */
  readonly maxKeys?: number;
  /** Monotonic milliseconds; `performance.now` unless given. */
  readonly monotonicMs?: () => number;
}

interface Bucket {
  tokens: number;
  at: number;
}

/** Rate limits per key in bounded memory. Source: the token bucket of RFC 2697, counted in requests. */
export class TokenBuckets {
  private readonly buckets = new Map<string, Bucket>();
  private readonly maxKeys: number;
  private readonly monotonicMs: () => number;

  constructor(private readonly options: BucketOptions) {
    this.maxKeys = options.maxKeys ?? 10_000;
    this.monotonicMs = options.monotonicMs ?? (() => performance.now());
  }

  /** Takes `count` tokens. Returns 0 if they were there, else, taking nothing, the seconds after which they will be. */
  take(key: string, count = 1): number {
    const bucket = this.refilled(key);
    if (bucket.tokens >= count) {
      bucket.tokens -= count;
      return 0;
    }
    return (count - bucket.tokens) / this.options.perSecond;
  }

  /** Puts back what was taken for something that does not count after all. */
  giveBack(key: string, count = 1): void {
    const bucket = this.refilled(key);
    bucket.tokens = Math.min(this.options.burst, bucket.tokens + count);
  }

  private refilled(key: string): Bucket {
    const now = this.monotonicMs();
    const known = this.buckets.get(key);
    const { burst, perSecond } = this.options;
    const tokens = known === undefined ? burst : Math.min(burst, known.tokens + ((now - known.at) / 1_000) * perSecond);
    const bucket = { tokens, at: now };
    this.buckets.delete(key);
    this.buckets.set(key, bucket);
    this.forgetBeyondBound();
    return bucket;
  }

  private forgetBeyondBound(): void {
    if (this.buckets.size <= this.maxKeys) return;
    const oldest = this.buckets.keys().next();
    if (oldest.done !== true) this.buckets.delete(oldest.value);
  }
}
