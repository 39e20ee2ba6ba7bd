import { setTimeout as sleep } from "node:timers/promises";
import type { Amounts, Trade } from "./trade-books.js";

const EVERY_MS = 150;
/** How long what was sold before may still be seen: a grant is written a moment after the contract has changed. */
const LAG_MS = 3_000;

interface Sold {
  readonly at: number;
  readonly amounts: Amounts;
}

/** Looks all the time whether a customer is ever given more than its active contracts give. */
export class GrantWatch {
  /** What was seen, and should not have been. */
  readonly excesses: string[] = [];
  observations = 0;
  readonly #stop = new AbortController();
  readonly #running: Promise<void>;
  #sold: readonly Sold[] = [];

  constructor(private readonly trade: Trade) {
    this.#running = this.#run();
  }

  async stop(): Promise<void> {
    this.#stop.abort();
    await this.#running;
  }

  async #run(): Promise<void> {
    while (!this.#stop.signal.aborted) {
      await this.#noteSold();
      const [given, onNode] = [await this.trade.granted(), (await this.trade.onNode()) ?? {}];
      await this.#noteSold();
      for (const amounts of [given, onNode]) this.#compare(amounts);
      this.observations++;
      await sleep(EVERY_MS);
    }
  }

  async #noteSold(): Promise<void> {
    const now = performance.now();
    const amounts = await this.trade.sold();
    this.#sold = [...this.#sold.filter(({ at }) => at > now - LAG_MS), { at: performance.now(), amounts }];
  }

  #compare(amounts: Amounts): void {
    for (const [name, amount] of Object.entries(amounts)) {
      const most = this.#sold.map((sold) => sold.amounts[name] ?? 0n).reduce((a, b) => (a > b ? a : b), 0n);
      if (amount > most) this.excesses.push(`${name}: ${amount} where ${most} was sold`);
    }
  }
}
