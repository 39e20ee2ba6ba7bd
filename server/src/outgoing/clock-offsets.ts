/** Largest correction of the own clock towards one peer, in seconds. */
const MAX_OFFSET = 300;
const MAX_PEERS = 2_000;

/** How far the clocks of peers are from ours, as they told when they refused a proof. */
export class ClockOffsets {
  private readonly offsets = new Map<string, number>();

  /** Seconds to add to the own clock when signing for `peer`. */
  of(peer: string): number {
    return this.offsets.get(peer) ?? 0;
  }

  /** Learns from a refusal. False if the peer's clock is too far away to follow, or was not told. */
  learn(peer: string, serverTime: unknown, now: number): boolean {
    if (typeof serverTime !== "number" || Math.abs(serverTime - now) > MAX_OFFSET) return false;
    this.offsets.delete(peer);
    this.offsets.set(peer, Math.round(serverTime - now));
    if (this.offsets.size > MAX_PEERS) {
      const oldest = this.offsets.keys().next();
      if (oldest.done !== true) this.offsets.delete(oldest.value);
    }
    return true;
  }
}
