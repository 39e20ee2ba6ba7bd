import { formatQuantity } from "@catalog/schema/quantity";
import type { Amounts } from "@catalog/schema/resource-list";
import { CLUSTER_ID_LABEL, DISCOVERY_TYPE_LABEL, FOREIGN_CLUSTER } from "../../forge/foreign-cluster.js";
import type { KubeObject, ObjectRef } from "../../kube/kube-api.js";
import type { FakeKube } from "../../testing/fake-kube.js";
import { RESOURCE_OFFER, RESOURCE_REQUEST } from "../provider-side.js";
import { secretText } from "../own-cluster.js";

const LIQO = "liqo";

/** One cluster with a Liqo 0.x that is played. */
export interface PlayedCluster {
  readonly id: string;
  readonly name: string;
  readonly kube: FakeKube;
  /** Its API server can be reached by the other Liqo. */
  isReachable: boolean;
  /** What the Liqo chart says of peers whose ForeignCluster says Auto. */
  isOpenByDefault: boolean;
  /** What the plugin answers; read when a ResourceRequest changes or {@link PlayedLiqo.notify} is called. */
  grant: Amounts;
}

interface Condition {
  readonly type: string;
  readonly status: string;
  readonly reason: string;
  readonly message: string;
}

/** Liqo's part in two clusters, as its documentation and the trials of it say; a step is one run of all controllers of both. */
export class PlayedLiqo {
  /** ForeignClusters whose content Liqo has tried to log in with. */
  private readonly tried = new Map<string, { readonly content: string; readonly isAccepted: boolean }>();
  /** ResourceRequests as the plugin was last asked for them. */
  private readonly asked = new Map<string, string>();

  constructor(private readonly clusters: readonly [PlayedCluster, PlayedCluster]) {
    for (const cluster of clusters) install(cluster);
  }

  step(): void {
    const [a, b] = this.clusters;
    for (const [from, to] of [
      [a, b],
      [b, a],
    ] as const) {
      for (const object of all(from, FOREIGN_CLUSTER.kind)) {
        if (identityOf(object) === to.id) this.reachOut(from, to, object);
      }
      this.letIn(to, from);
    }
    for (const cluster of this.clusters) this.tidy(cluster);
  }

  /** The plugin tells Liqo that a grant has changed. */
  notify(cluster: PlayedCluster): void {
    for (const key of this.asked.keys()) if (key.startsWith(`${cluster.id} `)) this.asked.delete(key);
  }

  /** The customer's controllers for one ForeignCluster. */
  private reachOut(from: PlayedCluster, to: PlayedCluster, object: KubeObject): void {
    const wants = spec(object)["outgoingPeeringEnabled"] === "Yes" && object.metadata.deletionTimestamp === undefined;
    if (wants && !this.hasLoggedIn(from, to, object)) return;
    const request = requestRef(from, to);
    const offer = to.kube.peek(offerRef(from, to));
    const isUp = to.isReachable;
    if (wants && isUp && to.kube.peek(request) === undefined)
      to.kube.put({
        ...RESOURCE_REQUEST,
        metadata: { ...nameOf(request), labels: { "liqo.io/replicated": "true", "liqo.io/originID": from.id } },
        spec: { authUrl: "https://paris.example.com", clusterIdentity: { clusterID: from.id, clusterName: from.name } },
      });
    if (!wants && isUp) drop(to, request);
    const isBack = offer === undefined && to.kube.peek(request) === undefined;
    const outgoing = wants ? (offer === undefined ? "Pending" : "Established") : isBack ? "None" : "Disconnecting";
    setCondition(from, object, {
      type: "OutgoingPeering",
      status: outgoing,
      reason: "ResourceRequestPending",
      message: "",
    });
    const node: ObjectRef = { apiVersion: "v1", kind: "Node", name: `liqo-${to.name}` };
    if (outgoing === "Established") from.kube.put(virtualNode(node, to.id));
    else drop(from, node);
  }

  /** A wrong token shows in the condition, in clear; a corrected one is read only after a change of the ForeignCluster. */
  private hasLoggedIn(from: PlayedCluster, to: PlayedCluster, object: KubeObject): boolean {
    const key = `${from.id} ${object.metadata.uid ?? ""}`;
    const content = JSON.stringify([object.metadata.labels, object.spec]);
    const tried = this.tried.get(key);
    if (tried?.content === content) return tried.isAccepted;
    const secret = from.kube.peek(secretRef(`remote-token-${to.id}`));
    const token = secret === undefined ? null : secretText(secret, "token");
    const isAccepted = token === tokenOf(to) && spec(object)["foreignAuthUrl"] === authUrlOf(to);
    this.tried.set(key, { content, isAccepted });
    const message = isAccepted ? "" : `invalid token ${token ?? "none"}`;
    const status = isAccepted ? "Established" : "Error";
    setCondition(from, object, {
      type: "AuthenticationStatus",
      status,
      reason: isAccepted ? "" : "IdentityError",
      message,
    });
    return isAccepted;
  }

  /** The provider's controllers for one customer. */
  private letIn(to: PlayedCluster, from: PlayedCluster): void {
    const request = to.kube.peek(requestRef(from, to));
    const mine = all(to, FOREIGN_CLUSTER.kind).find((object) => identityOf(object) === from.id);
    if (mine === undefined) {
      if (request === undefined) drop(to, offerRef(from, to));
      else to.kube.put(incomingCluster(from));
      return;
    }
    const wish = spec(mine)["incomingPeeringEnabled"];
    const isOpen = request !== undefined && (wish === "Yes" || (wish === "Auto" && to.isOpenByDefault));
    if (isOpen) this.makeOffer(to, from, request);
    else if (from.isReachable) drop(to, offerRef(from, to));
    const hasOffer = to.kube.peek(offerRef(from, to)) !== undefined;
    const waits = request !== undefined && wish !== "No" ? "Pending" : "None";
    const status = isOpen ? "Established" : hasOffer ? "Disconnecting" : waits;
    setCondition(to, mine, { type: "IncomingPeering", status, reason: "", message: "" });
  }

  private makeOffer(to: PlayedCluster, from: PlayedCluster, request: KubeObject): void {
    const key = `${to.id} ${from.id}`;
    const ref = offerRef(from, to);
    const version = JSON.stringify([request.metadata.uid, request.metadata.annotations]);
    if (this.asked.get(key) === version && to.kube.peek(ref) !== undefined) return;
    this.asked.set(key, version);
    const hard = Object.fromEntries(Object.entries(to.grant).map(([name, amount]) => [name, formatQuantity(amount)]));
    const before = to.kube.peek(ref);
    to.kube.put({
      ...RESOURCE_OFFER,
      metadata: before?.metadata ?? {
        ...nameOf(ref),
        labels: { "liqo.io/remoteID": from.id, [CLUSTER_ID_LABEL]: from.id },
      },
      spec: { clusterId: to.id, resourceQuota: { hard } },
    });
  }

  /** Liqo removes its own ForeignClusters when both directions are gone, and finishes what was deleted. */
  private tidy(cluster: PlayedCluster): void {
    for (const object of all(cluster, FOREIGN_CLUSTER.kind)) {
      const isQuiet = ["OutgoingPeering", "IncomingPeering"].every((type) => statusOf(object, type) === "None");
      const isLiqos = object.metadata.labels?.[DISCOVERY_TYPE_LABEL] === "IncomingPeering";
      const [a, b] = this.clusters;
      const other = a === cluster ? b : a;
      const isAsked = cluster.kube.peek(requestRef(other, cluster)) !== undefined;
      if (isQuiet && (object.metadata.deletionTimestamp !== undefined || (isLiqos && !isAsked)))
        cluster.kube.drop(object);
    }
  }
}

export function tokenOf(cluster: PlayedCluster): string | null {
  const secret = cluster.kube.peek(secretRef("auth-token"));
  return secret === undefined ? null : secretText(secret, "token");
}

/** Liqo's authentication service makes a new token. */
export function setToken(cluster: PlayedCluster, token: string): void {
  cluster.kube.put({
    apiVersion: "v1",
    kind: "Secret",
    metadata: nameOf(secretRef("auth-token")),
    data: { token: Buffer.from(token).toString("base64") },
  });
}

function install(cluster: PlayedCluster): void {
  setToken(cluster, `${cluster.name}-token-${"0123456789abcdef".repeat(7)}`);
  cluster.kube.put({
    apiVersion: "v1",
    kind: "ConfigMap",
    metadata: {
      name: "liqo-clusterid-configmap",
      namespace: LIQO,
      labels: { "app.kubernetes.io/name": "clusterid-configmap" },
    },
    data: { CLUSTER_ID: cluster.id, CLUSTER_NAME: cluster.name },
  });
  cluster.kube.put({
    apiVersion: "v1",
    kind: "Service",
    metadata: {
      name: "liqo-auth",
      namespace: LIQO,
      annotations: { "liqo.io/override-address": `${cluster.name}.example.com` },
    },
    spec: { type: "ClusterIP", ports: [{ name: "https", port: 443 }] },
  });
}

function authUrlOf(cluster: PlayedCluster): string {
  return `https://${cluster.name}.example.com`;
}

function all(cluster: PlayedCluster, kind: string): KubeObject[] {
  return [...cluster.kube.objects.values()]
    .filter((object) => object.kind === kind)
    .map((object) => structuredClone(object));
}

function spec(object: KubeObject): Record<string, unknown> {
  return (object.spec ?? {}) as Record<string, unknown>;
}

function identityOf(object: KubeObject): string | undefined {
  return (spec(object)["clusterIdentity"] as { clusterID?: string } | undefined)?.clusterID;
}

function conditionsOf(object: KubeObject): readonly Condition[] {
  return (object.status as { peeringConditions?: readonly Condition[] } | undefined)?.peeringConditions ?? [];
}

function statusOf(object: KubeObject, type: string): string {
  return conditionsOf(object).find((condition) => condition.type === type)?.status ?? "None";
}

function setCondition(cluster: PlayedCluster, { metadata }: KubeObject, condition: Condition): void {
  const object = cluster.kube.peek({ ...FOREIGN_CLUSTER, name: metadata.name });
  if (object === undefined || statusOf(object, condition.type) === condition.status) return;
  const others = conditionsOf(object).filter(({ type }) => type !== condition.type);
  // Liqo gives them in no fixed order, and holds every ForeignCluster by a finalizer.
  const finalizers = ["foreigncluster.discovery.liqo.io/finalizer"];
  cluster.kube.put({
    ...object,
    metadata: { ...object.metadata, finalizers },
    status: { peeringConditions: [condition, ...others] },
  });
}

function incomingCluster(from: PlayedCluster): KubeObject {
  return {
    ...FOREIGN_CLUSTER,
    metadata: {
      name: from.name,
      labels: { [CLUSTER_ID_LABEL]: from.id, [DISCOVERY_TYPE_LABEL]: "IncomingPeering" },
      finalizers: ["foreigncluster.discovery.liqo.io/finalizer"],
    },
    spec: {
      peeringType: "OutOfBand",
      clusterIdentity: { clusterID: from.id, clusterName: from.name },
      foreignAuthUrl: authUrlOf(from),
      outgoingPeeringEnabled: "Auto",
      incomingPeeringEnabled: "Auto",
      insecureSkipTLSVerify: true,
    },
  };
}

function virtualNode(ref: ObjectRef, providerID: string): KubeObject {
  return {
    apiVersion: "v1",
    kind: "Node",
    metadata: { name: ref.name, labels: { "liqo.io/type": "virtual-node", "liqo.io/remote-cluster-id": providerID } },
    status: { conditions: [{ type: "Ready", status: "True" }] },
  };
}

function secretRef(name: string): ObjectRef & { readonly namespace: string } {
  return { apiVersion: "v1", kind: "Secret", namespace: LIQO, name };
}

function requestRef(from: PlayedCluster, to: PlayedCluster): ObjectRef & { readonly namespace: string } {
  return { ...RESOURCE_REQUEST, namespace: `liqo-tenant-${from.name}`, name: `resource-request-${to.id}` };
}

function offerRef(from: PlayedCluster, to: PlayedCluster): ObjectRef & { readonly namespace: string } {
  return { ...RESOURCE_OFFER, namespace: `liqo-tenant-${from.name}`, name: `resource-offer-${to.id}` };
}

function nameOf({ name, namespace }: { readonly name: string; readonly namespace: string }): {
  name: string;
  namespace: string;
} {
  return { name, namespace };
}

function drop(cluster: PlayedCluster, ref: ObjectRef): void {
  const object = cluster.kube.peek(ref);
  if (object !== undefined) cluster.kube.drop(object);
}
