import { CatalogError } from "@catalog/schema/errors";
import type { PeerClient } from "../services/ports.js";

/** Random numbers from a seed (mulberry32), so that a run can be repeated. */
export function seeded(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), state | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}

/** A network that loses, repeats and delays calls and answers until it is healed. */
export class ChaosNetwork {
  isHealed = false;
  /** Calls that arrive much later than they were sent, when their caller has long given up. */
  private readonly stragglers: (() => Promise<unknown>)[] = [];

  constructor(private readonly random: () => number) {}

  wrap(direct: PeerClient): PeerClient {
    return new Proxy(direct, {
      get:
        (target, name: keyof PeerClient) =>
        async (...call: never[]) => {
          const send = (): Promise<unknown> => (target[name] as (...args: never[]) => Promise<unknown>)(...call);
          if (this.isHealed) return send();
          const fate = this.random();
          if (fate < 0.12) throw lost("the call was lost");
          if (fate < 0.24) {
            this.stragglers.push(send);
            throw lost("the call is late");
          }
          if (fate < 0.36) {
            await send();
            throw lost("the answer was lost");
          }
          if (fate < 0.46) await send();
          if (fate < 0.56) this.stragglers.push(send);
          return send();
        },
    });
  }

  /** Lets one of the late calls arrive, in any order; nobody listens to its answer. */
  async deliverOne(): Promise<void> {
    const [send] = this.stragglers.splice(Math.floor(this.random() * this.stragglers.length), 1);
    await send?.().catch(() => undefined);
  }

  async deliverAll(): Promise<void> {
    while (this.stragglers.length > 0) await this.deliverOne();
  }
}

function lost(message: string): CatalogError {
  return new CatalogError("PEER_UNREACHABLE", message);
}
