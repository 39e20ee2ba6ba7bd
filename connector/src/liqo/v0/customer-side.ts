import type { Contract } from "../../domain/contract.js";
import type { PeeringExchange, PeeringReport, PeeringTask } from "../../services/peerings/peering-ports.js";
import { isReady } from "../forge/auth-address.js";
import { FOREIGN_CLUSTER } from "../forge/foreign-cluster.js";
import { isLabelValue, isObjectName } from "../forge/kube-names.js";
import { REMOTE_CLUSTER_LABEL, VIRTUAL_NODE, VIRTUAL_NODE_LABEL } from "../forge/namespace-offloading.js";
import { CONTRACT_ANNOTATION, isOwned } from "../forge/ownership.js";
import {
  AUTH_URL_ANNOTATION,
  CLUSTER_NAME_ANNOTATION,
  type RemoteToken,
  tokenDigest,
  tokenPatch,
  tokenSecret,
  tokenSecretRef,
} from "../forge/token-secret.js";
import type { KubeApi, KubeObject } from "../kube/kube-api.js";
import { KubeError, KubeForbiddenError } from "../kube/kube.errors.js";
import type { CustomerObservation, MaterialFailure, NodeReadiness, TokenView } from "./customer-observation.js";
import { planCustomer } from "./customer-plan.js";
import { viewOf } from "./foreign-cluster-view.js";
import { failureOf, type MaterialDesk } from "./material-desk.js";
import { type OwnClusterReader, secretText } from "./own-cluster.js";
import type { PeeringAction } from "./peering-action.js";
import { IDENTITY_REFUSED } from "../forge/token-messages.js";
import { applyWrite, settle } from "./peering-rounds.js";

/** Reaches out to providers: one ForeignCluster and one token Secret for each. */
export class CustomerSide {
  /**
   * @param liqoNamespace that Liqo is installed in.
   * @param now Unix ms.
   */
  constructor(
    private readonly kube: KubeApi,
    private readonly liqoNamespace: string,
    private readonly own: Pick<OwnClusterReader, "read">,
    private readonly desk: MaterialDesk,
    private readonly now: () => number,
  ) {}

  /** Does what can be done now. @throws KubeError, CatalogError UNAVAILABLE while Liqo is not there. */
  reconcile(task: PeeringTask, exchange: PeeringExchange): Promise<PeeringReport> {
    let failure: MaterialFailure | null = null;
    return settle(
      task,
      async (current) => planCustomer(current, await this.observe(current, failure)),
      async (action) => {
        if (await applyWrite(this.kube, action)) return;
        failure = await this.ask(action, exchange);
      },
    );
  }

  private async observe(task: PeeringTask, materialFailure: MaterialFailure | null): Promise<CustomerObservation> {
    const { clusterID } = task.peer;
    const ref = tokenSecretRef(this.liqoNamespace, clusterID);
    const secret = isObjectName(ref.name) ? await this.kube.get(ref) : undefined;
    const token = secret === undefined ? null : secretText(secret, "token");
    const foreignClusters = (await this.kube.list(FOREIGN_CLUSTER)).map((object) => viewOf(object, token));
    const isUp = task.wanted && task.contracts.length > 0;
    return {
      liqoNamespace: this.liqoNamespace,
      own: isUp ? await this.ownCluster() : NOT_ASKED,
      foreignClusters,
      token: secret === undefined ? null : tokenView(secret, token),
      node: isUp ? await this.node(clusterID) : "UNKNOWN",
      materialFailure,
      now: this.now(),
    };
  }

  private async ownCluster(): Promise<CustomerObservation["own"]> {
    const { clusterID, authUrl, problems } = await this.own.read();
    return { clusterID, authUrl, problem: problems[0] ?? null };
  }

  private async node(clusterID: string): Promise<NodeReadiness> {
    if (!isLabelValue(clusterID)) return "ABSENT";
    const labelSelector = `${VIRTUAL_NODE_LABEL}=${VIRTUAL_NODE},${REMOTE_CLUSTER_LABEL}=${clusterID}`;
    try {
      const nodes = await this.kube.list({ apiVersion: "v1", kind: "Node" }, { labelSelector });
      return nodes.length === 0 ? "ABSENT" : nodes.some(isReady) ? "READY" : "NOT_READY";
    } catch (error) {
      if (error instanceof KubeForbiddenError) return "UNKNOWN";
      throw error;
    }
  }

  /** A question to the provider: what goes wrong with it is told, and does not stop what can be done without it. */
  private async ask(action: PeeringAction, exchange: PeeringExchange): Promise<MaterialFailure | null> {
    try {
      if (action.kind === "fetch-material") await this.fetchMaterial(action.contract, exchange);
      if (action.kind === "ask-for-new-identity") await exchange(action.contract, IDENTITY_REFUSED);
      return null;
    } catch (error) {
      if (error instanceof KubeError) throw error;
      return failureOf(error);
    }
  }

  private async fetchMaterial(contract: Contract, exchange: PeeringExchange): Promise<void> {
    const material: RemoteToken = await this.desk.fetch(contract, exchange);
    const ref = tokenSecretRef(this.liqoNamespace, material.clusterID);
    const secret = await this.kube.get(ref);
    if (secret === undefined) await this.kube.create(tokenSecret(this.liqoNamespace, material));
    else if (isOwned(secret)) await this.kube.mergePatch(ref, tokenPatch(material));
  }
}

/** A peering that goes down needs nothing of the own cluster. */
const NOT_ASKED: CustomerObservation["own"] = { clusterID: "", authUrl: null, problem: null };

function tokenView(secret: KubeObject, token: string | null): TokenView {
  const { uid, annotations = {}, deletionTimestamp } = secret.metadata;
  return {
    isOwned: isOwned(secret),
    uid,
    isDeleting: deletionTimestamp !== undefined,
    contractID: annotations[CONTRACT_ANNOTATION] ?? null,
    authUrl: annotations[AUTH_URL_ANNOTATION] ?? null,
    clusterName: annotations[CLUSTER_NAME_ANNOTATION] ?? null,
    digest: token === null ? null : tokenDigest(token),
  };
}
