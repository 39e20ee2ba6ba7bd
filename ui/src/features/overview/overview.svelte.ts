import type { AppContext } from "../../lib/app-context.ts";
import { LiveValue } from "../../lib/live/live-value.svelte.ts";
import {
  BROKERS_MOVED,
  CAPACITY,
  type CapacityShown,
  CONTRACTS_MOVED,
  FEDERATION,
  type FederationShown,
  FIGURES,
  type MonthFigures,
  NAME_MOVED,
  OFFERS_MOVED,
  PEERINGS_MOVED,
} from "./documents.ts";
import { monthUntil } from "./month.ts";

/** Changes that arrive together are read once. */
const GATHER_MS = 400;
/** Money and the use of nodes move without anybody being told. */
const REREAD_MS = 60_000;

/** What moves a part of the overview. */
type Cause = "contracts" | "peerings" | "brokers" | "offers" | "name";

/** Map, capacity and money: read anew whenever something has moved them. */
export class Overview {
  readonly federation: LiveValue<FederationShown>;
  readonly capacity: LiveValue<CapacityShown>;
  readonly month: LiveValue<MonthFigures>;
  #due = new Set<LiveValue<unknown>>();
  #gather: ReturnType<typeof setTimeout> | undefined;

  constructor(private readonly app: AppContext) {
    const { api, connection } = app;
    this.federation = new LiveValue({ load: async () => (await api.query(FEDERATION, {})).federation }, connection);
    this.capacity = new LiveValue({ load: () => api.query(CAPACITY, {}) }, connection);
    this.month = new LiveValue({ load: () => this.#readMonth() }, connection);
  }

  /** Begins; returns how to stop. */
  start(): () => void {
    const { federation, capacity, month } = this;
    const parts = [federation, capacity, month];
    const stops = [
      ...parts.map((part) => part.start()),
      ...this.#watch({
        contracts: parts,
        peerings: [federation],
        brokers: [federation],
        offers: [capacity],
        name: [federation],
      }),
    ];
    const timer = setInterval(() => {
      if (document.visibilityState === "visible") this.#move([capacity, month]);
    }, REREAD_MS);
    return () => {
      clearInterval(timer);
      clearTimeout(this.#gather);
      this.#gather = undefined;
      for (const stop of stops) stop();
    };
  }

  #watch(moved: Readonly<Record<Cause, readonly LiveValue<unknown>[]>>): (() => void)[] {
    const { api } = this.app;
    return [
      api.subscribe(CONTRACTS_MOVED, {}, { next: () => this.#move(moved.contracts) }),
      api.subscribe(PEERINGS_MOVED, {}, { next: () => this.#move(moved.peerings) }),
      api.subscribe(BROKERS_MOVED, {}, { next: () => this.#move(moved.brokers) }),
      api.subscribe(OFFERS_MOVED, {}, { next: () => this.#move(moved.offers) }),
      api.subscribe(NAME_MOVED, {}, { next: () => this.#move(moved.name) }),
    ];
  }

  #move(parts: readonly LiveValue<unknown>[]): void {
    for (const part of parts) this.#due.add(part);
    this.#gather ??= setTimeout(() => {
      this.#gather = undefined;
      const due = this.#due;
      this.#due = new Set();
      for (const part of due) void part.reload();
    }, GATHER_MS);
  }

  async #readMonth(): Promise<MonthFigures> {
    const { from, to } = monthUntil(Date.now() / 1000);
    return (await this.app.api.query(FIGURES, { from, to })).figures;
  }
}
