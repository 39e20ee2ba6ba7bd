import { randomUUID } from "node:crypto";
import { setTimeout as pause } from "node:timers/promises";
import { peekJws } from "@catalog/schema/documents/jws";
import type { OfferDocument } from "@catalog/schema/documents/offer-document";
import { EXCHANGE_PEERING, type ExchangePeeringResult, type Negotiation } from "@catalog/schema/operations";
import { waitFor } from "@catalog/server/testing/wait-for";
import { RefusedError } from "../fuzz/machine-line.js";
import { StrangerBuyer } from "../fuzz/stranger-purchase.js";
import type { Stranger } from "../fuzz/stranger.js";
import type { RunningConnector, RunningPart } from "../harness/federation.js";
import { base64, type KubeObject } from "./rig/kube-object.js";
import { kubeconfigText } from "./rig/kubeconfig.js";
import { KubeClient } from "./rig/kube-client.js";
import { type LiqoKeys, newLiqoKeys, signingRequest, signNonce } from "./stand-in/liqo-keys.js";
import { LABEL, SLICE, sliceUser } from "./stand-in/v1/kinds.js";

/** What a provider's Liqo answers; a test looks at what it expects. */
export type Reply = Readonly<Record<string, unknown>> & { readonly type: string };

/** How a customer proves who it is; PEM, PEM, base64. */
export interface TenantMessage {
  readonly type: "tenant";
  readonly publicKey: string;
  readonly csr: string;
  readonly signature: string;
}

const WAIT = { timeoutMs: 90_000, intervalMs: 100 };

/** A customer that runs nothing of ours: its keys, its requests for certificates and its messages are made here, so that each can be wrong. */
export class HostileCustomer {
  readonly keys: LiqoKeys = newLiqoKeys();

  private constructor(
    readonly buyer: StrangerBuyer,
    private readonly broker: RunningPart,
    /** What its contracts say of its Liqo. */
    private readonly told: { readonly mode: string; readonly version: string },
  ) {}

  static async of(
    stranger: Stranger,
    seller: RunningConnector,
    broker: RunningPart,
    told: { readonly mode: string; readonly version: string },
  ): Promise<HostileCustomer> {
    return new HostileCustomer(await StrangerBuyer.at(stranger, seller.contractEndpoint), broker, told);
  }

  get clusterID(): string {
    return this.buyer.stranger.clusterID;
  }

  /** The namespace that it has at the provider. */
  get namespace(): string {
    return `liqo-tenant-${this.clusterID}`;
  }

  /** Buys, with the key of this customer's Liqo in the contract, and answers the contract's id once it is active. */
  async buy(
    units = 1,
    changes: { readonly clusterID?: string; readonly publicKey?: string | null } = {},
  ): Promise<string> {
    const { buyer } = this;
    const { clusterID = this.clusterID, publicKey = this.keys.publicKey } = changes;
    const input = buyer.reserveInput({ offerID: "general", planID: "small", termsRev: await this.#termsRev(), units });
    const liqo = { ...this.told, publicKey };
    const reserved = await buyer.reserve({ ...input, buyer: { ...input.buyer, clusterID, liqo } });
    if (reserved.state !== "RESERVED")
      throw new RefusedError(reserved.code ?? reserved.state, reserved.message ?? "not reserved");
    const confirmed = await buyer.confirm(reserved);
    return (await this.#activated(confirmed)).contractID;
  }

  end(contractID: string): Promise<Negotiation> {
    return this.buyer.terminate(contractID);
  }

  /** Sends a message about the peering, again while there are too many of them. Throws {@link RefusedError}. */
  async exchange(contractID: string, message: unknown): Promise<Reply> {
    for (;;) {
      try {
        return await this.exchangeText(contractID, JSON.stringify(message));
      } catch (error) {
        if (!(error instanceof RefusedError) || error.code !== "RATE_LIMITED") throw error;
        await pause(200);
      }
    }
  }

  /** Sends a text once, which need not be a message. Throws {@link RefusedError}. */
  async exchangeText(contractID: string, message: string): Promise<Reply> {
    const variables = { contractID, message };
    const { exchangePeering } = await this.buyer.line.call<ExchangePeeringResult>(EXCHANGE_PEERING, variables);
    return JSON.parse(exchangePeering) as Reply;
  }

  /** The provider's nonce, once its Liqo has made one. */
  async nonce(contractID: string): Promise<string> {
    return waitFor(async () => {
      const reply = await this.exchange(contractID, { type: "nonce" });
      return typeof reply["nonce"] === "string" ? reply["nonce"] : undefined;
    }, WAIT);
  }

  /** What an honest customer would say of itself. */
  async introduction(nonce: string): Promise<TenantMessage> {
    return {
      type: "tenant",
      publicKey: this.keys.publicKey,
      csr: await signingRequest(this.keys, this.clusterID, ["liqo.io"]),
      signature: this.signed(nonce),
    };
  }

  signed(nonce: string): string {
    return base64(signNonce(this.keys.privateKey, nonce));
  }

  /** Goes through the handshake and logs in at the provider with the certificate that it was given. */
  async logIn(contractID: string): Promise<KubeClient> {
    const introduction = await this.introduction(await this.nonce(contractID));
    const reply = await waitFor(async () => {
      const answer = await this.exchange(contractID, introduction);
      return answer.type === "identity" ? answer : undefined;
    }, WAIT);
    const params = reply["authParams"] as {
      readonly apiServer: string;
      readonly ca: string;
      readonly signedCRT: string;
    };
    const text = (encoded: string): string => Buffer.from(encoded, "base64").toString();
    const user = { certificate: text(params.signedCRT), key: this.keys.privateKey };
    return KubeClient.of(kubeconfigText({ server: params.apiServer, ca: text(params.ca), user }));
  }

  /** A new slice as Liqo at the customer would replicate it, but for the changes of its spec. */
  async slice(resources: unknown, changes: Readonly<Record<string, unknown>> = {}): Promise<KubeObject> {
    const { clusterID, keys, namespace } = this;
    const name = `slice-${randomUUID().slice(0, 8)}`;
    const labels = { [LABEL.replicated]: "true", [LABEL.origin]: clusterID, [LABEL.remoteCluster]: clusterID };
    const csr = base64(await signingRequest(keys, sliceUser(name, clusterID), [clusterID]));
    const spec = { class: "catalog", consumerClusterID: clusterID, providerClusterID: "rome", csr, resources };
    return { ...SLICE, metadata: { name, namespace, labels }, spec: { ...spec, ...changes } };
  }

  async #termsRev(): Promise<number> {
    const { offer } = await this.broker.api.request<{ offer: { jws: string } }>(
      '{ offer(clusterID: "rome", offerID: "general") { jws } }',
    );
    return peekJws<OfferDocument>(offer.jws).payload.termsRev;
  }

  /** The provider activates nothing before it has seen its policies. */
  #activated(confirmed: Negotiation): Promise<Negotiation> {
    return waitFor(async () => {
      const active = await this.buyer.activate(confirmed);
      return active.state === "ACTIVE" ? active : undefined;
    }, WAIT);
  }
}
