import { randomBytes } from "node:crypto";
import type { KubeClient } from "../../rig/kube-client.js";
import {
  base64,
  type KubeObject,
  labelOf,
  type ObjectRef,
  ownerOf,
  refOf,
  secretText,
  textAt,
} from "../../rig/kube-object.js";
import { CertificateDesk } from "../certificate-desk.js";
import type { ControllerSpec } from "../controllers.js";
import { isNonceSignedBy, requestProblem } from "../liqo-keys.js";
import { addFinalizer, dropFinalizer, warn, writeStatus } from "../objects.js";
import {
  CLUSTER_ROLE_BINDING,
  LABEL,
  type LiqoSettings,
  NAMESPACE,
  ROLE_BINDING,
  SECRET,
  SLICE,
  TENANT,
} from "./kinds.js";

const FINALIZER = "tenant.liqo.io/finalizer";
const NONCE_BYTES = 64;
/** What a consumer may do in its tenant namespace, and everywhere. */
export const TENANT_ROLE = "liqo-remote-controlplane";
export const WIDE_ROLE = "liqo-virtual-kubelet-remote-clusterwide";

/** The provider's side of the handshake: nonces, Tenants, the consumer's certificate and its rights. */
export class TenantControllers {
  readonly #desk: CertificateDesk;

  constructor(
    private readonly kube: KubeClient,
    private readonly settings: LiqoSettings,
  ) {
    this.#desk = new CertificateDesk(kube);
  }

  get specs(): readonly ControllerSpec[] {
    return [
      {
        name: "nonce-filler",
        kind: SECRET,
        options: { labelSelector: `${LABEL.nonce}=true` },
        reconcile: (ref) => this.#fillNonce(ref),
      },
      { name: "tenant", kind: TENANT, reconcile: (ref) => this.#tenant(ref) },
    ];
  }

  async #fillNonce(ref: ObjectRef): Promise<void> {
    const secret = await this.kube.get(ref);
    if (!secret || secretText(secret, "nonce") !== undefined) return;
    const nonce = randomBytes(NONCE_BYTES).toString("base64");
    await this.kube.replace({ ...secret, data: { ...(secret["data"] as object), nonce: base64(nonce) } });
  }

  async #tenant(ref: ObjectRef): Promise<void> {
    const tenant = await this.kube.get(ref);
    if (!tenant) return;
    const peer = textAt(tenant, "spec", "clusterID") ?? "";
    if (tenant.metadata.deletionTimestamp !== undefined) {
      await this.kube.remove({ ...CLUSTER_ROLE_BINDING, name: bindingName(WIDE_ROLE, peer) });
      return dropFinalizer(this.kube, tenant, FINALIZER);
    }
    if (tenant.metadata.finalizers?.includes(FINALIZER) !== true) return addFinalizer(this.kube, tenant, FINALIZER);
    const condition = textAt(tenant, "spec", "tenantCondition") ?? "Active";
    if (condition === "Drained") return this.#drain(peer);
    await this.#markSlices(peer, condition === "Cordoned");
    const nonce = await this.#nonceFor(peer);
    if (nonce === undefined) {
      await warn(this.kube, tenant, "NonceNotFound", `no nonce for cluster ${peer}`);
      throw new Error(`no nonce for cluster ${peer}`);
    }
    await this.#admit(tenant, peer, nonce);
  }

  /** Checks what the consumer brought, signs its request and binds its rights. What is wrong shows as an Event only. */
  async #admit(tenant: KubeObject, peer: string, nonce: string): Promise<void> {
    const bytesOf = (field: string): Buffer => Buffer.from(textAt(tenant, "spec", field) ?? "", "base64");
    const [publicKey, csr, signature] = [bytesOf("publicKey"), bytesOf("csr"), bytesOf("signature")];
    if (!isNonceSignedBy(publicKey, nonce, signature)) {
      const message = `signature verification failed for Tenant "${tenant.metadata.name}"`;
      return warn(this.kube, tenant, "SignatureVerificationFailed", message);
    }
    const problem = requestProblem(csr, { commonName: peer, organization: "liqo.io", publicKey });
    if (problem !== undefined) return warn(this.kube, tenant, "InvalidCSR", problem);
    const namespace = await this.#namespaceOf(peer);
    const signed = await this.#signed(tenant, namespace, csr.toString());
    await this.#bind(tenant, namespace, peer);
    const authParams = {
      apiServer: this.settings.apiServer,
      ca: base64(this.settings.ca),
      signedCRT: base64(signed),
    };
    await writeStatus(this.kube, tenant, { tenantNamespace: namespace, authParams });
  }

  async #signed(tenant: KubeObject, namespace: string, request: string): Promise<string> {
    try {
      return await this.#desk.certificate({ namespace, name: "liqo-remote-certificate" }, request);
    } catch (error) {
      await warn(this.kube, tenant, "AuthParamsFailed", error instanceof Error ? error.message : String(error));
      throw error;
    }
  }

  async #nonceFor(peer: string): Promise<string | undefined> {
    const labelSelector = `${LABEL.nonce}=true,${LABEL.remoteCluster}=${peer}`;
    const [secret] = await this.kube.list(SECRET, { labelSelector });
    return secretText(secret, "nonce");
  }

  async #namespaceOf(peer: string): Promise<string> {
    const labels = { [LABEL.remoteCluster]: peer, [LABEL.tenantNamespace]: "true" };
    const labelSelector = Object.entries(labels)
      .map(([name, value]) => `${name}=${value}`)
      .join(",");
    const [existing] = await this.kube.list(NAMESPACE, { labelSelector });
    if (existing) return existing.metadata.name ?? "";
    const name = `liqo-tenant-${peer}`;
    await this.kube.ensure({ ...NAMESPACE, metadata: { name, labels } });
    return name;
  }

  async #bind(tenant: KubeObject, namespace: string, peer: string): Promise<void> {
    const subjects = [{ apiGroup: "rbac.authorization.k8s.io", kind: "User", name: peer }];
    const labels = { [LABEL.remoteCluster]: peer };
    const roleRef = (name: string): object => ({ apiGroup: "rbac.authorization.k8s.io", kind: "ClusterRole", name });
    const inside = { name: bindingName(TENANT_ROLE, peer), namespace, labels, ownerReferences: [ownerOf(tenant)] };
    await this.kube.ensure({ ...ROLE_BINDING, metadata: inside, subjects, roleRef: roleRef(TENANT_ROLE) });
    const everywhere = { name: bindingName(WIDE_ROLE, peer), labels };
    await this.kube.ensure({ ...CLUSTER_ROLE_BINDING, metadata: everywhere, subjects, roleRef: roleRef(WIDE_ROLE) });
  }

  /** Takes the rights first and then the slices; Quotas go with the slices that own them. */
  async #drain(peer: string): Promise<void> {
    await this.kube.remove({ ...CLUSTER_ROLE_BINDING, name: bindingName(WIDE_ROLE, peer) });
    for (const binding of await this.kube.list(ROLE_BINDING, { labelSelector: `${LABEL.remoteCluster}=${peer}` })) {
      if (binding.metadata.name === bindingName(TENANT_ROLE, peer)) await this.kube.remove(refOf(binding));
    }
    for (const slice of await this.#slicesOf(peer)) await this.kube.remove(refOf(slice));
  }

  async #markSlices(peer: string, isCordoned: boolean): Promise<void> {
    for (const slice of await this.#slicesOf(peer)) {
      if ((slice.metadata.annotations?.[LABEL.cordonTenant] === "true") === isCordoned) continue;
      const annotations = { [LABEL.cordonTenant]: isCordoned ? "true" : null };
      await this.kube.patch(refOf(slice), { metadata: { annotations } });
    }
  }

  async #slicesOf(peer: string): Promise<KubeObject[]> {
    const slices = await this.kube.list(SLICE, { labelSelector: `${LABEL.remoteCluster}=${peer}` });
    return slices.filter((slice) => labelOf(slice, LABEL.origin) === peer);
  }
}

function bindingName(role: string, peer: string): string {
  return `${role}-${peer}`;
}
