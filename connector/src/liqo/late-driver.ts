import { Backoff, delay } from "@catalog/server/backoff";
import type { Logger } from "@catalog/server/log";
import type { Contract } from "../domain/contract.js";
import type {
  DriverState,
  PeeringDriver,
  PeeringExchange,
  PeeringMessage,
  PeeringReport,
  PeeringTask,
} from "../services/peerings/peering-ports.js";

/**
 * A driver that can only be made once Liqo is there. Until then everything that is asked of it fails with the reason, which passes; the watch
 * begins when the driver is there.
 */
export class LateDriver implements PeeringDriver {
  private made: PeeringDriver | undefined;

  /** @param make throws a transient CatalogError while Liqo is not there. */
  constructor(
    readonly mode: string,
    private readonly make: () => Promise<PeeringDriver>,
    private readonly log: Logger,
  ) {}

  async reconcile(task: PeeringTask, exchange: PeeringExchange): Promise<PeeringReport> {
    return (await this.driver()).reconcile(task, exchange);
  }

  async answer(
    contract: Contract,
    message: PeeringMessage,
    state: DriverState,
  ): Promise<{ readonly reply: PeeringMessage; readonly state: DriverState }> {
    return (await this.driver()).answer(contract, message, state);
  }

  async watch(onChange: (clusterID: string) => void, signal: AbortSignal): Promise<void> {
    const driver = await untilThere(() => this.driver(), this.log, signal);
    await driver?.watch(onChange, signal);
  }

  private async driver(): Promise<PeeringDriver> {
    return (this.made ??= await this.make());
  }
}

/** Tries until it succeeds; undefined when the signal aborts first. The first failure is logged, and the success after it. */
export async function untilThere<T>(
  attempt: () => Promise<T>,
  log: Logger,
  signal: AbortSignal,
): Promise<T | undefined> {
  const backoff = new Backoff();
  let hasFailed = false;
  while (!signal.aborted) {
    try {
      const result = await attempt();
      if (hasFailed) log.info("Liqo is there");
      return result;
    } catch (error) {
      if (!hasFailed) log.warn({ err: error }, "Liqo is not there yet; it is waited for");
      hasFailed = true;
      await delay(backoff.next(), signal);
    }
  }
  return undefined;
}
