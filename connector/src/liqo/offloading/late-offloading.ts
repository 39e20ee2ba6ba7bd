import type { PeerUsage } from "../../domain/end-rehearsal.js";
import type {
  NamespaceReport,
  NamespaceTask,
  OffloadingByHand,
  OffloadingDriver,
} from "../../services/offloading/offloading-ports.js";
import type { PeeringSide } from "../../services/peerings/peering-ports.js";
import type { LiqoHere } from "../auto/liqo-switch.js";

/** Offloading in a cluster whose Liqo is not known beforehand: until it was found everything fails with the reason, which passes. */
export class LateOffloading implements OffloadingDriver {
  constructor(private readonly liqoHere: LiqoHere<{ readonly offloading: OffloadingDriver }>) {}

  async check(task: NamespaceTask): Promise<void> {
    await (await this.find()).check(task);
  }

  async reconcile(task: NamespaceTask): Promise<NamespaceReport> {
    return (await this.find()).reconcile(task);
  }

  async byHand(task: NamespaceTask): Promise<OffloadingByHand | null> {
    return (await this.find()).byHand(task);
  }

  async usage(side: PeeringSide, clusterID: string): Promise<PeerUsage | null> {
    return (await this.find()).usage(side, clusterID);
  }

  async watch(onChange: (namespace: string) => void, signal: AbortSignal): Promise<void> {
    await this.liqoHere.follow(({ offloading }, until) => offloading.watch(onChange, until), signal);
  }

  private async find(): Promise<OffloadingDriver> {
    return (await this.liqoHere.get()).offloading;
  }
}
