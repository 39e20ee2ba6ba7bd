import { kubeconfigText } from "../../rig/kubeconfig.js";
import { KubeClient } from "../../rig/kube-client.js";
import { base64, type KubeObject, secretText } from "../../rig/kube-object.js";
import { type LiqoKeys, signingRequest } from "../liqo-keys.js";
import { askIdentity } from "./auth-client.js";
import { type ClusterIdentity, LABEL, type LiqoSettings, SECRET } from "./kinds.js";

/** A way to a provider's API, as the user that the provider made of us. */
export interface PeerLink {
  readonly kube: KubeClient;
  readonly namespace: string;
}

/** The identities that this cluster got from its providers, each kept in a Secret of the provider's tenant namespace here. */
export class PeerLinks {
  readonly #open = new Map<string, PeerLink & { readonly kubeconfig: string }>();

  constructor(
    private readonly kube: KubeClient,
    private readonly settings: LiqoSettings,
    private readonly keys: LiqoKeys,
  ) {}

  /** The link to a provider that gave an identity before; undefined if none did. */
  async link(peer: ClusterIdentity, localNamespace: string): Promise<PeerLink | undefined> {
    const secret = await this.kube.get({ ...SECRET, namespace: localNamespace, name: "remote-identity" });
    const kubeconfig = secretText(secret, "kubeconfig");
    const open = this.#open.get(peer.clusterID);
    if (open && open.kubeconfig === kubeconfig) return open;
    open?.kube.close();
    this.#open.delete(peer.clusterID);
    if (kubeconfig === undefined) return undefined;
    const link = {
      kube: await KubeClient.of(kubeconfig),
      namespace: secretText(secret, "namespace") ?? "",
      kubeconfig,
    };
    this.#open.set(peer.clusterID, link);
    return link;
  }

  /** Gets an identity with the provider's token. Throws IdentityRefusedError, or what the network says. */
  async obtain(
    foreign: { readonly peer: ClusterIdentity; readonly authUrl: string },
    token: string,
    localNamespace: string,
  ): Promise<void> {
    const { clusterID, clusterName } = this.settings;
    const request = await this.#request(localNamespace);
    const answer = await askIdentity(foreign.authUrl, { clusterID, clusterName }, token, request);
    const decoded = (text: string): string => Buffer.from(text, "base64").toString();
    const kubeconfig = kubeconfigText({
      server: answer.apiServerUrl,
      ca: decoded(answer.apiServerCA),
      user: { certificate: decoded(answer.certificate), key: this.keys.privateKey },
    });
    await this.kube.ensure(
      this.#secret("remote-identity", localNamespace, { kubeconfig, namespace: answer.namespace }),
    );
  }

  close(): void {
    for (const { kube } of this.#open.values()) kube.close();
    this.#open.clear();
  }

  /** Kept, because a provider signs one request only. */
  async #request(namespace: string): Promise<string> {
    const name = "remote-identity-request";
    const stored = secretText(await this.kube.get({ ...SECRET, namespace, name }), "csr");
    if (stored !== undefined) return stored;
    const csr = await signingRequest(this.keys, this.settings.clusterID, ["liqo.io"]);
    await this.kube.ensure(this.#secret(name, namespace, { csr }));
    return csr;
  }

  #secret(name: string, namespace: string, data: Readonly<Record<string, string>>): KubeObject {
    const encoded = Object.fromEntries(Object.entries(data).map(([key, value]) => [key, base64(value)]));
    return { ...SECRET, metadata: { name, namespace, labels: { [LABEL.replication]: "false" } }, data: encoded };
  }
}
