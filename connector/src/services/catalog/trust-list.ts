import type { TrustedCluster } from "../brokers/broker-ports.js";

/** Whom the admin trusts by hand, in memory; follows the table. */
export class TrustList {
  private readonly trusted = new Map<string, TrustedCluster>();

  load(all: readonly TrustedCluster[]): void {
    this.trusted.clear();
    for (const one of all) this.add(one);
  }

  add(one: TrustedCluster): void {
    this.trusted.set(one.fingerprint, one);
  }

  remove(fingerprint: string): void {
    this.trusted.delete(fingerprint);
  }

  has(fingerprint: string): boolean {
    return this.trusted.has(fingerprint);
  }

  get(fingerprint: string): TrustedCluster | undefined {
    return this.trusted.get(fingerprint);
  }
}
