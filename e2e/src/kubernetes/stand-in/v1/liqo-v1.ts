import type { TestCluster } from "../../rig/clusters.js";
import { Controllers, Disturbance, type ControllerFailure } from "../controllers.js";
import { type LiqoKeys, newLiqoKeys } from "../liqo-keys.js";
import { ConsumerControllers } from "./consumer.controllers.js";
import { ForeignClusterControllers } from "./foreign-cluster.controller.js";
import { IncomingSliceControllers } from "./incoming-slice.controller.js";
import { type Installation, installLiqoV1, uninstallLiqoV1 } from "./installation.js";
import type { LiqoSettings } from "./kinds.js";
import { NetworkControllers } from "./network.controllers.js";
import { NodeControllers } from "./node.controllers.js";
import { Replicator } from "./replicator.js";
import { TenantControllers } from "./tenant.controller.js";

export interface LiqoV1Options {
  readonly clusterID: string;
  readonly version?: string;
  /** Its own; new Ed25519 ones unless given. */
  readonly keys?: LiqoKeys;
  readonly podCidr?: string;
  readonly externalCidr?: string;
  readonly limitsEnforcement?: LiqoSettings["limitsEnforcement"];
}

/**
 * A stand-in for Liqo 1.x in one cluster, both sides of a peering: it installs what Liqo's chart installs and then does to the objects of the API what Liqo
 * does, with real keys, real certificates and real rights. It forwards no packets and runs no pods.
 */
export class LiqoV1 {
  readonly disturbance = new Disturbance();
  readonly #replicator: Replicator;
  readonly #controllers: Controllers;

  private constructor(
    private readonly cluster: TestCluster,
    readonly installation: Installation,
    settings: LiqoSettings,
  ) {
    const kube = cluster.admin;
    this.#replicator = new Replicator(kube, settings, () => this.#controllers.wake());
    this.#controllers = new Controllers(kube, this.disturbance, [
      ...new TenantControllers(kube, settings).specs,
      ...new IncomingSliceControllers(kube, settings).specs,
      ...new ConsumerControllers(kube, settings, installation.keys).specs,
      ...this.#replicator.specs,
      ...new NodeControllers(kube).specs,
      ...new ForeignClusterControllers(kube, settings.clusterID).specs,
      ...new NetworkControllers(kube).specs,
    ]);
  }

  /** Installs it and starts its controllers; its kinds must be there. */
  static async install(cluster: TestCluster, options: LiqoV1Options): Promise<LiqoV1> {
    const liqo = await LiqoV1.prepare(cluster, options);
    liqo.start();
    return liqo;
  }

  /** Installs it and leaves its controllers to {@link start}. */
  static async prepare(cluster: TestCluster, options: LiqoV1Options): Promise<LiqoV1> {
    const installation = {
      clusterID: options.clusterID,
      namespace: "liqo",
      version: options.version ?? "v1.2.0",
      keys: options.keys ?? newLiqoKeys(),
      podCidr: options.podCidr ?? "10.200.0.0/16",
      externalCidr: options.externalCidr ?? "10.201.0.0/16",
    };
    await installLiqoV1(cluster.admin, installation);
    return new LiqoV1(cluster, installation, {
      clusterID: options.clusterID,
      namespace: installation.namespace,
      apiServer: cluster.url,
      ca: cluster.ca,
      limitsEnforcement: options.limitsEnforcement ?? "None",
    });
  }

  get clusterID(): string {
    return this.installation.clusterID;
  }

  /** What its controllers could not do of late, the newest last. */
  get failures(): readonly ControllerFailure[] {
    return this.#controllers.failures;
  }

  start(): void {
    this.#controllers.start();
  }

  /** Its controllers end; what they made stays, as when Liqo's pods are gone. */
  async stop(): Promise<void> {
    await this.#controllers.stop();
    await this.#replicator.close();
  }

  async restart(): Promise<void> {
    await this.stop();
    this.start();
  }

  /** Stops it and removes what it installed; peerings must have been taken down before. */
  async uninstall(): Promise<void> {
    await this.stop();
    await uninstallLiqoV1(this.cluster.admin, this.installation);
  }
}
