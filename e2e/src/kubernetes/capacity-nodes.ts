import type { KubeClient } from "./rig/kube-client.js";
import type { KubeObject } from "./rig/kube-object.js";
import { waitFor } from "@catalog/server/testing/wait-for";

type Resources = Readonly<Record<string, string>>;

/** A node that a test plays: there is no kubelet behind it. */
export interface PlayedNode {
  readonly name: string;
  readonly allocatable: Resources;
  readonly labels?: Resources;
  readonly isReady?: boolean;
  readonly isCordoned?: boolean;
  readonly taint?: string;
}

/** A container as the API takes it. */
export function container(name: string, requests: Resources, restartPolicy?: "Always"): object {
  // What is not overcommitted needs a limit: extended resources and huge pages.
  const fixed = Object.fromEntries(
    Object.entries(requests).filter(([key]) => key.includes("/") || key.startsWith("huge")),
  );
  const resources = { requests, limits: fixed };
  return { name, image: "pause", resources, ...(restartPolicy && { restartPolicy }) };
}

/** Nodes and pods of one namespace that no kubelet knows of, and their removal. */
export class PlayedNodes {
  private readonly made: KubeObject[] = [];

  private constructor(
    private readonly admin: KubeClient,
    private readonly namespace: string,
  ) {}

  static async open(admin: KubeClient, namespace: string): Promise<PlayedNodes> {
    const nodes = new PlayedNodes(admin, namespace);
    await nodes.create({ apiVersion: "v1", kind: "Namespace", metadata: { name: namespace } });
    const account = { apiVersion: "v1", kind: "ServiceAccount", namespace, name: "default" };
    await waitFor(() => admin.get(account), { timeoutMs: 30_000, what: "the namespace has its account" });
    return nodes;
  }

  async node({ name, allocatable, labels = {}, isReady = true, isCordoned = false, taint }: PlayedNode): Promise<void> {
    const ref = { apiVersion: "v1", kind: "Node", name };
    await this.create({ apiVersion: "v1", kind: "Node", metadata: { name, labels }, spec: {} });
    // The API server taints every new node until a kubelet says that it is ready.
    const taints = taint === undefined ? [] : [{ key: "example.com/reserved", effect: taint }];
    await this.admin.patch(ref, { spec: { unschedulable: isCordoned, taints } });
    const at = new Date().toISOString();
    const ready = {
      type: "Ready",
      status: isReady ? "True" : "Unknown",
      reason: "Played",
      message: "",
      lastHeartbeatTime: at,
      lastTransitionTime: at,
    };
    await this.admin.patch(ref, { status: { capacity: allocatable, allocatable, conditions: [ready] } }, "status");
  }

  /** A pod on a node; `phase` is what a kubelet would have said of it. */
  async pod(name: string, nodeName: string, spec: object, phase = "Running", labels: Resources = {}): Promise<void> {
    const { namespace } = this;
    const fixed = { nodeName, automountServiceAccountToken: false, terminationGracePeriodSeconds: 0 };
    await this.create({
      apiVersion: "v1",
      kind: "Pod",
      metadata: { name, namespace, labels },
      spec: { ...fixed, tolerations: [{ operator: "Exists" }], ...spec },
    });
    if (phase !== "Pending")
      await this.admin.patch({ apiVersion: "v1", kind: "Pod", namespace, name }, { status: { phase } }, "status");
  }

  async create(object: KubeObject): Promise<void> {
    await this.admin.create(object);
    this.made.push(object);
  }

  /** Removes everything that was made, the last first. */
  async close(): Promise<void> {
    for (const object of this.made.splice(0).reverse()) await this.admin.remove(refOf(object));
  }
}

function refOf({ apiVersion, kind, metadata: { name = "", namespace } }: KubeObject) {
  return { apiVersion, kind, name, namespace };
}
