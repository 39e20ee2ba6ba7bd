import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Descriptor, verifyDescriptor } from "@catalog/schema/documents/descriptor";
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
import { CONNECTOR_ACCOUNT, type Generation, installConnectorAccount } from "./rig/connector-account.js";
import { type Inventory, inventoryOf, isLeftByLiqo } from "./rig/inventory.js";
import type { KubeObject } from "./rig/kube-object.js";
import { newLiqoKeys } from "./stand-in/liqo-keys.js";
import { LiqoV0 } from "./stand-in/v0/liqo-v0.js";
import { LiqoV1 } from "./stand-in/v1/liqo-v1.js";
import { HostileCustomer } from "./hostile-customer.js";
import { isLeftByLiqoV0 } from "./trade-world.js";

/** How long anything may take that servers do together, in ms. */
export const SOON = { timeoutMs: 120_000, intervalMs: 50 };
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
/** What descriptors and contracts say of the Liqo of everybody in such a world. */
export interface ToldLiqo {
  readonly mode: string;
  readonly version: string;
}
const LIQO: ToldLiqo = { mode: "v1", version: "1.2.0" };
type HostedCluster = TestCluster & { stop(): Promise<void> };

/** What differs between the generations. */
interface Kind<Liqo> {
  readonly generation: Generation;
  readonly told: ToldLiqo;
  readonly install: (cluster: TestCluster) => Promise<Liqo>;
  readonly isLeft: (object: KubeObject) => boolean;
}

/** A real Connector with a real API server and a Liqo, in a Catalog where everybody else is a stranger with bad intentions. */
export class HostileWorld<Liqo extends { stop(): Promise<void> } = LiqoV1> {
  private constructor(
    readonly cluster: HostedCluster,
    readonly liqo: Liqo,
    private readonly kind: Kind<Liqo>,
    private readonly running: TestFederation,
    private readonly folder: string,
  ) {}

  /** With Liqo 1.2. */
  static start(env: Readonly<Record<string, string>> = {}): Promise<HostileWorld> {
    const install = (cluster: TestCluster): Promise<LiqoV1> => LiqoV1.install(cluster, { clusterID: "rome" });
    return HostileWorld.#start({ generation: "v1", told: LIQO, install, isLeft: isLeftByLiqo }, env);
  }

  /** With Liqo 0.8, which asks nobody what it may give. */
  static startV0(env: Readonly<Record<string, string>> = {}): Promise<HostileWorld<LiqoV0>> {
    const options = { clusterID: "rome", clusterName: "rome", version: "v0.8.1" };
    const install = (cluster: TestCluster): Promise<LiqoV0> => LiqoV0.install(cluster, options);
    const told = { mode: "v0.8", version: "0.8.1" };
    return HostileWorld.#start({ generation: "v0", told, install, isLeft: isLeftByLiqoV0 }, env);
  }

  static async #start<Liqo extends { stop(): Promise<void> }>(
    kind: Kind<Liqo>,
    env: Readonly<Record<string, string>>,
  ): Promise<HostileWorld<Liqo>> {
    const cluster = await startCluster();
    const folder = await mkdtemp(join(tmpdir(), "catalog-hostile-"));
    await installKinds(cluster.admin, kind.generation === "v0" ? "v0.8.1" : "v1.2.0");
    const liqo = await kind.install(cluster);
    const kubeconfig = join(folder, "kubeconfig");
    await writeFile(kubeconfig, await installConnectorAccount(cluster, kind.generation), { mode: 0o600 });
    const running = await startFederation(["rome"], {
      LIQO_MODE: kind.told.mode,
      KUBECONFIG: kubeconfig,
      POD_NAMESPACE: CONNECTOR_ACCOUNT.namespace,
      PEERING_LOOK: "2s",
      TAKE_DOWN_GRACE: "2s",
      BUY_WAIT: "300ms",
      NEW_IDS_PER_MINUTE: "1000",
      ...env,
    });
    const world = new HostileWorld(cluster, liqo, kind, running, folder);
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
    return inventoryOf(this.cluster.admin, this.kind.isLeft);
  }

  /** A new member that buys of the Connector. */
  async customer(clusterID: string): Promise<HostileCustomer> {
    const stranger = await Stranger.named(clusterID, clusterID);
    await this.join(stranger);
    return HostileCustomer.of(stranger, this.rome, this.broker, this.kind.told);
  }

  async join(stranger: Stranger, descriptor: string = stranger.descriptor({ liqo: this.kind.told })): Promise<void> {
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

  /** How the Connector describes itself. */
  async descriptor(): Promise<Descriptor> {
    return verifyDescriptor((await ask<DescriptorResult>(this.rome.contractEndpoint, DESCRIPTOR)).descriptor);
  }

  /** A new member of which the Connector can buy, with keys of a Liqo that is not there. */
  async seller(clusterID: string): Promise<StrangerSeller> {
    const stranger = await Stranger.named(clusterID, clusterID);
    const key = this.kind.generation === "v1" ? { publicKey: newLiqoKeys().publicKey } : {};
    const seller = await StrangerSeller.listen(stranger, await this.descriptor(), { ...this.kind.told, ...key });
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
