import type { KindRef, KubeObject, ObjectRef } from "./rig/kube-object.js";
import { at, labelOf } from "./rig/kube-object.js";
import { isReplicated, LABEL, NODE, QUOTA, SLICE, tenantNamespaceOf } from "./stand-in/v1/kinds.js";
import { type Amounts, amountsOf, sumOf, Trade } from "./trade-books.js";

/** A trade on Liqo 1.x: slices, Quotas and virtual nodes. */
export class TradeV1 extends Trade {
  /** The customer's namespace in the provider's cluster. */
  get namespaceAtSeller(): string {
    return tenantNamespaceOf(this.buyer.clusterID);
  }

  /** The provider's namespace in the customer's cluster. */
  get namespaceAtBuyer(): string {
    return tenantNamespaceOf(this.seller.clusterID);
  }

  /** The slice that the customer's Connector makes. */
  get slice(): ObjectRef {
    return { ...SLICE, namespace: this.namespaceAtBuyer, name: `catalog-${this.seller.clusterID}` };
  }

  /** The customer's slices as they are in the provider's cluster. */
  async copies(): Promise<readonly KubeObject[]> {
    return (await this.#atSeller(SLICE)).filter(isReplicated);
  }

  /** All Quotas of the customer together. */
  async offered(): Promise<Amounts | undefined> {
    const quotas = await this.#atSeller(QUOTA);
    return quotas.length === 0
      ? undefined
      : sumOf(quotas.map((quota) => amountsOf(at(quota, "spec", "resources")) ?? {}));
  }

  async nodes(): Promise<readonly Amounts[]> {
    const nodes = (await this.buyer.cluster.admin.list(NODE)).filter(
      (node) => labelOf(node, LABEL.remoteCluster) === this.seller.clusterID,
    );
    return nodes.map((node) => amountsOf(at(node, "status", "allocatable")) ?? {});
  }

  /** All slices of the customer together. */
  async granted(): Promise<Amounts> {
    return sumOf((await this.copies()).map((slice) => amountsOf(at(slice, "status", "resources")) ?? {}));
  }

  #atSeller(kind: KindRef): Promise<readonly KubeObject[]> {
    return this.seller.cluster.admin.list(kind, { namespace: this.namespaceAtSeller });
  }
}
