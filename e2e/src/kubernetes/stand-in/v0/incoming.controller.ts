import type { KubeClient } from "../../rig/kube-client.js";
import { at, type KubeObject, type ObjectRef, ownerOf, refOf, textAt } from "../../rig/kube-object.js";
import type { ControllerSpec } from "../controllers.js";
import { addFinalizer, apply, dropFinalizer, writeStatus } from "../objects.js";
import { setConditions } from "./conditions.js";
import {
  type ClusterIdentity,
  conditionStatus,
  FOREIGN_CLUSTER,
  LABEL,
  type LiqoSettings,
  RESOURCE_OFFER,
  RESOURCE_REQUEST,
} from "./kinds.js";

const FINALIZER = "resourcerequest.discovery.liqo.io/finalizer";

/** What the provider's side needs of the resource plugin. */
export interface GrantReader {
  read(clusterID: string): Promise<Record<string, string>>;
  remove(clusterID: string): Promise<void>;
}

/** The provider's side: requests that consumers replicate here become offers of what the resource plugin says. */
export class IncomingControllers {
  /** What was the case when a cluster's grant was read last; it is read again when that changes, not by the clock. */
  readonly #readFor = new Map<string, string>();
  readonly #answered = new Set<string>();
  readonly #notified = new Set<string>();

  constructor(
    private readonly kube: KubeClient,
    private readonly settings: LiqoSettings,
    private readonly plugin: () => GrantReader | undefined,
  ) {}

  get specs(): readonly ControllerSpec[] {
    const options = { labelSelector: `${LABEL.replicated}=true` };
    return [{ name: "resource-request", kind: RESOURCE_REQUEST, options, reconcile: (ref) => this.#request(ref) }];
  }

  /** The plugin said that a cluster's grant changed; the empty id means everybody that was answered before. */
  notified(clusterID: string): void {
    if (clusterID === "") for (const answered of this.#answered) this.#notified.add(answered);
    else if (this.#answered.has(clusterID)) this.#notified.add(clusterID);
    else
      void this.plugin()
        ?.remove("")
        .catch(() => undefined); // as Liqo does with an id that it never asked for
  }

  /** As after a restart of the process. */
  forget(): void {
    this.#readFor.clear();
    this.#answered.clear();
    this.#notified.clear();
  }

  async #request(ref: ObjectRef): Promise<void> {
    const request = await this.kube.get(ref);
    if (!request) return;
    const consumer = at(request, "spec", "clusterIdentity") as ClusterIdentity;
    const isWithdrawn =
      request.metadata.deletionTimestamp !== undefined || textAt(request, "spec", "withdrawalTimestamp") !== undefined;
    if (isWithdrawn) return this.#withdraw(request, consumer);
    await addFinalizer(this.kube, request, FINALIZER);
    const foreign = await this.#foreignCluster(consumer, textAt(request, "spec", "authUrl") ?? "");
    if (!this.#isAllowed(foreign)) {
      await this.kube.remove(this.#offerOf(request));
      this.#readFor.delete(consumer.clusterID);
      const isNew = conditionStatus(foreign, "IncomingPeering") === undefined;
      return setConditions(this.kube, refOf(foreign), {
        IncomingPeering: {
          status: isNew ? "Pending" : "None",
          reason: "IncomingPeeringDisabled",
          message: "incoming peering is disabled",
        },
      });
    }
    await this.#offer(request, foreign, consumer);
  }

  async #offer(request: KubeObject, foreign: KubeObject, consumer: ClusterIdentity): Promise<void> {
    const id = consumer.clusterID;
    const offer = await this.kube.get(this.#offerOf(request));
    const said = JSON.stringify([
      request.metadata.labels,
      request.metadata.annotations,
      request["spec"],
      foreign["spec"],
    ]);
    const isDue = this.#notified.delete(id) || this.#readFor.get(id) !== said || !offer;
    if (!isDue) return;
    const plugin = this.plugin();
    if (!plugin) throw new Error("there is no resource plugin");
    const granted = await plugin.read(id).catch((error: unknown) => {
      this.#notified.add(id); // what was offered before stays, and it is asked again
      throw error;
    });
    this.#answered.add(id);
    const { name, namespace = "" } = this.#offerOf(request);
    const before = at(offer, "spec", "resourceQuota", "hard") as Record<string, string> | undefined;
    await apply(this.kube, {
      ...RESOURCE_OFFER,
      metadata: {
        name,
        namespace,
        labels: { [LABEL.clusterID]: id, [LABEL.replication]: "true", [LABEL.destination]: id },
        ownerReferences: [ownerOf(request)],
      },
      // Names that the plugin leaves out stay as they were.
      spec: { clusterId: this.settings.clusterID, resourceQuota: { hard: { ...before, ...granted } } },
    });
    await writeStatus(this.kube, (await this.kube.get(refOf(request))) ?? request, { offerState: "Created" });
    await setConditions(this.kube, refOf(foreign), {
      IncomingPeering: { status: "Established", reason: "IncomingPeeringEstablished", message: `offered to ${id}` },
    });
    // Only now: what was cut short in between is done again.
    this.#readFor.set(id, said);
  }

  /** The consumer unpeers: its offer and its request go; the ForeignCluster that was made for it is collected when nobody uses it. */
  async #withdraw(request: KubeObject, consumer: ClusterIdentity): Promise<void> {
    const offer = this.#offerOf(request);
    await this.kube.remove(offer);
    if ((await this.kube.get(offer)) !== undefined) throw new Error("the offer is not yet gone");
    const foreign = await this.#find(consumer.clusterID);
    if (foreign)
      await setConditions(this.kube, refOf(foreign), {
        IncomingPeering: { status: "None", reason: "NoIncomingPeering", message: "no peering is requested" },
      });
    this.#readFor.delete(consumer.clusterID);
    await this.plugin()?.remove(consumer.clusterID);
    await dropFinalizer(this.kube, request, FINALIZER);
    await this.kube.remove(refOf(request));
  }

  async #foreignCluster(consumer: ClusterIdentity, authUrl: string): Promise<KubeObject> {
    const existing = await this.#find(consumer.clusterID);
    if (existing) return existing;
    return this.kube.create({
      ...FOREIGN_CLUSTER,
      metadata: {
        name: consumer.clusterName,
        labels: { [LABEL.clusterID]: consumer.clusterID, [LABEL.discoveryType]: "IncomingPeering" },
      },
      spec: {
        clusterIdentity: consumer,
        foreignAuthUrl: authUrl,
        outgoingPeeringEnabled: "Auto",
        incomingPeeringEnabled: "Auto",
        insecureSkipTLSVerify: true,
        peeringType: "OutOfBand",
      },
    });
  }

  async #find(clusterID: string): Promise<KubeObject | undefined> {
    const all = await this.kube.list(FOREIGN_CLUSTER);
    return all.find((foreign) => textAt(foreign, "spec", "clusterIdentity", "clusterID") === clusterID);
  }

  #isAllowed(foreign: KubeObject): boolean {
    const wish = textAt(foreign, "spec", "incomingPeeringEnabled") ?? "Auto";
    return wish === "Yes" || (wish === "Auto" && this.settings.isIncomingByDefault);
  }

  #offerOf(request: KubeObject): ObjectRef {
    return { ...RESOURCE_OFFER, namespace: request.metadata.namespace, name: this.settings.clusterID };
  }
}
