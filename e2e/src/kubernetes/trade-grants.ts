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
      const [given, onNode] = [await this.trade.granted(), (await this.trade.onNode()) ?? {}];
      const after = await this.trade.sold();
      if (settlements === this.#settlements) {
        this.#sold = [...this.#sold.slice(-1_000), before, after];
        for (const amounts of [given, onNode]) this.#compare(amounts);
        this.observations++;
      }
      await sleep(EVERY_MS);
    }
  }

  #compare(amounts: Amounts): void {
    for (const [name, amount] of Object.entries(amounts)) {
      const most = this.#sold.map((sold) => sold[name] ?? 0n).reduce((a, b) => (a > b ? a : b), 0n);
      if (amount > most) this.excesses.push(`${name}: ${amount} where ${most} was sold`);
    }
  }
}
