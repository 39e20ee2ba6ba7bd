import { randomBytes } from "node:crypto";
import type { TestCluster } from "../../rig/clusters.js";
import { base64, type KubeObject } from "../../rig/kube-object.js";
import { type ControllerFailure, Controllers, Disturbance } from "../controllers.js";
import { newLiqoKeys } from "../liqo-keys.js";
import { removeAll } from "../objects.js";
import { controllerManager } from "../v1/installation.js";
import { AuthService, TENANT_ROLE_V0 } from "./auth-service.js";
import { IncomingControllers } from "./incoming.controller.js";
import { type LiqoSettings, NAMESPACE, SECRET } from "./kinds.js";
import { OutgoingControllers } from "./outgoing.controller.js";
import { PeerLinks } from "./peer-link.js";
import { type PluginWire, ResourcePluginClient } from "./resource-plugin.js";
import { VirtualNodes } from "./virtual-nodes.js";

export interface LiqoV0Options {
  readonly clusterID: string;
  readonly clusterName: string;
  /** `v0.8.1` or `v0.10.3` by default, as the wire says. */
  readonly version?: string;
  /** host:port of the resource plugin and what it speaks; without it this cluster can only consume. */
  readonly plugin?: { readonly address: string; readonly wire: PluginWire };
  /** Whether whoever has the token may peer without being let in; Liqo's own default is true. */
  readonly isIncomingByDefault?: boolean;
}

const VERBS = ["get", "list", "watch", "create", "update", "patch", "delete"];

/**
 * A stand-in for Liqo 0.7 to 0.10 in one cluster, both sides of a peering: a real authentication service on loopback, real certificates and rights, and
 * Liqo's own calls to the resource plugin.
 */
export class LiqoV0 {
  readonly disturbance = new Disturbance();
  readonly auth: AuthService;
  readonly #incoming: IncomingControllers;
  readonly #outgoing: OutgoingControllers;
  readonly #links: PeerLinks;
  readonly #controllers: Controllers;
  #plugin: ResourcePluginClient | undefined;
  #hasAddress = true;

  private constructor(
    private readonly cluster: TestCluster,
    private readonly settings: LiqoSettings,
    private readonly options: LiqoV0Options,
  ) {
    const kube = cluster.admin;
    this.auth = new AuthService(kube, settings);
    this.#links = new PeerLinks(kube, settings, newLiqoKeys());
    this.#incoming = new IncomingControllers(kube, settings, () => this.#plugin);
    this.#outgoing = new OutgoingControllers(kube, settings, this.#links, new VirtualNodes(kube), () =>
      this.#hasAddress ? this.auth.url : undefined,
    );
    this.#controllers = new Controllers(kube, this.disturbance, [...this.#incoming.specs, ...this.#outgoing.specs]);
  }

  /** Installs it and starts its controllers; its kinds must be there. Throws if the resource plugin cannot be reached within 3 s. */
  static async install(cluster: TestCluster, options: LiqoV0Options): Promise<LiqoV0> {
    const liqo = await LiqoV0.prepare(cluster, options);
    await liqo.start();
    return liqo;
  }

  /** Installs it with its authentication service, and leaves its controllers to {@link start}: the resource plugin need not be there yet. */
  static async prepare(cluster: TestCluster, options: LiqoV0Options): Promise<LiqoV0> {
    const { clusterID, clusterName, isIncomingByDefault = true } = options;
    const { url: apiServer, ca } = cluster;
    const settings = { clusterID, clusterName, namespace: "liqo", apiServer, ca, isIncomingByDefault };
    const liqo = new LiqoV0(cluster, settings, options);
    await liqo.auth.start();
    for (const object of liqo.#objects(randomBytes(64).toString("hex"))) await cluster.admin.ensure(object);
    return liqo;
  }

  get failures(): readonly ControllerFailure[] {
    return this.#controllers.failures;
  }

  /** The cluster ids that the plugin told of, in order; the same id may come often. */
  get notifications(): readonly string[] {
    return this.#plugin?.notifications ?? [];
  }

  async start(): Promise<void> {
    await this.auth.start();
    const { plugin } = this.options;
    if (plugin) {
      this.#plugin = await ResourcePluginClient.dial(plugin.address, plugin.wire, (id) => {
        this.#incoming.notified(id);
        this.#controllers.wake();
      });
    }
    this.#controllers.start();
  }

  /** Its controllers and its authentication service end; what they made stays. */
  async stop(): Promise<void> {
    await this.#controllers.stop();
    this.#plugin?.close();
    this.#plugin = undefined;
    this.#links.close();
    this.#incoming.forget();
    this.#outgoing.forget();
    await this.auth.stop();
  }

  async restart(): Promise<void> {
    await this.stop();
    await this.start();
  }

  /** As after the token of the cluster was made anew. */
  async rotateToken(): Promise<string> {
    const token = randomBytes(64).toString("hex");
    const secret = { ...SECRET, namespace: this.settings.namespace, name: "auth-token" };
    await this.cluster.admin.patch(secret, { data: { token: base64(token) } });
    return token;
  }

  /** Stops it and removes what it installed; peerings must have been taken down before. */
  async uninstall(): Promise<void> {
    await this.stop();
    await removeAll(this.cluster.admin, this.#objects(""));
  }

  #objects(token: string): KubeObject[] {
    const { namespace, clusterID, clusterName } = this.settings;
    const version = this.options.version ?? (this.options.plugin?.wire === "v0.9" ? "v0.10.3" : "v0.8.1");
    const labels = { "app.kubernetes.io/name": "clusterid-configmap", "app.kubernetes.io/part-of": "liqo" };
    return [
      { ...NAMESPACE, metadata: { name: namespace } },
      {
        apiVersion: "v1",
        kind: "ConfigMap",
        metadata: { name: "liqo-clusterid-configmap", namespace, labels },
        data: { CLUSTER_ID: clusterID, CLUSTER_NAME: clusterName },
      },
      { ...SECRET, metadata: { name: "auth-token", namespace }, data: { token: base64(token) } },
      this.#service(),
      controllerManager(namespace, version),
      {
        apiVersion: "rbac.authorization.k8s.io/v1",
        kind: "ClusterRole",
        metadata: { name: TENANT_ROLE_V0 },
        rules: [
          {
            apiGroups: ["discovery.liqo.io", "sharing.liqo.io"],
            resources: ["resourcerequests", "resourcerequests/status", "resourceoffers", "resourceoffers/status"],
            verbs: VERBS,
          },
        ],
      },
    ];
  }

  #service(): KubeObject {
    return {
      apiVersion: "v1",
      kind: "Service",
      metadata: {
        name: "liqo-auth",
        namespace: this.settings.namespace,
        annotations: {
          "liqo.io/override-address": "127.0.0.1",
          "liqo.io/override-port": String(this.auth.port),
        },
      },
      spec: { type: "ClusterIP", ports: [{ name: "https", port: 443, protocol: "TCP" }] },
    };
  }

  /** Without an address of its own authentication service Liqo never says how its outgoing peerings are. */
  setHasAddress(hasAddress: boolean): void {
    this.#hasAddress = hasAddress;
  }
}
