import { delay } from "@catalog/server/backoff";
import type { Logger } from "@catalog/server/log";
import { periodicTask, type Task } from "@catalog/server/tasks";
import { canonicalJson } from "../../domain/canonical-json.js";
import { seconds } from "../../domain/contract-change.js";
import type { NodePool } from "../../domain/node-pools.js";
import type { LedgerUnit, Transact } from "../contracts/ledger-ports.js";
import type { Changes, ClusterDriver } from "../ports.js";

/** How the cluster is measured. */
export interface MeterSettings {
  readonly everyMs: number;
  /** What resources of offers are called in Kubernetes. */
  readonly resourceNames: Readonly<Record<string, string>>;
}

/** A measurement counts for so many periods: a few failures in a row do not stop the sale. */
const PERIODS = 4;
/** Sales change what MEASURED offers have left; that is looked at so often at most, in ms. */
const RESTOCK_EVERY_MS = 1_000;

/**
 * Reads what the cluster has and uses, outside of any sale, and keeps it for the transactions that need it. What MEASURED offers have left is
 * published anew when that, or what is sold, has changed.
 */
export class CapacityMeter {
  /** To be started once the database is there. */
  readonly tasks: readonly Task[];
  private isSold = true;

  constructor(
    private readonly transact: Transact<LedgerUnit>,
    private readonly driver: Pick<ClusterDriver, "capacity" | "mode">,
    private readonly changes: Changes,
    private readonly settings: MeterSettings,
    private readonly log: Logger,
  ) {
    this.tasks = [
      periodicTask("measure the cluster", settings.everyMs, () => this.measure(), { log, jitter: 0.1 }),
      { name: "stock of MEASURED offers", run: (signal) => this.followSales(signal) },
    ];
  }

  /** Reads the cluster and keeps what it found, or why it could not. */
  async measure(): Promise<void> {
    const found = await this.read();
    await this.transact(async (unit) => {
      const before = await unit.capacity.state();
      const isKnown = before.validUntil !== null && before.validUntil > seconds(unit.now);
      if (typeof found === "string") {
        if (found !== before.problem) await unit.capacity.saveProblem(found);
        if (!isKnown) await restockMeasured(unit);
        return;
      }
      const { everyMs, resourceNames } = this.settings;
      const measured = { pools: found, resourceNames };
      const validUntil = seconds(unit.now) + Math.ceil((everyMs * PERIODS) / 1000);
      await unit.capacity.saveMeasured(measured, validUntil);
      const isSame = isKnown && textOf(before.measured?.pools ?? []) === textOf(found);
      if (!isSame) await restockMeasured(unit);
    });
  }

  /** The same, unless the last measurement is younger than `ageMs`. */
  async measureOlderThan(ageMs: number): Promise<void> {
    const { measuredAt, problem } = await this.transact((unit) => unit.capacity.state());
    const isYoung = measuredAt !== null && problem === null && Date.now() - measuredAt * 1000 < ageMs;
    if (!isYoung) await this.measure();
  }

  /** Publishes what MEASURED offers have left, if something was sold or ended since. */
  async restock(): Promise<void> {
    if (!this.isSold) return;
    this.isSold = false;
    await this.transact(restockMeasured);
  }

  private async followSales(signal: AbortSignal): Promise<void> {
    const mark = (): void => void (this.isSold = true);
    const stop = [this.changes.on("contract", mark), this.changes.on("grant", mark)];
    try {
      while (!signal.aborted) {
        await this.restock();
        await delay(RESTOCK_EVERY_MS, signal);
      }
    } finally {
      for (const end of stop) end();
    }
  }

  /** The pools, or in words why they are not known. */
  private async read(): Promise<readonly NodePool[] | string> {
    try {
      return (await this.driver.capacity()) ?? unmeasured(this.driver.mode);
    } catch (error) {
      this.log.warn({ err: error }, "the capacity of the cluster cannot be read");
      const reason = error instanceof Error ? error.message : String(error);
      return `nodes and pods cannot be read: ${reason}`;
    }
  }
}

function unmeasured(mode: string): string {
  return mode === "manual"
    ? "with LIQO_MODE=manual nobody looks into a cluster."
    : "Liqo has not been found in this cluster yet.";
}

/** Each is published only if what is left of it differs from what was published. */
async function restockMeasured(unit: LedgerUnit): Promise<void> {
  for (const offerID of await unit.capacity.measuredOffers())
    await unit.outbox.add({ kind: "restock", subject: offerID });
}

function textOf(pools: readonly NodePool[]): string {
  return canonicalJson(
    JSON.parse(JSON.stringify(pools, (_, value: unknown) => (typeof value === "bigint" ? String(value) : value))),
  );
}
