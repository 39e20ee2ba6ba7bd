import type { TestCluster } from "../rig/clusters.js";
import type { KubeClient } from "../rig/kube-client.js";
import { at, type KindRef, type KubeObject, labelOf, type ObjectRef, textAt } from "../rig/kube-object.js";
import { type ControllerFailure, Controllers, Disturbance } from "./controllers.js";
import { addFinalizer, apply, dropFinalizer, writeStatus } from "./objects.js";
import { matchesSelector } from "./node-selector.js";

const of = (apiVersion: string, kind: string): KindRef => ({ apiVersion, kind });
const NAMESPACE = of("v1", "Namespace");
const NODE = of("v1", "Node");
const POD = of("v1", "Pod");
const CLAIM = of("v1", "PersistentVolumeClaim");
const VOLUME = of("v1", "PersistentVolume");
const FINALIZER = "namespaceoffloading-controller.liqo.io/finalizer";
const REMOTE_CLUSTER = "liqo.io/remote-cluster-id";
const SELECTED_NODE = "volume.kubernetes.io/selected-node";

/** Whose pods are offloaded, and where to. */
export interface OffloadingSides {
  readonly generation: "v0" | "v1";
  readonly home: { readonly clusterID: string; readonly cluster: TestCluster };
  readonly providers: readonly { readonly clusterID: string; readonly cluster: TestCluster }[];
}

/**
 * Liqo's part of offloading, both generations: the twin of a namespace at each chosen provider, the state of the NamespaceOffloading, pods that
 * are bound to a virtual node and run at its provider, and the volumes of claims there. The scheduler's part is played too; no pod really runs.
 */
export class PlayedOffloading {
  readonly disturbance = new Disturbance();
  readonly kind: KindRef;
  readonly #kube: KubeClient;
  readonly #controllers: Controllers;

  constructor(private readonly sides: OffloadingSides) {
    this.kind = of(`offloading.liqo.io/${sides.generation === "v0" ? "v1alpha1" : "v1beta1"}`, "NamespaceOffloading");
    this.#kube = sides.home.cluster.admin;
    this.#controllers = new Controllers(this.#kube, this.disturbance, [
      { name: "namespace-offloading", kind: this.kind, reconcile: (ref) => this.#offloading(ref) },
      { name: "offloaded-pods", kind: POD, reconcile: (ref) => this.#pod(ref) },
      { name: "offloaded-claims", kind: CLAIM, reconcile: (ref) => this.#claim(ref) },
      { name: "nodes", kind: NODE },
    ]);
  }

  get failures(): readonly ControllerFailure[] {
    return this.#controllers.failures;
  }

  start(): void {
    this.#controllers.start();
  }

  stop(): Promise<void> {
    return this.#controllers.stop();
  }

  /** The one object of a namespace that Liqo goes by. */
  ref(namespace: string): ObjectRef {
    return { ...this.kind, namespace, name: "offloading" };
  }

  async #offloading(ref: ObjectRef): Promise<void> {
    const offloading = await this.#kube.get(ref);
    const namespace = ref.namespace ?? "";
    if (!offloading || ref.name !== "offloading") return;
    if (offloading.metadata.deletionTimestamp !== undefined) {
      await this.#twins(offloading, new Set());
      await this.#mark(namespace, null);
      return dropFinalizer(this.#kube, offloading, FINALIZER);
    }
    await addFinalizer(this.#kube, offloading, FINALIZER);
    await this.#mark(namespace, "true");
    const current = await this.#kube.get(ref);
    if (!current) return;
    const chosen = new Set((await this.#nodes(current)).map((node) => labelOf(node, REMOTE_CLUSTER) ?? ""));
    await this.#twins(current, chosen);
    const generation = this.sides.generation === "v1" ? { observedGeneration: current.metadata.generation } : {};
    await writeStatus(this.#kube, current, {
      offloadingPhase: chosen.size > 0 ? "Ready" : "NoClusterSelected",
      remoteNamespaceName: this.#twinOf(current),
      remoteNamespacesConditions: Object.fromEntries(
        [...chosen].sort().map((peer) => [peer, conditions(current, peer)]),
      ),
      ...generation,
    });
  }

  /** Makes the namespace at the chosen providers and removes it at the others; throws while one is still going. */
  async #twins(offloading: KubeObject, chosen: ReadonlySet<string>): Promise<void> {
    const ref = { ...NAMESPACE, name: this.#twinOf(offloading) };
    for (const { clusterID, cluster } of this.sides.providers) {
      if (chosen.has(clusterID)) {
        await cluster.admin.ensure({
          ...NAMESPACE,
          metadata: { name: ref.name, labels: { [REMOTE_CLUSTER]: this.sides.home.clusterID } },
        });
        continue;
      }
      await cluster.admin.remove(ref);
      if (await cluster.admin.get(ref)) throw new Error(`namespace ${ref.name} is still going`);
    }
  }

  #mark(namespace: string, value: string | null): Promise<KubeObject> {
    const labels = { "liqo.io/scheduling-enabled": value };
    return this.#kube.patch({ ...NAMESPACE, name: namespace }, { metadata: { labels } });
  }

  #twinOf(offloading: KubeObject): string {
    const namespace = offloading.metadata.namespace ?? "";
    const strategy = textAt(offloading, "spec", "namespaceMappingStrategy");
    if (strategy === "EnforceSameName") return namespace;
    if (strategy === "SelectedName") return textAt(offloading, "spec", "remoteNamespaceName") ?? namespace;
    return `${namespace}-${this.sides.home.clusterID.slice(-6)}`;
  }

  async #nodes(offloading: KubeObject): Promise<readonly KubeObject[]> {
    const nodes = await this.#kube.list(NODE, { labelSelector: "liqo.io/type=virtual-node" });
    return nodes.filter((node) => matchesSelector(node, at(offloading, "spec", "clusterSelector")));
  }

  async #pod(ref: ObjectRef): Promise<void> {
    const pod = await this.#kube.get(ref);
    const offloading = await this.#kube.get(this.ref(ref.namespace ?? ""));
    if (!pod) return;
    const node = textAt(pod, "spec", "nodeName");
    if (node !== undefined) return this.#run(pod, node, offloading);
    if (!offloading || offloading.metadata.deletionTimestamp !== undefined) return;
    if (isOlder(pod, offloading) || textAt(offloading, "spec", "podOffloadingStrategy") === "Local") return;
    const [chosen] = await this.#nodes(offloading);
    if (!chosen) return;
    await this.#kube.createPart(ref, "binding", {
      apiVersion: "v1",
      kind: "Binding",
      metadata: { name: ref.name },
      target: { ...NODE, name: chosen.metadata.name },
    });
  }

  /** What a virtual kubelet does with a pod on its node. */
  async #run(pod: KubeObject, nodeName: string, offloading: KubeObject | undefined): Promise<void> {
    const node = await this.#kube.get({ ...NODE, name: nodeName });
    const provider = this.sides.providers.find(({ clusterID }) => clusterID === labelOf(node, REMOTE_CLUSTER));
    const { name = "", namespace = "", deletionTimestamp } = pod.metadata;
    if (deletionTimestamp !== undefined) {
      if (provider && offloading)
        await provider.cluster.admin.remove({ ...POD, namespace: this.#twinOf(offloading), name });
      await removeNow(this.#kube, namespace, name);
      return;
    }
    if (!provider || !offloading || offloading.metadata.deletionTimestamp !== undefined) return;
    await provider.cluster.admin.ensure(this.#remotePod(pod, this.#twinOf(offloading)));
    if (textAt(pod, "status", "phase") === "Running") return;
    await this.#kube.patch({ ...POD, namespace, name }, { status: { phase: "Running" } }, "status");
  }

  #remotePod(pod: KubeObject, namespace: string): KubeObject {
    const group = this.sides.generation === "v0" ? "virtualkubelet.liqo.io" : "offloading.liqo.io";
    return {
      ...POD,
      metadata: {
        name: pod.metadata.name ?? "",
        namespace,
        labels: { ...pod.metadata.labels, [`${group}/origin`]: this.sides.home.clusterID },
      },
      spec: { containers: containersOf(pod), automountServiceAccountToken: false },
    };
  }

  /** What Liqo's storage provisioner does with a claim whose pod is on a virtual node. */
  async #claim(ref: ObjectRef): Promise<void> {
    const claim = await this.#kube.get(ref);
    const nodeName = claim?.metadata.annotations?.[SELECTED_NODE];
    if (!claim || nodeName === undefined || textAt(claim, "spec", "volumeName") !== undefined) return;
    const node = await this.#kube.get({ ...NODE, name: nodeName });
    const peer = labelOf(node, REMOTE_CLUSTER);
    if (peer === undefined) return;
    const name = `pvc-${claim.metadata.uid}`;
    const rule = { key: REMOTE_CLUSTER, operator: "In", values: [peer] };
    await apply(this.#kube, {
      ...VOLUME,
      metadata: { name },
      spec: {
        storageClassName: textAt(claim, "spec", "storageClassName") ?? "",
        accessModes: at(claim, "spec", "accessModes"),
        capacity: at(claim, "spec", "resources", "requests"),
        hostPath: { path: "/tmp/liqo-placeholder" },
        nodeAffinity: { required: { nodeSelectorTerms: [{ matchExpressions: [rule] }] } },
      },
    });
    await this.#kube.patch(ref, { spec: { volumeName: name } });
  }
}

/** Without what the home cluster mounted into them. */
function containersOf(pod: KubeObject): readonly object[] {
  const containers = at(pod, "spec", "containers");
  return (Array.isArray(containers) ? (containers as unknown[]) : []).map((container) => ({
    name: textAt(container, "name"),
    image: textAt(container, "image"),
    resources: at(container, "resources"),
  }));
}

/** Liqo changes pods when they are made, so it does nothing for those that were there before. */
function isOlder(pod: KubeObject, offloading: KubeObject): boolean {
  const madeAt = (object: KubeObject): string => textAt(object, "metadata", "creationTimestamp") ?? "";
  return madeAt(pod) < madeAt(offloading);
}

/** As the published kind has them; the time of a condition stays. */
function conditions(offloading: KubeObject, peer: string): unknown {
  const known = at(offloading, "status", "remoteNamespacesConditions", peer);
  if (Array.isArray(known)) return known;
  const lastTransitionTime = new Date().toISOString().replace(/\.\d+/, "");
  return [
    { type: "OffloadingRequired", status: "True", reason: "ClusterSelected", message: "selected", lastTransitionTime },
    { type: "Ready", status: "True", reason: "RemoteNamespaceCreated", message: "created", lastTransitionTime },
  ];
}

/** No kubelet is there to confirm that a pod has ended. */
async function removeNow(kube: KubeClient, namespace: string, name: string): Promise<void> {
  await kube.raw("DELETE", `/api/v1/namespaces/${namespace}/pods/${name}`, { gracePeriodSeconds: 0 });
}
