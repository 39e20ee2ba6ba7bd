import { setTimeout as sleep } from "node:timers/promises";
import type { Amounts, Trade } from "./trade-books.js";

const EVERY_MS = 150;

/**
 * Looks all the time whether a customer is given more than its active contracts give. While contracts change, what was sold before may still be
 * seen for a moment: so the most of what was sold since the last {@link settled} counts.
 */
export class GrantWatch {
  /** What was seen, and should not have been. */
  readonly excesses: string[] = [];
  observations = 0;
  readonly #stop = new AbortController();
  readonly #running: Promise<void>;
  #sold: readonly Amounts[] = [];
  #settlements = 0;

  constructor(private readonly trade: Trade) {
    this.#running = this.#run();
  }

  /** Both clusters show what is sold now: from here on nothing else counts. */
  async settled(): Promise<void> {
    this.#sold = [await this.trade.sold()];
    this.#settlements++;
  }

  async stop(): Promise<void> {
    this.#stop.abort();
    await this.#running;
  }

  async #run(): Promise<void> {
    await this.settled();
    while (!this.#stop.signal.aborted) {
      const settlements = this.#settlements;
      const before = await this.trade.sold();
      const given = { slices: await this.trade.granted(), enforced: (await this.trade.offered()) ?? {} };
      const nodes = await this.trade.nodes();
      const after = await this.trade.sold();
      if (settlements === this.#settlements) {
        this.#sold = [...this.#sold.slice(-1_000), before, after];
        for (const [what, amounts] of Object.entries(given)) this.#compare(what, amounts);
        // Each alone: nodes of the customer's follow one after the other, and what they may run is what the provider enforces.
        for (const amounts of nodes) this.#compare("a node", amounts);
        this.observations++;
      }
      await sleep(EVERY_MS);
    }
  }

  #compare(what: string, amounts: Amounts): void {
    for (const [name, amount] of Object.entries(amounts)) {
      const most = this.#sold.map((sold) => sold[name] ?? 0n).reduce((a, b) => (a > b ? a : b), 0n);
      if (amount > most) this.excesses.push(`${what}: ${amount} of ${name} where ${most} was sold`);
    }
  }
}
