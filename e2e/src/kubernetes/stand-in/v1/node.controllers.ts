import type { KubeClient } from "../../rig/kube-client.js";
import { at, type KubeObject, type ObjectRef, textAt } from "../../rig/kube-object.js";
import type { ControllerSpec } from "../controllers.js";
import { addFinalizer, apply, dropFinalizer, writeStatus } from "../objects.js";
import { LABEL, NODE, VIRTUAL_NODE } from "./kinds.js";

const NODE_FINALIZER = "virtualnode-controller.liqo.io/finalizer";
const VIRTUAL_NODE_TAINT = { key: "virtual-node.liqo.io/not-allowed", value: "true", effect: "NoExecute" };

/** What the consumer's pods see: a node for each VirtualNode. */
export class NodeControllers {
  constructor(private readonly kube: KubeClient) {}

  get specs(): readonly ControllerSpec[] {
    return [{ name: "virtual-node", kind: VIRTUAL_NODE, reconcile: (ref) => this.#virtualNode(ref) }];
  }

  async #virtualNode(ref: ObjectRef): Promise<void> {
    const virtual = await this.kube.get(ref);
    if (!virtual) return;
    if (virtual.metadata.deletionTimestamp !== undefined) {
      await this.kube.remove({ ...NODE, name: ref.name });
      return dropFinalizer(this.kube, virtual, NODE_FINALIZER);
    }
    await addFinalizer(this.kube, virtual, NODE_FINALIZER);
    await this.#node(virtual);
    const current = await this.kube.get(ref);
    if (!current) return;
    const known = at(current, "status", "conditions");
    const lastTransitionTime = textAt(known, 0, "lastTransitionTime") ?? new Date().toISOString();
    const conditions = ["VirtualKubelet", "Node"].map((type) => ({ type, status: "Running", lastTransitionTime }));
    await writeStatus(this.kube, current, { conditions });
  }

  async #node(virtual: KubeObject): Promise<void> {
    const name = virtual.metadata.name ?? "";
    const node = await apply(this.kube, {
      ...NODE,
      metadata: {
        name,
        labels: {
          ...(at(virtual, "spec", "labels") as Record<string, string> | undefined),
          "kubernetes.io/hostname": name,
          "liqo.io/type": "virtual-node",
          [LABEL.remoteCluster]: textAt(virtual, "spec", "clusterID") ?? "",
        },
      },
      spec: { taints: [VIRTUAL_NODE_TAINT] },
    });
    const hard = (at(virtual, "spec", "resourceQuota", "hard") ?? {}) as Record<string, string | number>;
    const amounts = Object.fromEntries(Object.entries(hard).map(([key, amount]) => [key, String(amount)]));
    // Kubernetes writes quantities in its own way, so what is compared is what was asked for.
    if (node.metadata.annotations?.["liqo.io/resources"] === JSON.stringify(amounts)) return;
    const heartbeat = new Date().toISOString();
    const ready = { type: "Ready", status: "True", reason: "KubeletReady", lastHeartbeatTime: heartbeat };
    const replaced = {
      ...(at(node, "status") as object),
      capacity: amounts,
      allocatable: amounts,
      conditions: [ready],
    };
    await this.kube.replacePart({ ...node, status: replaced }, "status");
    const annotations = { "liqo.io/resources": JSON.stringify(amounts) };
    await this.kube.patch({ ...NODE, name }, { metadata: { annotations } });
  }
}
