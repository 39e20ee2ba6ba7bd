import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { verifyDescriptor } from "@catalog/schema/documents/descriptor";
import { DESCRIPTOR, type DescriptorResult } from "@catalog/schema/operations";
import { waitFor } from "@catalog/server/testing/wait-for";
import { availableOf, saveOffer } from "../federation/operations.js";
import { startFederation, type TestFederation } from "../federation/test-federation.js";
import { ask, MachineLine } from "../fuzz/machine-line.js";
import { enrol, publish } from "../fuzz/stranger-membership.js";
import { StrangerSeller } from "../fuzz/stranger-seller.js";
import { anOffer, Stranger } from "../fuzz/stranger.js";
import type { RunningConnector, RunningPart } from "../harness/federation.js";
import { installKinds } from "./fixtures/install-kinds.js";
import { startCluster, type TestCluster } from "./rig/clusters.js";
import { CONNECTOR_ACCOUNT, installConnectorAccount } from "./rig/connector-account.js";
import { type Inventory, inventoryOf, isLeftByLiqo } from "./rig/inventory.js";
import { newLiqoKeys } from "./stand-in/liqo-keys.js";
import { LiqoV1 } from "./stand-in/v1/liqo-v1.js";
import { HostileCustomer } from "./hostile-customer.js";

/** How long anything may take that servers do together, in ms. */
export const SOON = { timeoutMs: 45_000, intervalMs: 50 };
export const STOCK = 60;
const OFFER = {
  offerID: "general",
  offerName: "General purpose",
  offerType: "compute",
  approval: "AUTO",
  plans: [
    {
      planID: "small",
      planName: "Small",
      planCost: 0.05,
      planCostCurrency: "EUR",
      planCostPeriod: "hour",
      planQuantity: STOCK,
      resources: { cpu: "2", ram: "4Gi" },
    },
  ],
};
export const LIQO = { mode: "v1", version: "1.2.0" } as const;

/** A real Connector with a real API server and Liqo 1.x, in a Catalog where everybody else is a stranger with bad intentions. */
export class HostileWorld {
  private constructor(
    readonly cluster: TestCluster & { stop(): Promise<void> },
    readonly liqo: LiqoV1,
    private readonly running: TestFederation,
    private readonly folder: string,
  ) {}

  static async start(env: Readonly<Record<string, string>> = {}): Promise<HostileWorld> {
    const cluster = await startCluster();
    const folder = await mkdtemp(join(tmpdir(), "catalog-hostile-"));
    await installKinds(cluster.admin, "v1.2.0");
    const liqo = await LiqoV1.install(cluster, { clusterID: "rome" });
    const kubeconfig = join(folder, "kubeconfig");
    await writeFile(kubeconfig, await installConnectorAccount(cluster, "v1"), { mode: 0o600 });
    const running = await startFederation(["rome"], {
      LIQO_MODE: "v1",
      KUBECONFIG: kubeconfig,
      POD_NAMESPACE: CONNECTOR_ACCOUNT.namespace,
      PEERING_LOOK: "2s",
      TAKE_DOWN_GRACE: "2s",
      BUY_WAIT: "300ms",
      NEW_IDS_PER_MINUTE: "1000",
      ...env,
    });
    const world = new HostileWorld(cluster, liqo, running, folder);
    await saveOffer(world.rome.api, OFFER);
    await waitFor(async () => (await availableOf(world.broker.api, "rome", "general", "small")) === STOCK, SOON);
    return world;
  }

  get rome(): RunningConnector {
    return this.running.federation.connector("rome");
  }

  get broker(): RunningPart {
    return this.running.federation.broker;
  }

  /** Everything in the cluster; Liqo's own leavings are not counted. */
  inventory(): Promise<Inventory> {
    return inventoryOf(this.cluster.admin, isLeftByLiqo);
  }

  /** A new member that buys of the Connector. */
  async customer(clusterID: string): Promise<HostileCustomer> {
    const stranger = await Stranger.named(clusterID, clusterID);
    await this.join(stranger);
    return HostileCustomer.of(stranger, this.rome, this.broker);
  }

  async join(stranger: Stranger, descriptor: string = stranger.descriptor({ liqo: LIQO })): Promise<void> {
    const { createJoinString } = await this.broker.api.request<{ createJoinString: { join: string } }>(
      "mutation { createJoinString { join } }",
    );
    await enrol(stranger, createJoinString.join, { descriptor });
    await waitFor(async () => {
      const { knownClusters } = await this.rome.api.request<{ knownClusters: { fingerprint: string }[] }>(
        "{ knownClusters { fingerprint } }",
      );
      return knownClusters.some(({ fingerprint }) => fingerprint === stranger.fingerprint);
    }, SOON);
  }

  /** A new member of which the Connector can buy, with keys of a Liqo that is not there. */
  async seller(clusterID: string): Promise<StrangerSeller> {
    const stranger = await Stranger.named(clusterID, clusterID);
    const { descriptor } = await ask<DescriptorResult>(this.rome.contractEndpoint, DESCRIPTOR);
    const { publicKey } = newLiqoKeys();
    const seller = await StrangerSeller.listen(stranger, await verifyDescriptor(descriptor), { ...LIQO, publicKey });
    await this.join(stranger, seller.descriptor);
    const { url } = this.broker;
    const { broker } = await ask<{ broker: { fingerprint: string } }>(url, "{ broker { fingerprint } }");
    await publish(new MachineLine(stranger, url, broker.fingerprint), [seller.sell(anOffer("wares"))]);
    await waitFor(async () => (await availableOf(this.rome.api, clusterID, "wares", "one")) === 4, SOON);
    return seller;
  }

  async stop(): Promise<void> {
    await this.running.stop();
    await this.liqo.stop();
    await this.cluster.stop();
    await rm(this.folder, { recursive: true, force: true });
  }
}
