import { CatalogError } from "@catalog/schema/errors";
import { TokenBuckets } from "../../limits/token-buckets.js";

/** How many failed attempts to sign in are let through. */
export interface SignInBounds {
  /** Of one address: at once, and per second. */
  readonly address: { readonly burst: number; readonly perSecond: number };
  /** Of all together. */
  readonly all: { readonly burst: number; readonly perSecond: number };
}

export const SIGN_IN_BOUNDS: SignInBounds = {
  address: { burst: 10, perSecond: 0.1 },
  all: { burst: 100, perSecond: 2 },
};

const ALL = "all";

/** Bounds how fast tokens can be guessed: per address and in all. Only attempts that fail count. */
export class SignInLimit {
  private readonly addresses: TokenBuckets;
  private readonly all: TokenBuckets;

  constructor(bounds: SignInBounds = SIGN_IN_BOUNDS, monotonicMs?: () => number) {
    const time = monotonicMs === undefined ? {} : { monotonicMs };
    this.addresses = new TokenBuckets({ ...bounds.address, ...time });
    this.all = new TokenBuckets({ ...bounds.all, maxKeys: 1, ...time });
  }

  /** Runs an attempt; undefined means that it failed. Throws RATE_LIMITED, without running it, beyond the bounds. */
  async attempt<T>(address: string, run: () => Promise<T | undefined>): Promise<T | undefined> {
    this.take(this.addresses, address);
    this.take(this.all, ALL);
    const result = await run().catch((error: unknown) => {
      this.giveBack(address);
      throw error;
    });
    if (result !== undefined) this.giveBack(address);
    return result;
  }

  private take(buckets: TokenBuckets, key: string): void {
    const retryAfter = Math.ceil(buckets.take(key));
    if (retryAfter > 0)
      throw new CatalogError("RATE_LIMITED", "Too many failed attempts to sign in; wait a while.", { retryAfter });
  }

  private giveBack(address: string): void {
    this.addresses.giveBack(address);
    this.all.giveBack(ALL);
  }
}
