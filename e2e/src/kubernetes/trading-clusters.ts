import type { Federation, RunningConnector } from "../harness/federation.js";
import type { TestCluster } from "./rig/clusters.js";
import type { LiqoV1 } from "./stand-in/v1/liqo-v1.js";
import { type Party, TradeWorld } from "./trade-world.js";

/** One cluster with its Liqo and its Connector. */
export interface TradingCluster<Liqo> {
  readonly cluster: TestCluster;
  readonly liqo: Liqo;
  readonly clusterID: string;
  readonly clusterName: string;
  readonly connector: RunningConnector;
}

/** A provider and a consumer that know each other through a Broker. */
export interface TradingClusters<Liqo> {
  readonly provider: TradingCluster<Liqo>;
  readonly consumer: TradingCluster<Liqo>;
  readonly federation: Federation;
  stop(): Promise<void>;
}

/** Two clusters with Liqo 1.x, each driven by the real Connector with no rights but those of `npm run policies`. */
export async function startTradingV1(env: Readonly<Record<string, string>> = {}): Promise<TradingClusters<LiqoV1>> {
  const world = await TradeWorld.startV1({ env });
  const sideOf = (party: Party<LiqoV1>): TradingCluster<LiqoV1> => ({ ...party, clusterName: party.name });
  return {
    provider: sideOf(world.rome),
    consumer: sideOf(world.milan),
    federation: world.federation,
    stop: () => world.stop(),
  };
}
