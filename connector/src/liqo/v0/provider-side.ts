import { encryptMaterial } from "@catalog/schema/documents/peering-material";
import { CatalogError } from "@catalog/schema/errors";
import { parseQuantity } from "@catalog/schema/quantity";
import type { Amounts } from "@catalog/schema/resource-list";
import type { Contract } from "../../domain/contract.js";
import type { PeeringMessage, PeeringReport, PeeringTask } from "../../services/peerings/peering-ports.js";
import type { GrantSource, Identity } from "../../services/ports.js";
import { CLUSTER_ID_LABEL, FOREIGN_CLUSTER } from "../forge/foreign-cluster.js";
import { isLabelValue } from "../forge/kube-names.js";
import { diagnoseIncoming } from "../forge/peering-conditions.js";
import type { KubeApi, KubeKind, KubeObject } from "../kube/kube-api.js";
import { chosen, viewOf } from "./foreign-cluster-view.js";
import type { OwnClusterReader } from "./own-cluster.js";
import { materialReply, readQuestion, statusReply } from "../forge/token-messages.js";
import { applyWrite, settle } from "./peering-rounds.js";
import { type OfferedAmounts, planProvider, type ProviderObservation, type RequestView } from "./provider-plan.js";

export const RESOURCE_REQUEST: KubeKind = { apiVersion: "discovery.liqo.io/v1alpha1", kind: "ResourceRequest" };
export const RESOURCE_OFFER: KubeKind = { apiVersion: "sharing.liqo.io/v1alpha1", kind: "ResourceOffer" };
const REMOTE_LABEL = "liqo.io/remoteID";
const REPLICATED_LABEL = "liqo.io/replicated";
const REPLICATION_LABEL = "liqo.io/replication";
const REMOTE_CERTIFICATE = "liqo-remote-certificate";

/** Lets customers in while they have a contract, tells them how to come, and shuts them out afterwards. */
export class ProviderSide {
  /** @param now Unix ms. */
  constructor(
    private readonly kube: KubeApi,
    private readonly own: Pick<OwnClusterReader, "read">,
    private readonly identity: Pick<Identity, "signer">,
    private readonly grants: Pick<GrantSource, "grantOf">,
    private readonly now: () => number,
  ) {}

  /** Does what can be done now. @throws KubeError, CatalogError UNAVAILABLE while the ledger cannot be read. */
  reconcile(task: PeeringTask): Promise<PeeringReport> {
    return settle(
      task,
      async (current) => planProvider(current, await this.observe(current.peer.clusterID)),
      async (action) => {
        await applyWrite(this.kube, action);
      },
    );
  }

  /** Answers the buyer of a contract that is in force. @throws CatalogError */
  async answer(contract: Contract, message: PeeringMessage): Promise<PeeringMessage> {
    const question = readQuestion(message);
    switch (question.type) {
      case "material":
        return materialReply(await this.material(contract));
      case "status":
        if (question.isIdentityRefused) await this.forgetIdentity(contract.buyer.clusterID);
        return this.status(contract.buyer.clusterID);
      case "ended":
        return { type: "ended" };
    }
  }

  private async observe(clusterID: string): Promise<ProviderObservation> {
    const [clusters, requests, offers] = await Promise.all([
      this.kube.list(FOREIGN_CLUSTER),
      this.kube.list(RESOURCE_REQUEST),
      this.kube.list(RESOURCE_OFFER),
    ]);
    return {
      foreignClusters: clusters.map((object) => viewOf(object)),
      requests: requests.filter((object) => requesterOf(object) === clusterID).map(requestView),
      offers: offers.filter((object) => offereeOf(object) === clusterID).map(offeredAmounts),
      grant: await this.grants.grantOf(clusterID),
      now: this.now(),
    };
  }

  private async material(contract: Contract): Promise<string> {
    const { clusterID, clusterName, authUrl, token, problems } = await this.own.read();
    if (authUrl === null || token === null)
      throw new CatalogError(
        "UNAVAILABLE",
        `The provider's Liqo cannot be reached by peers yet: ${problems[0]?.message ?? "it has not started."}`,
      );
    const { contractID, buyer } = contract;
    return encryptMaterial(this.identity.signer, buyer.encKey, {
      contractID,
      aud: buyer.fingerprint,
      parameters: { clusterID, clusterName, endpoint: authUrl, token },
    });
  }

  private async status(clusterID: string): Promise<PeeringMessage> {
    const views = (await this.kube.list(FOREIGN_CLUSTER)).map((object) => viewOf(object));
    const { finding, message } = diagnoseIncoming(chosen(views, clusterID)?.conditions ?? []);
    return statusReply(message, finding, await this.grants.grantOf(clusterID));
  }

  /** Liqo keeps the first certificate request of a cluster for ever; one that has lost its key is let in again when it is forgotten. */
  private async forgetIdentity(clusterID: string): Promise<void> {
    if (!isLabelValue(clusterID)) return;
    const labelSelector = `${CLUSTER_ID_LABEL}=${clusterID}`;
    for (const { metadata } of await this.kube.list({ apiVersion: "v1", kind: "Namespace" }, { labelSelector }))
      await this.kube.remove({ apiVersion: "v1", kind: "Secret", namespace: metadata.name, name: REMOTE_CERTIFICATE });
  }
}

/** Cluster id of the peer that a ResourceRequest came from; undefined for our own requests to others. */
export function requesterOf({ metadata, spec }: KubeObject): string | undefined {
  if (metadata.labels?.[REPLICATION_LABEL] === "true") return undefined;
  const { clusterIdentity } = (spec ?? {}) as { clusterIdentity?: { clusterID?: unknown } };
  return typeof clusterIdentity?.clusterID === "string" ? clusterIdentity.clusterID : undefined;
}

/** Cluster id of the peer that a ResourceOffer is for; undefined for what others offer to us. */
export function offereeOf({ metadata }: KubeObject): string | undefined {
  const labels = metadata.labels ?? {};
  if (labels[REPLICATED_LABEL] === "true") return undefined;
  return labels[REMOTE_LABEL] ?? labels[CLUSTER_ID_LABEL];
}

function requestView({ metadata, spec }: KubeObject): RequestView {
  const { name, namespace, deletionTimestamp } = metadata;
  const { withdrawalTimestamp } = (spec ?? {}) as { withdrawalTimestamp?: unknown };
  const isWithdrawn = deletionTimestamp !== undefined || typeof withdrawalTimestamp === "string";
  return { ref: { ...RESOURCE_REQUEST, namespace, name }, isWithdrawn };
}

function offeredAmounts({ spec }: KubeObject): OfferedAmounts {
  const { resourceQuota } = (spec ?? {}) as { resourceQuota?: { hard?: unknown } };
  const amounts: Record<string, bigint> = {};
  try {
    for (const [name, quantity] of Object.entries((resourceQuota?.hard ?? {}) as Record<string, unknown>))
      amounts[name] = parseQuantity(String(quantity));
  } catch {
    return null;
  }
  return amounts satisfies Amounts;
}
