import { waitFor } from "@catalog/server/testing/wait-for";
import type { KubeClient } from "../../rig/kube-client.js";
import { at, base64, type KubeObject, secretText, textAt } from "../../rig/kube-object.js";
import { type LiqoKeys, signingRequest } from "../liqo-keys.js";
import { IDENTITY, LABEL, NAMESPACE, SECRET, SLICE, TENANT, tenantNamespaceOf } from "./kinds.js";

/** One side of a peering that is made by hand: whose API it is and which cluster it is. */
export interface Side {
  readonly admin: KubeClient;
  readonly clusterID: string;
}

/** What a Tenant says; a test changes what it wants to be wrong. */
export interface TenantParts {
  readonly publicKey: string;
  readonly csr: string;
  readonly signature: string;
}

/** An administrator's steps of a peering with Liqo 1.x, one after the other, as its documentation has them. */
export class HandMadePeering {
  constructor(
    readonly provider: Side,
    readonly consumer: Side,
    private readonly consumerKeys: LiqoKeys,
  ) {}

  get providerNamespace(): string {
    return tenantNamespaceOf(this.consumer.clusterID);
  }

  get consumerNamespace(): string {
    return tenantNamespaceOf(this.provider.clusterID);
  }

  /** Steps 1 and 2: the provider's nonce, signed by the consumer. */
  async signedNonce(): Promise<string> {
    await this.#namespaces();
    const name = "liqo-nonce";
    const namespace = this.providerNamespace;
    const labels = { [LABEL.nonce]: "true", [LABEL.remoteCluster]: this.consumer.clusterID };
    await this.provider.admin.ensure({ ...SECRET, metadata: { name, namespace, labels } });
    const filled = async () => secretText(await this.provider.admin.get({ ...SECRET, name, namespace }), "nonce");
    return this.sign(await waitFor(filled, { what: "Liqo fills the nonce", timeoutMs: 20_000 }));
  }

  /** The consumer's signature over a nonce, base64. */
  async sign(nonce: string): Promise<string> {
    const signed = { ...SECRET, name: "liqo-signed-nonce", namespace: this.consumerNamespace };
    const { admin } = this.consumer;
    const labels = { [LABEL.signedNonce]: "true", [LABEL.remoteCluster]: this.provider.clusterID };
    await admin.ensure({ ...SECRET, metadata: { name: signed.name, namespace: signed.namespace, labels } });
    await admin.patch(signed, { data: { nonce: base64(nonce) } });
    const signature = async () => textAt(await admin.get(signed), "data", "signedNonce");
    return waitFor(signature, { what: "Liqo signs the nonce", timeoutMs: 20_000 });
  }

  /** Step 3: what the consumer gives to the provider. */
  async tenantParts(signature: string): Promise<TenantParts> {
    const csr = await signingRequest(this.consumerKeys, this.consumer.clusterID, ["liqo.io"]);
    return { publicKey: base64(this.consumerKeys.publicKey), csr: base64(csr), signature };
  }

  /** Step 4: the Tenant; nothing is checked, Liqo must. */
  createTenant(parts: TenantParts): Promise<KubeObject> {
    const { clusterID } = this.consumer;
    return this.provider.admin.ensure({
      ...TENANT,
      metadata: { name: clusterID, namespace: this.providerNamespace },
      spec: { clusterID, ...parts, authzPolicy: "KeysExchange", tenantCondition: "Active" },
    });
  }

  tenant(): Promise<KubeObject | undefined> {
    return this.provider.admin.get({ ...TENANT, namespace: this.providerNamespace, name: this.consumer.clusterID });
  }

  /** Step 5: what the provider answers becomes the consumer's Identity. */
  async createIdentity(): Promise<void> {
    const tenant = await waitFor(
      async () => {
        const found = await this.tenant();
        return at(found, "status", "authParams", "signedCRT") === undefined ? undefined : found;
      },
      { what: "Liqo signs the consumer's request", timeoutMs: 20_000 },
    );
    const clusterID = this.provider.clusterID;
    await this.consumer.admin.ensure({
      ...IDENTITY,
      metadata: {
        name: `controlplane-${clusterID}`,
        namespace: this.consumerNamespace,
        labels: { [LABEL.remoteCluster]: clusterID },
      },
      spec: {
        clusterID,
        type: "ControlPlane",
        authParams: at(tenant, "status", "authParams"),
        namespace: textAt(tenant, "status", "tenantNamespace"),
      },
    });
  }

  /** All of it until the consumer can send slices. */
  async peer(): Promise<void> {
    await this.createTenant(await this.tenantParts(await this.signedNonce()));
    await this.createIdentity();
  }

  /** Step 6: a slice of the consumer. */
  createSlice(name: string, className: string, resources: Readonly<Record<string, string>>): Promise<KubeObject> {
    const peer = this.provider.clusterID;
    return this.consumer.admin.create({
      ...SLICE,
      metadata: {
        name,
        namespace: this.consumerNamespace,
        labels: { [LABEL.replication]: "true", [LABEL.destination]: peer, [LABEL.remoteCluster]: peer },
        annotations: { [LABEL.createVirtualNode]: "true" },
      },
      spec: { class: className, providerClusterID: peer, resources },
    });
  }

  slice(name: string): Promise<KubeObject | undefined> {
    return this.consumer.admin.get({ ...SLICE, namespace: this.consumerNamespace, name });
  }

  /** The provider's copy of it. */
  copy(name: string): Promise<KubeObject | undefined> {
    return this.provider.admin.get({ ...SLICE, namespace: this.providerNamespace, name });
  }

  /** Down, the consumer first. */
  async takeDown(): Promise<void> {
    const { admin } = this.consumer;
    const slices = await admin.list(SLICE, { namespace: this.consumerNamespace });
    for (const { metadata } of slices)
      await this.#gone(admin, { ...SLICE, namespace: this.consumerNamespace, name: metadata.name ?? "" });
    const identity = {
      ...IDENTITY,
      namespace: this.consumerNamespace,
      name: `controlplane-${this.provider.clusterID}`,
    };
    await this.#gone(admin, identity);
    // Kubernetes takes 5 s for a namespace: both at once.
    await Promise.all([this.#gone(admin, { ...NAMESPACE, name: this.consumerNamespace }), this.takeDownAtProvider()]);
  }

  /** The provider's part alone: its Tenant and namespace, and with it the consumer's rights. */
  async takeDownAtProvider(): Promise<void> {
    const { admin } = this.provider;
    await this.#gone(admin, { ...TENANT, namespace: this.providerNamespace, name: this.consumer.clusterID });
    await this.#gone(admin, { ...NAMESPACE, name: this.providerNamespace });
  }

  async #gone(admin: KubeClient, ref: Parameters<KubeClient["get"]>[0]): Promise<void> {
    await admin.remove(ref);
    const what = `${ref.kind} ${ref.name} goes`;
    await waitFor(async () => (await admin.get(ref)) === undefined, { what, timeoutMs: 40_000 });
  }

  async #namespaces(): Promise<void> {
    const namespaced = (name: string, peer: string): KubeObject => ({
      ...NAMESPACE,
      metadata: { name, labels: { [LABEL.remoteCluster]: peer, [LABEL.tenantNamespace]: "true" } },
    });
    await this.provider.admin.ensure(namespaced(this.providerNamespace, this.consumer.clusterID));
    await this.consumer.admin.ensure(namespaced(this.consumerNamespace, this.provider.clusterID));
  }
}
