import type { KubeClient } from "../../rig/kube-client.js";
import { at, type KubeObject, labelOf, type ObjectRef, refOf, secretText, textAt } from "../../rig/kube-object.js";
import type { ControllerSpec } from "../controllers.js";
import { apply } from "../objects.js";
import { IdentityRefusedError } from "./auth-client.js";
import { setConditions } from "./conditions.js";
import {
  type ClusterIdentity,
  type Condition,
  conditionStatus,
  FOREIGN_CLUSTER,
  identityOf,
  LABEL,
  type LiqoSettings,
  RESOURCE_OFFER,
  RESOURCE_REQUEST,
  SECRET,
  tenantNamespace,
} from "./kinds.js";
import type { PeerLink, PeerLinks } from "./peer-link.js";
import type { VirtualNodes } from "./virtual-nodes.js";

/** What the provider offers is asked for, not watched. */
const PROVIDER_LOOK_MS = 700;

function ok(status: "Established" | "Success", reason: string): Condition {
  return { status, reason, message: reason };
}

/** The consumer's side: a ForeignCluster that is to be reached becomes an identity there, a request, and a node of what is offered. */
export class OutgoingControllers {
  /** What a ForeignCluster said when its provider refused us: a corrected token alone is not looked at. */
  readonly #refusedFor = new Map<string, string>();

  constructor(
    private readonly kube: KubeClient,
    private readonly settings: LiqoSettings,
    private readonly links: PeerLinks,
    private readonly nodes: VirtualNodes,
    /** Where providers reach this cluster's authentication service; undefined while it has no address. */
    private readonly ownAuthUrl: () => string | undefined,
  ) {}

  get specs(): readonly ControllerSpec[] {
    const reconcile = (ref: ObjectRef): Promise<void> => this.#reconcile(ref);
    return [{ name: "foreign-cluster", kind: FOREIGN_CLUSTER, reconcile, resyncMs: PROVIDER_LOOK_MS }];
  }

  forget(): void {
    this.#refusedFor.clear();
  }

  async #reconcile(ref: ObjectRef): Promise<void> {
    const foreign = await this.kube.get(ref);
    if (!foreign) return;
    const peer = identityOf(foreign);
    const problem = await this.#problemOf(foreign, peer);
    if (problem !== undefined) {
      const message = `${problem} ${peer.clusterID}`;
      return setConditions(this.kube, ref, {
        ProcessForeignClusterStatus: { status: "Error", reason: problem, message },
      });
    }
    await setConditions(this.kube, ref, { ProcessForeignClusterStatus: ok("Success", "ForeignClusterProcessed") });
    const namespace = await tenantNamespace(this.kube, peer);
    const isWanted = textAt(foreign, "spec", "outgoingPeeringEnabled") === "Yes";
    const request = { ...RESOURCE_REQUEST, namespace, name: this.settings.clusterID };
    if (isWanted) await this.#reachOut(foreign, peer, request);
    else if ((await this.kube.get(request)) !== undefined) await this.#withdraw(foreign, peer, request);
    else if (this.ownAuthUrl() !== undefined) {
      await setConditions(this.kube, ref, {
        OutgoingPeering: { status: "None", reason: "NoOutgoingPeering", message: "no peering is wanted" },
      });
    }
    await this.#collect(ref, peer);
  }

  /** A ForeignCluster that Liqo made for a consumer goes when neither direction uses it any more, whichever ended last. */
  async #collect(ref: ObjectRef, peer: ClusterIdentity): Promise<void> {
    const foreign = await this.kube.get(ref);
    if (!foreign || labelOf(foreign, LABEL.discoveryType) !== "IncomingPeering") return;
    const isUsed = (["OutgoingPeering", "IncomingPeering"] as const).some(
      (type) => (conditionStatus(foreign, type) ?? "None") !== "None",
    );
    if (isUsed || textAt(foreign, "spec", "outgoingPeeringEnabled") === "Yes") return;
    const requests = await this.kube.list(RESOURCE_REQUEST);
    const isAskedFor = requests.some((each) => textAt(each, "spec", "clusterIdentity", "clusterID") === peer.clusterID);
    if (!isAskedFor) await this.kube.remove(ref);
  }

  async #problemOf(foreign: KubeObject, peer: ClusterIdentity): Promise<string | undefined> {
    if (peer.clusterID === this.settings.clusterID) return "LocalCluster";
    const same = (await this.kube.list(FOREIGN_CLUSTER)).filter(
      (each) => identityOf(each).clusterID === peer.clusterID,
    );
    const age = (each: KubeObject): string => `${textAt(each, "metadata", "creationTimestamp")} ${each.metadata.uid}`;
    const [oldest] = same.sort((a, b) => (age(a) < age(b) ? -1 : 1));
    return oldest?.metadata.uid === foreign.metadata.uid ? undefined : "ClusterIDRepetition";
  }

  async #reachOut(foreign: KubeObject, peer: ClusterIdentity, request: ObjectRef): Promise<void> {
    const namespace = request.namespace ?? "";
    const link = (await this.links.link(peer, namespace)) ?? (await this.#authenticate(foreign, peer, namespace));
    if (!link) return;
    const isNamed = foreign.metadata.name === peer.clusterName;
    await setConditions(this.kube, refOf(foreign), {
      AuthenticationStatus: ok("Established", "AuthenticationEstablished"),
      NetworkStatus: ok("Established", "NetworkEstablished"),
      ...(isNamed ? { APIServerStatus: ok("Established", "APIServerReady") } : {}),
    });
    const authUrl = this.ownAuthUrl();
    if (authUrl === undefined) return; // Liqo says nothing about its outgoing peering then
    await this.#request(peer, request, link, authUrl);
    await this.#take(foreign, peer, link, namespace);
  }

  async #authenticate(foreign: KubeObject, peer: ClusterIdentity, namespace: string): Promise<PeerLink | undefined> {
    const uid = foreign.metadata.uid ?? "";
    const said = JSON.stringify([foreign.metadata.labels, foreign["spec"]]);
    if (this.#refusedFor.get(uid) === said) return undefined;
    const token = await this.#tokenFor(peer.clusterID);
    if (token === undefined) {
      const message = `no token for cluster ${peer.clusterID}`;
      await setConditions(this.kube, refOf(foreign), {
        AuthenticationStatus: { status: "Pending", reason: "TokenMissing", message },
      });
      return undefined;
    }
    try {
      await this.links.obtain({ peer, authUrl: textAt(foreign, "spec", "foreignAuthUrl") ?? "" }, token, namespace);
    } catch (error) {
      const message = `token ${token}: ${error instanceof Error ? error.message : String(error)}`;
      await setConditions(this.kube, refOf(foreign), {
        AuthenticationStatus: { status: "Error", reason: "IdentityError", message },
      });
      if (!(error instanceof IdentityRefusedError)) throw error;
      this.#refusedFor.set(uid, said);
      return undefined;
    }
    return this.links.link(peer, namespace);
  }

  async #tokenFor(clusterID: string): Promise<string | undefined> {
    const labelSelector = `${LABEL.clusterID}=${clusterID},${LABEL.authToken}`;
    const [secret] = await this.kube.list(SECRET, { namespace: this.settings.namespace, labelSelector });
    return secretText(secret, "token");
  }

  /** The request here, and its replica at the provider. */
  async #request(peer: ClusterIdentity, request: ObjectRef, link: PeerLink, authUrl: string): Promise<void> {
    const { clusterID, clusterName } = this.settings;
    const spec = { clusterIdentity: { clusterID, clusterName }, authUrl };
    const labels = { [LABEL.clusterID]: clusterID, [LABEL.origin]: clusterID, [LABEL.destination]: peer.clusterID };
    const { name, namespace = "" } = request;
    const here = { ...labels, [LABEL.replication]: "true" };
    await apply(this.kube, { ...RESOURCE_REQUEST, metadata: { name, namespace, labels: here }, spec });
    const there = { ...labels, [LABEL.replicated]: "true", [LABEL.replication]: "false" };
    await link.kube.ensure({ ...RESOURCE_REQUEST, metadata: { name, namespace: link.namespace, labels: there }, spec });
  }

  /** Takes what is offered, or waits for it. */
  async #take(foreign: KubeObject, peer: ClusterIdentity, link: PeerLink, namespace: string): Promise<void> {
    const offer = await link.kube.get({ ...RESOURCE_OFFER, namespace: link.namespace, name: peer.clusterID });
    if (!offer || offer.metadata.deletionTimestamp !== undefined) {
      await this.nodes.remove(peer, namespace);
      return setConditions(this.kube, refOf(foreign), {
        OutgoingPeering: {
          status: "Pending",
          reason: "ResourceRequestPending",
          message: "the resource request is pending",
        },
      });
    }
    await this.nodes.show(
      peer,
      namespace,
      (at(offer, "spec", "resourceQuota", "hard") ?? {}) as Record<string, string>,
    );
    await setConditions(this.kube, refOf(foreign), {
      OutgoingPeering: ok("Established", "OutgoingPeeringEstablished"),
    });
  }

  /** Hangs in Disconnecting while the provider is away. */
  async #withdraw(foreign: KubeObject, peer: ClusterIdentity, request: ObjectRef): Promise<void> {
    const reason = "OutgoingPeeringDisconnecting";
    await setConditions(this.kube, refOf(foreign), {
      OutgoingPeering: { status: "Disconnecting", reason, message: reason },
    });
    const namespace = request.namespace ?? "";
    const link = await this.links.link(peer, namespace);
    if (link) {
      const replica = { ...request, namespace: link.namespace };
      const there = await link.kube.get(replica);
      if (there !== undefined) {
        await link.kube.remove(replica);
        throw new Error(`the request is not yet gone at ${labelOf(there, LABEL.destination)}`);
      }
    }
    await this.nodes.remove(peer, namespace);
    await this.kube.remove(request);
    const none = { status: "None", reason: "NoOutgoingPeering", message: "no peering is wanted" } as const;
    await setConditions(this.kube, refOf(foreign), { OutgoingPeering: none });
  }
}
