import { addAmounts, type Amounts } from "@catalog/schema/resource-list";
import type { Contract } from "../../domain/contract.js";
import type { DriverState, PeeringMessage, PeeringTask } from "../../services/peerings/peering-ports.js";
import { isNonceSignature, isSameKey } from "../csr.js";
import { identityDigest, tenant, tenantKeys, type AuthParams, type TenantParts } from "../forge/handshake.js";
import { introductionProblem } from "../forge/introduction.js";
import type { GatewayEndpoint } from "../forge/network.js";
import { isSameJson } from "../forge/same-json.js";
import { grantedQuantities } from "../forge/slice-status.js";
import { keyOfTenant } from "../forge/tenant-key.js";
import { isOurs } from "../forge/tenant-labels.js";
import type { KubeApi, KubeObject } from "../kube/kube-api.js";
import { applyAction, ownCidrs, ROUNDS_MAX } from "./kube-actions.js";
import { providerNetwork } from "./network-stages.js";
import {
  asMessage,
  readCustomerMessage,
  type CustomerMessage,
  type ProviderReply,
} from "../forge/handshake-messages.js";
import { placeOf } from "./place-stages.js";
import { isLetIn, tenantOf } from "./provider-plan.js";
import type { ProviderRun, ProviderSide } from "./provider-side.js";
import { askedAmounts } from "./share-grant.js";
import { fieldsOf, refOf } from "./stages.js";
import { viewTenant, type TenantView } from "./tenant-view.js";
import type { V1Settings } from "./v1-settings.js";

type NetworkMessage = Extract<CustomerMessage, { readonly type: "network" }>;

/** Answers customers: each message belongs to a contract in force whose buyer has sent it. Every answer can be asked for again. */
export class ProviderDesk {
  constructor(
    private readonly kube: KubeApi,
    private readonly settings: V1Settings,
    private readonly side: ProviderSide,
  ) {}

  /** @throws InputInvalidError for a message that is none, ClusterIDUnusableError, KubeError. */
  async answer(
    contract: Contract,
    message: PeeringMessage,
    state: DriverState,
  ): Promise<{ readonly reply: PeeringMessage; readonly state: DriverState }> {
    const read = readCustomerMessage(message);
    const told = { ...fieldsOf(state), ...wishIn(read) };
    if (read.type === "ended") return { reply: { type: "ended" }, state: { ...told, isPeerDown: true } };
    if (contract.buyer.clusterID === this.settings.ownID)
      return { reply: asMessage(refused("this cluster has the same Liqo cluster id.")), state };
    const run = await this.side.advance(taskOf(contract, told));
    if (run.report.phase === "FAILED") return { reply: asMessage(refused(run.report.message)), state: run.memory };
    return { reply: asMessage(await this.reply(contract, read, run)), state: run.memory };
  }

  private async reply(contract: Contract, message: CustomerMessage, run: ProviderRun): Promise<ProviderReply> {
    switch (message.type) {
      case "nonce":
        return nonceReply(run);
      case "tenant":
        return await this.letIn(contract, message, run);
      case "network":
        return await this.network(contract, message);
      case "status":
        return statusReply(contract, run);
      case "disconnect":
        return { type: "disconnected" };
      case "ended":
        return { type: "ended" };
    }
  }

  /** Nothing is created before everything that the customer says of itself is proven. */
  private async letIn(contract: Contract, parts: TenantParts, run: ProviderRun): Promise<ProviderReply> {
    const { buyer } = contract;
    const nonce = nonceOf(run.view);
    if (nonce === undefined) return { type: "pending", message: run.report.message };
    const expected = { clusterID: buyer.clusterID, publicKey: buyer.liqo.publicKey, nonce };
    const problem = introductionProblem(parts, expected);
    if (problem !== undefined) return refused(problem);
    const task = taskOf(contract, null);
    const [other] = run.view.tenants.filter((one) => one !== tenantOf({ view: run.view, task }));
    if (other !== undefined) return refused("the namespace of this cluster holds the Tenant of another one.");
    const found = tenantOf({ view: run.view, task });
    // Its identity holds no longer than it is there.
    if (found?.metadata.deletionTimestamp !== undefined) return { type: "pending", message: run.report.message };
    if (found === undefined) {
      await applyAction(this.kube, { do: "create", object: tenant(placeOf({ task, view: run.view }), parts) });
    } else if (!isOurs(found)) {
      return refused("this cluster was peered by hand before; the provider has to end that peering first.");
    } else if (!isSameJson(keysIn(found.spec), tenantKeys(parts))) {
      await applyAction(this.kube, { do: "patch", ref: refOf(found), patch: { spec: tenantKeys(parts) } });
    }
    return identityReply(await this.side.advance(task), contract);
  }

  private async network(contract: Contract, message: NetworkMessage): Promise<ProviderReply> {
    const { liqoNamespace, gatewayService, ownID, account } = this.settings;
    const cidr = await ownCidrs(this.kube, liqoNamespace);
    if (cidr === undefined) return { type: "pending", message: "Liqo has not told the provider's address ranges yet." };
    const task = taskOf(contract, null);
    const query = { clusterID: contract.buyer.clusterID, ownID, needsBinding: account !== null, withNetwork: true };
    for (let round = 0; round < ROUNDS_MAX; round++) {
      const view = await viewTenant(this.kube, query);
      if (!view.tenants.some(isLetIn)) return { type: "pending", message: "The customer is not let in yet." };
      const action = providerNetwork(
        placeOf({ task, view }),
        view.network,
        { ownID, cidr, liqoNamespace, gatewayService },
        message,
      );
      if (action === undefined) {
        const endpoint = endpointOf(fieldsOf(view.network.server?.status)["endpoint"]);
        return { type: "network", cidr, endpoint, publicKey: view.network.ownKey };
      }
      await applyAction(this.kube, action);
    }
    return { type: "pending", message: "The network objects change faster than they can be read." };
  }
}

/** What a message says about the customer's wish for a network; nothing in most. */
function wishIn({ type }: CustomerMessage): { readonly hasNetwork?: boolean } {
  if (type === "network") return { hasNetwork: true };
  return type === "disconnect" || type === "ended" ? { hasNetwork: false } : {};
}

/** The task of a single contract, for what has to be done before an answer. */
function taskOf(contract: Contract, state: DriverState): PeeringTask {
  const { fingerprint, clusterID, clusterName, liqo } = contract.buyer;
  return {
    side: "PROVIDER",
    peer: { fingerprint, clusterID, clusterName, liqo },
    contracts: [contract],
    ending: [],
    wanted: true,
    network: false,
    isAllowed: false,
    isOtherUp: false,
    state,
  };
}

function refused(reason: string): ProviderReply {
  return { type: "refused", message: reason };
}

/** Liqo's nonce is a text. */
function nonceOf({ nonce }: TenantView): string | undefined {
  const encoded = nonce?.data?.["nonce"];
  return encoded === undefined || encoded === "" ? undefined : Buffer.from(encoded, "base64").toString();
}

function nonceReply({ view, report }: ProviderRun): ProviderReply {
  const nonce = nonceOf(view);
  return nonce === undefined ? { type: "pending", message: report.message } : { type: "nonce", nonce };
}

function identityReply({ view, report }: ProviderRun, contract: Contract): ProviderReply {
  const found = tenantOf({ view, task: taskOf(contract, null) });
  const { tenantNamespace, authParams } = fieldsOf(found?.status);
  const { apiServer, ca, signedCRT, proxyURL } = fieldsOf(authParams);
  if (typeof apiServer !== "string" || typeof signedCRT !== "string" || typeof tenantNamespace !== "string")
    return { type: "pending", message: report.message };
  const params: AuthParams = {
    apiServer,
    ...(typeof ca === "string" ? { ca } : {}),
    signedCRT,
    ...(typeof proxyURL === "string" ? { proxyURL } : {}),
  };
  return { type: "identity", namespace: tenantNamespace, authParams: params };
}

function statusReply(contract: Contract, { view, report, memory }: ProviderRun): ProviderReply {
  const found = tenantOf({ view, task: taskOf(contract, null) });
  const isThere =
    found !== undefined && found.metadata.deletionTimestamp === undefined && isLetIn(found) && isProven(found, view);
  const granted = view.customerSlices
    .map((slice) => askedAmounts(fieldsOf(fieldsOf(slice.status)["resources"])))
    .reduce<Amounts>((sum, amounts) => addAmounts(sum, amounts), {});
  return {
    type: "status",
    message: report.message.slice(0, 1_000),
    hasTenant: isThere,
    ...(isThere && isOurs(found) ? toldIdentity(found) : {}),
    hasNetwork: memory.hasNetwork === true,
    granted: grantedQuantities(granted),
  };
}

function toldIdentity({ status }: KubeObject): { readonly identity: string } {
  const { tenantNamespace, authParams } = fieldsOf(status);
  return { identity: identityDigest(tenantNamespace, fieldsOf(authParams)) };
}

/** Whether the Tenant is signed over the present nonce; Liqo stops caring for one that is not. One made by hand needs no nonce. */
function isProven(found: KubeObject, view: TenantView): boolean {
  if (!isOurs(found)) return true;
  const { publicKey, signature } = fieldsOf(found.spec);
  const nonce = nonceOf(view);
  if (nonce === undefined || typeof publicKey !== "string" || typeof signature !== "string") return false;
  const key = keyOfTenant(publicKey);
  return isSameKey(key, key) && isNonceSignature(nonce, Buffer.from(signature, "base64"), key);
}

function keysIn(spec: unknown): object {
  const { publicKey, csr, signature } = fieldsOf(spec);
  return { publicKey, csr, signature };
}

/** Where the gateway listens; null until it has an address. */
function endpointOf(endpoint: unknown): GatewayEndpoint | null {
  const { addresses, port, protocol } = fieldsOf(endpoint);
  const known = Array.isArray(addresses)
    ? addresses.filter((one): one is string => typeof one === "string" && one !== "")
    : [];
  if (known.length === 0 || typeof port !== "number") return null;
  return { addresses: known, port, protocol: protocol === "TCP" ? "TCP" : "UDP" };
}
