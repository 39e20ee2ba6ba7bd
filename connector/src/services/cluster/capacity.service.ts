import { addAmounts, type Amounts, amountOf } from "@catalog/schema/resource-list";
import {
  declaredRest,
  excessOf,
  type KnownCapacity,
  type LedgerCapacity,
  ledgerCapacity,
} from "../../domain/capacity.js";
import { formatAmount } from "../../domain/format-amount.js";
import { freeIn, type NodePool, roomIn } from "../../domain/node-pools.js";
import { type OfferSuggestions, suggestOffers } from "../../domain/suggest-offers.js";
import type { LedgerUnit, Transact } from "../contracts/ledger-ports.js";
import type { CapacityMeter, MeterSettings } from "./capacity-meter.js";
import { capacityView } from "./capacity-view.js";

/** How one resource stands in some nodes that are alike, in Kubernetes quantities. */
export interface PoolCapacity {
  readonly pool: string;
  readonly labels: NodePool["labels"];
  readonly nodes: number;
  readonly allocatable: string;
  readonly used: string;
  readonly free: string;
}

/** How one resource stands, in Kubernetes quantities. */
export interface ResourceCapacity {
  /** Kubernetes' name. */
  readonly resource: string;
  /** What the nodes have; null where nobody can tell. */
  readonly allocatable: string | null;
  /** What is in use on them; null where nobody can tell. */
  readonly used: string | null;
  /** What the own offers declare in all. */
  readonly declared: string;
  /** What contracts hold. */
  readonly sold: string;
  /** What can still be sold. */
  readonly left: string;
  /** What the nodes have beside their own pods and what is promised to others; null where nobody can tell, negative where it is too much. */
  readonly free: string | null;
  /** What contracts hold beyond what exists; null where nobody can tell. */
  readonly overcommitted: string | null;
  /** What would be missing if all that DECLARED offers have left were sold; null where nobody can tell. */
  readonly overdeclared: string | null;
  readonly pools: readonly PoolCapacity[];
}

/** What the admin wants of the capacity, and since when it is known. */
export interface CapacityPolicy {
  readonly refuseBeyondCapacity: boolean;
  /** Unix seconds; null before the first measurement. */
  readonly measuredAt: number | null;
  /** Why what the cluster has is not known now; null if it is. */
  readonly unknownBecause: string | null;
}

/** What of the capacity needs the admin's attention. */
export interface CapacityFinding extends CapacityPolicy {
  readonly overcommitted: readonly string[];
  readonly overdeclared: readonly string[];
  readonly hasMeasuredOffers: boolean;
}

/** A question of the admin is answered with what is at most so old, in ms. */
const FRESH_MS = 5_000;

/** What this cluster has, sells and has sold. */
export class CapacityService {
  constructor(
    private readonly transact: Transact<LedgerUnit>,
    private readonly meter: CapacityMeter,
    private readonly settings: Pick<MeterSettings, "resourceNames">,
  ) {}

  /** The same as it is now. */
  async capacity(): Promise<readonly ResourceCapacity[]> {
    await this.meter.measureOlderThan(FRESH_MS);
    return this.resources();
  }

  /** One entry for each resource that the cluster has, offers or has sold, by name; as it was measured last. */
  async resources(): Promise<readonly ResourceCapacity[]> {
    const { known, ledger, rest } = await this.transact((unit) => this.standing(unit));
    const sums = known === null ? null : sumsOf(known, rest);
    const names = new Set(
      [ledger.declared, ledger.sold, ledger.left, sums?.allocatable ?? {}].flatMap((amounts) => Object.keys(amounts)),
    );
    return [...names].sort().map((resource) => {
      const text = (amounts: Amounts): string => formatAmount(resource, amountOf(amounts, resource));
      return {
        resource,
        allocatable: sums && text(sums.allocatable),
        used: sums && text(sums.used),
        declared: text(ledger.declared),
        sold: text(ledger.sold),
        left: text(ledger.left),
        free: sums && text(sums.free),
        overcommitted: sums && text(sums.overcommitted),
        overdeclared: sums && text(sums.overdeclared),
        pools: known === null ? [] : poolsOf(known, resource),
      };
    });
  }

  policy(): Promise<CapacityPolicy> {
    return this.transact(policyIn);
  }

  /**
   * Says whether anything may be sold or declared beyond what the cluster has. Contracts that exist stay; offers that promise too much stay
   * too, and nothing more of them is sold.
   */
  setPolicy(isRefusing: boolean, actor: string): Promise<CapacityPolicy> {
    return this.transact(async (unit) => {
      if ((await unit.capacity.isRefusing()) === isRefusing) return policyIn(unit);
      await unit.capacity.setRefusing(isRefusing);
      const message = isRefusing
        ? "Nothing is sold or declared any more beyond what the cluster has"
        : "DECLARED offers may promise more than the cluster has";
      await unit.activity.add({ actor, action: "capacity.policy", subject: "capacity", message });
      return policyIn(unit);
    });
  }

  /** Offers of what is free, ready for saveOffer once they have a price. */
  async suggest(): Promise<OfferSuggestions> {
    await this.meter.measureOlderThan(FRESH_MS);
    return this.transact(async (unit) => {
      const { known, problem } = await capacityView(unit);
      const offers = (await unit.offers.list()).map(({ offer }) => offer);
      return suggestOffers(known ?? problem, offers, await unit.stock.all());
    });
  }

  /** What is wrong, from the last measurement: nothing is read from the cluster. */
  finding(): Promise<CapacityFinding> {
    return this.transact(async (unit) => {
      const { known, rest } = await this.standing(unit);
      const excess = known === null ? { overcommitted: {}, overdeclared: {} } : excessOf(known, rest);
      return {
        ...(await policyIn(unit)),
        overcommitted: words(excess.overcommitted),
        overdeclared: words(excess.overdeclared),
        hasMeasuredOffers: (await unit.capacity.measuredOffers()).length > 0,
      };
    });
  }

  private async standing(
    unit: LedgerUnit,
  ): Promise<{ readonly known: KnownCapacity | null; readonly ledger: LedgerCapacity; readonly rest: Amounts }> {
    const { known } = await capacityView(unit);
    const own = await unit.offers.list();
    const stocks = await unit.stock.all();
    const ledger = ledgerCapacity(own, stocks, await unit.capacity.held(), this.settings, known);
    const rest = declaredRest(
      own.map(({ offer }) => offer),
      stocks,
      this.settings,
    );
    return { known, ledger, rest };
  }
}

async function policyIn(unit: LedgerUnit): Promise<CapacityPolicy> {
  const { isRefusing, measuredAt } = await unit.capacity.state();
  const { known, problem } = await capacityView(unit);
  return { refuseBeyondCapacity: isRefusing, measuredAt, unknownBecause: known === null ? problem : null };
}

function sumsOf(
  known: KnownCapacity,
  rest: Amounts,
): Record<"allocatable" | "used" | "free" | "overcommitted" | "overdeclared", Amounts> {
  const { pools, commitments } = known;
  return {
    allocatable: pools.map((pool) => pool.allocatable).reduce(addAmounts, {}),
    used: pools.map((pool) => pool.used).reduce(addAmounts, {}),
    free: freeIn(pools, commitments),
    ...excessOf(known, rest),
  };
}

function poolsOf({ pools, commitments }: KnownCapacity, resource: string): readonly PoolCapacity[] {
  return pools
    .filter(({ allocatable }) => Object.hasOwn(allocatable, resource))
    .map((pool) => {
      const text = (amounts: Amounts): string => formatAmount(resource, amountOf(amounts, resource));
      const { name, labels, nodes, allocatable, used } = pool;
      const free = roomIn([pool], pools, commitments);
      return { pool: name, labels, nodes, allocatable: text(allocatable), used: text(used), free: text(free) };
    });
}

function words(amounts: Amounts): readonly string[] {
  return Object.entries(amounts).map(([name, amount]) => `${formatAmount(name, amount)} of ${name}`);
}
