import { randomBytes } from "node:crypto";
import type { KubeClient } from "../../rig/kube-client.js";
import {
  at,
  base64,
  type KindRef,
  type KubeObject,
  labelOf,
  type ObjectRef,
  ownerOf,
  textAt,
} from "../../rig/kube-object.js";
import type { ControllerSpec } from "../controllers.js";
import { apply, writeStatus } from "../objects.js";
import { LABEL, NETWORKING, SECRET } from "./kinds.js";

const of = (kind: string): KindRef => ({ apiVersion: NETWORKING, kind });
const SERVER = of("GatewayServer");
const CLIENT = of("GatewayClient");
const CONNECTION = of("Connection");
const PUBLIC_KEY = of("PublicKey");
const CONFIGURATION = of("Configuration");

/** The objects of the network fabric as Liqo fills them; no packet is carried. */
export class NetworkControllers {
  constructor(private readonly kube: KubeClient) {}

  get specs(): readonly ControllerSpec[] {
    return [
      { name: "configuration", kind: CONFIGURATION, reconcile: (ref) => this.#configuration(ref) },
      { name: "gateway-server", kind: SERVER, reconcile: (ref) => this.#gateway(ref, "Server") },
      { name: "gateway-client", kind: CLIENT, reconcile: (ref) => this.#gateway(ref, "Client") },
      { name: "public-key", kind: PUBLIC_KEY },
    ];
  }

  /** No overlap is remapped: what the peer says of itself is taken. */
  async #configuration(ref: ObjectRef): Promise<void> {
    const configuration = await this.kube.get(ref);
    const remote = at(configuration, "spec", "remote");
    if (configuration && remote !== undefined) await writeStatus(this.kube, configuration, { remote });
  }

  async #gateway(ref: ObjectRef, type: "Server" | "Client"): Promise<void> {
    const gateway = await this.kube.get(ref);
    if (!gateway || gateway.metadata.deletionTimestamp !== undefined) return;
    const secret = { ...SECRET, name: `gw-${ref.name}`, namespace: ref.namespace ?? "" };
    if (!(await this.kube.get(secret))) await this.#makeKey(gateway, secret);
    const secretRef = { apiVersion: "v1", kind: "Secret", name: secret.name, namespace: secret.namespace };
    const port = at(gateway, "spec", "endpoint", "port");
    const endpoint = type === "Server" ? { endpoint: { addresses: ["127.0.0.1"], port, protocol: "UDP" } } : {};
    await writeStatus(this.kube, gateway, { ...(at(gateway, "status") as object | undefined), secretRef, ...endpoint });
    await this.#connect(gateway, type);
  }

  async #makeKey(gateway: KubeObject, secret: { readonly name: string; readonly namespace: string }): Promise<void> {
    await this.kube.ensure({
      ...SECRET,
      metadata: { name: secret.name, namespace: secret.namespace, ownerReferences: [ownerOf(gateway)] },
      data: { publicKey: base64(randomBytes(32)), privateKey: base64(randomBytes(32)) },
    });
  }

  /** A tunnel is up once the peer's key is known. */
  async #connect(gateway: KubeObject, type: "Server" | "Client"): Promise<void> {
    const { name = "", namespace = "" } = gateway.metadata;
    const keys = await this.kube.list(PUBLIC_KEY, { namespace });
    const peer = labelOf(gateway, LABEL.remoteCluster);
    if (
      !keys.some((key) => labelOf(key, LABEL.remoteCluster) === peer && textAt(key, "spec", "publicKey") !== undefined)
    ) {
      return;
    }
    const connection = await apply(this.kube, {
      ...CONNECTION,
      metadata: {
        name,
        namespace,
        ...(peer === undefined ? {} : { labels: { [LABEL.remoteCluster]: peer } }),
        ownerReferences: [ownerOf(gateway)],
      },
      spec: { type, gatewayRef: { apiVersion: NETWORKING, kind: gateway.kind, name, namespace } },
    });
    await writeStatus(this.kube, connection, { value: "Connected" });
  }
}
