import type { Contract } from "../../domain/contract.js";
import type {
  DriverState,
  PeeringDriver,
  PeeringExchange,
  PeeringMessage,
  PeeringReport,
  PeeringTask,
} from "../../services/peerings/peering-ports.js";
import type { LiqoHere } from "./liqo-switch.js";

/** Peers on whichever Liqo is there; while none is, everything fails with the reason, which passes. */
export class SwitchedDriver implements PeeringDriver {
  constructor(private readonly liqoHere: LiqoHere<{ readonly peering: PeeringDriver }>) {}

  get mode(): string {
    return this.liqoHere.found?.peering.mode ?? "auto";
  }

  async reconcile(task: PeeringTask, exchange: PeeringExchange): Promise<PeeringReport> {
    return (await this.liqoHere.get()).peering.reconcile(task, exchange);
  }

  async answer(
    contract: Contract,
    message: PeeringMessage,
    state: DriverState,
  ): Promise<{ readonly reply: PeeringMessage; readonly state: DriverState }> {
    return (await this.liqoHere.get()).peering.answer(contract, message, state);
  }

  watch(onChange: (clusterID: string) => void, signal: AbortSignal): Promise<void> {
    return this.liqoHere.follow(({ peering }, until) => peering.watch(onChange, until), signal);
  }
}
