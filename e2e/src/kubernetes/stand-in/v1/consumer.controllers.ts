import { kubeconfigText } from "../../rig/kubeconfig.js";
import type { KubeClient } from "../../rig/kube-client.js";
import {
  at,
  base64,
  type KubeObject,
  labelOf,
  type ObjectRef,
  ownerOf,
  secretText,
  textAt,
} from "../../rig/kube-object.js";
import type { ControllerSpec } from "../controllers.js";
import { isNonceSignedBy, type LiqoKeys, signingRequest, signNonce } from "../liqo-keys.js";
import { apply, writeStatus } from "../objects.js";
import { IDENTITY, LABEL, type LiqoSettings, SECRET, SLICE, sliceCondition, sliceUser, VIRTUAL_NODE } from "./kinds.js";

/** What Liqo does at the consumer: signs nonces, makes kubeconfigs of Identities, completes slices, makes virtual nodes of accepted ones. */
export class ConsumerControllers {
  constructor(
    private readonly kube: KubeClient,
    private readonly settings: LiqoSettings,
    private readonly keys: LiqoKeys,
  ) {}

  get specs(): readonly ControllerSpec[] {
    const local = { labelSelector: `${LABEL.replication}=true` };
    return [
      {
        name: "nonce-signer",
        kind: SECRET,
        options: { labelSelector: `${LABEL.signedNonce}=true` },
        reconcile: (ref) => this.#signNonce(ref),
      },
      { name: "identity", kind: IDENTITY, reconcile: (ref) => this.#identity(ref) },
      { name: "local-slice", kind: SLICE, options: local, reconcile: (ref) => this.#completeSlice(ref) },
      { name: "virtual-node-creator", kind: SLICE, options: local, reconcile: (ref) => this.#virtualNode(ref) },
    ];
  }

  async #signNonce(ref: ObjectRef): Promise<void> {
    const secret = await this.kube.get(ref);
    const nonce = secretText(secret, "nonce");
    if (!secret || nonce === undefined) return;
    const signature = Buffer.from(textAt(secret, "data", "signedNonce") ?? "", "base64");
    const publicKey = Buffer.from(this.keys.publicKey);
    if (signature.length > 0 && isNonceSignedBy(publicKey, nonce, signature)) return;
    const signedNonce = base64(signNonce(this.keys.privateKey, nonce));
    await this.kube.replace({ ...secret, data: { ...(secret["data"] as object), signedNonce } });
  }

  async #identity(ref: ObjectRef): Promise<void> {
    const identity = await this.kube.get(ref);
    const certificate = textAt(identity, "spec", "authParams", "signedCRT");
    const server = textAt(identity, "spec", "authParams", "apiServer");
    if (!identity || certificate === undefined || server === undefined) return;
    const decoded = (text: string): string => Buffer.from(text, "base64").toString();
    const namespace = textAt(identity, "spec", "namespace");
    const name = `kubeconfig-${ref.name}`;
    const kubeconfig = kubeconfigText({
      server,
      ca: decoded(textAt(identity, "spec", "authParams", "ca") ?? ""),
      user: { certificate: decoded(certificate), key: this.keys.privateKey },
      ...(namespace === undefined ? {} : { namespace }),
    });
    await apply(this.kube, {
      ...SECRET,
      metadata: {
        name,
        namespace: ref.namespace ?? "",
        labels: { [LABEL.remoteCluster]: textAt(identity, "spec", "clusterID") ?? "" },
        ownerReferences: [ownerOf(identity)],
      },
      data: { kubeconfig: base64(kubeconfig) },
    });
    await writeStatus(this.kube, identity, { kubeconfigSecretRef: { name } });
  }

  async #completeSlice(ref: ObjectRef): Promise<void> {
    const slice = await this.kube.get(ref);
    if (!slice || textAt(slice, "spec", "csr") !== undefined) return;
    const consumer = this.settings.clusterID;
    const csr = base64(await signingRequest(this.keys, sliceUser(ref.name, consumer), [consumer]));
    await this.kube.replace({ ...slice, spec: { ...(slice["spec"] as object), consumerClusterID: consumer, csr } });
  }

  async #virtualNode(ref: ObjectRef): Promise<void> {
    const slice = await this.kube.get(ref);
    if (!slice || slice.metadata.deletionTimestamp !== undefined) return;
    if (slice.metadata.annotations?.[LABEL.createVirtualNode] !== "true") return;
    const isAccepted = (["Authentication", "Resources"] as const).every(
      (type) => sliceCondition(slice, type) === "Accepted",
    );
    if (!isAccepted) return;
    await this.#sliceIdentity(slice);
    const peer = textAt(slice, "spec", "providerClusterID") ?? labelOf(slice, LABEL.destination) ?? "";
    const nodeSelector = at(slice, "status", "nodeSelector");
    await apply(this.kube, {
      ...VIRTUAL_NODE,
      metadata: {
        name: ref.name,
        namespace: ref.namespace ?? "",
        labels: { [LABEL.remoteCluster]: peer },
        ownerReferences: [{ ...ownerOf(slice), controller: true }],
      },
      spec: {
        clusterID: peer,
        createNode: true,
        labels: { "liqo.io/provider": peer, ...(at(slice, "status", "nodeLabels") as object | undefined) },
        resourceQuota: { hard: at(slice, "status", "resources") ?? {} },
        kubeconfigSecretRef: { name: `kubeconfig-${sliceIdentity(ref.name)}` },
        ...(nodeSelector === undefined ? {} : { offloadingPatch: { nodeSelector } }),
      },
    });
  }

  /** The virtual node acts at the provider as the slice's own user. */
  async #sliceIdentity(slice: KubeObject): Promise<void> {
    const { name = "", namespace = "" } = slice.metadata;
    const peer = textAt(slice, "spec", "providerClusterID") ?? "";
    await apply(this.kube, {
      ...IDENTITY,
      metadata: {
        name: sliceIdentity(name),
        namespace,
        labels: { [LABEL.remoteCluster]: peer },
        ownerReferences: [ownerOf(slice)],
      },
      spec: { clusterID: peer, type: "ResourceSlice", authParams: at(slice, "status", "authParams") },
    });
  }
}

function sliceIdentity(slice: string): string {
  return `resourceslice-${slice}`;
}
