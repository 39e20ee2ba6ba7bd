import type { KubeClient } from "../../rig/kube-client.js";
import { at, type ObjectRef } from "../../rig/kube-object.js";
import { apply } from "../objects.js";
import { type ClusterIdentity, DEPLOYMENT, LABEL, NODE, RESOURCE_OFFER } from "./kinds.js";

/** The node of each provider at the consumer, the Deployment of its virtual kubelet and the replica of the offer. */
export class VirtualNodes {
  constructor(private readonly kube: KubeClient) {}

  /** Makes the node, or gives it other amounts; a name that is left out keeps its amount. */
  async show(peer: ClusterIdentity, namespace: string, hard: Readonly<Record<string, string>>): Promise<void> {
    const labels = { [LABEL.clusterID]: peer.clusterID, [LABEL.origin]: peer.clusterID, [LABEL.replicated]: "true" };
    await apply(this.kube, {
      ...RESOURCE_OFFER,
      metadata: { name: peer.clusterID, namespace, labels },
      spec: { clusterId: peer.clusterID, resourceQuota: { hard } },
    });
    await this.kube.ensure(this.#deployment(peer, namespace));
    const node = await apply(this.kube, {
      ...NODE,
      metadata: {
        name: this.#name(peer),
        labels: { [LABEL.virtualNode]: "virtual-node", [LABEL.remoteCluster]: peer.clusterID },
      },
      spec: { taints: [{ key: "virtual-node.liqo.io/not-allowed", value: "true", effect: "NoExecute" }] },
    });
    const shown = JSON.stringify(hard);
    if (node.metadata.annotations?.["liqo.io/resources"] === shown) return;
    const amounts = { ...(at(node, "status", "allocatable") as Record<string, string> | undefined), ...hard };
    const conditions = [{ type: "Ready", status: "True", reason: "KubeletReady" }];
    const status = { ...(at(node, "status") as object), capacity: amounts, allocatable: amounts, conditions };
    await this.kube.replacePart({ ...node, status }, "status");
    await this.kube.patch(this.#ref(peer), { metadata: { annotations: { "liqo.io/resources": shown } } });
  }

  async remove(peer: ClusterIdentity, namespace: string): Promise<void> {
    await this.kube.remove(this.#ref(peer));
    await this.kube.remove({ ...DEPLOYMENT, namespace, name: `virtual-kubelet-${peer.clusterName}` });
    await this.kube.remove({ ...RESOURCE_OFFER, namespace, name: peer.clusterID });
  }

  #deployment(peer: ClusterIdentity, namespace: string): Parameters<KubeClient["ensure"]>[0] {
    const labels = { "offloading.liqo.io/kubelet": "virtual-kubelet", [LABEL.clusterID]: peer.clusterID };
    return {
      ...DEPLOYMENT,
      metadata: { name: `virtual-kubelet-${peer.clusterName}`, namespace, labels },
      spec: {
        replicas: 1,
        selector: { matchLabels: labels },
        template: {
          metadata: { labels },
          spec: { containers: [{ name: "virtual-kubelet", image: "liqo/virtual-kubelet" }] },
        },
      },
    };
  }

  #name(peer: ClusterIdentity): string {
    return `liqo-${peer.clusterName}`;
  }

  #ref(peer: ClusterIdentity): ObjectRef {
    return { ...NODE, name: this.#name(peer) };
  }
}
