import { isDeepStrictEqual } from "node:util";
import type { KubeClient } from "../../rig/kube-client.js";
import { at, type KubeObject, labelOf, type ObjectRef, refOf, secretText, textAt } from "../../rig/kube-object.js";
import type { ControllerSpec } from "../controllers.js";
import { addFinalizer, dropFinalizer, writeStatus } from "../objects.js";
import { FOREIGN_CLUSTER, IDENTITY, LABEL, type LiqoSettings, SECRET, SLICE } from "./kinds.js";
import { Reflection } from "./reflection.js";

const FINALIZER = "crdreplicator.liqo.io/resource";

/** Copies the consumer's slices to their providers and the providers' statuses back, one {@link Reflection} for each ControlPlane Identity. */
export class Replicator {
  readonly #reflections = new Map<string, Reflection>();
  /** What a slice said when it was copied last, by uid: a copy that vanished is made again only when the consumer touches the slice. */
  readonly #copied = new Map<string, string>();

  constructor(
    private readonly kube: KubeClient,
    private readonly settings: LiqoSettings,
    /** Called whenever a provider's copy has changed. */
    private readonly onChange: () => void,
  ) {}

  get specs(): readonly ControllerSpec[] {
    return [
      { name: "replicator-identity", kind: IDENTITY, reconcile: (ref) => this.#identity(ref) },
      {
        name: "replicator",
        kind: SLICE,
        options: { labelSelector: `${LABEL.replication}=true` },
        reconcile: (ref) => this.#replicate(ref),
      },
    ];
  }

  /** Forgets every provider, as a stopped process does. */
  async close(): Promise<void> {
    await Promise.all([...this.#reflections.values()].map((reflection) => reflection.close()));
    this.#reflections.clear();
    this.#copied.clear();
  }

  async #identity(ref: ObjectRef): Promise<void> {
    const identity = await this.kube.get(ref);
    const key = `${ref.namespace}/${ref.name}`;
    const secretName = textAt(identity, "status", "kubeconfigSecretRef", "name");
    const namespace = textAt(identity, "spec", "namespace");
    const isOpenable =
      textAt(identity, "spec", "type") === "ControlPlane" && secretName !== undefined && namespace !== undefined;
    const kubeconfig = isOpenable
      ? secretText(await this.kube.get({ ...SECRET, namespace: ref.namespace, name: secretName }), "kubeconfig")
      : undefined;
    const open = this.#reflections.get(key);
    if (open && open.kubeconfig === kubeconfig) return;
    if (open) {
      this.#reflections.delete(key);
      await open.close();
    }
    if (kubeconfig !== undefined && namespace !== undefined) {
      this.#reflections.set(key, await Reflection.open(kubeconfig, namespace, this.onChange));
    }
  }

  async #replicate(ref: ObjectRef): Promise<void> {
    const slice = await this.kube.get(ref);
    if (!slice) return;
    if (slice.metadata.deletionTimestamp !== undefined) return this.#release(slice);
    await addFinalizer(this.kube, slice, FINALIZER);
    const reflection = this.#reflectionFor(slice);
    if (!reflection || reflection.isGone(ref.name) === undefined) return; // looked at again soon
    const current = await this.kube.get(ref);
    if (!current) return;
    await this.#copy(current, reflection);
    const status = at(reflection.slice(ref.name), "status") as object | undefined;
    if (status !== undefined) await writeStatus(this.kube, current, status);
  }

  async #copy(slice: KubeObject, reflection: Reflection): Promise<void> {
    const said = JSON.stringify([slice.metadata.labels, slice.metadata.annotations, slice["spec"]]);
    const uid = slice.metadata.uid ?? "";
    const name = slice.metadata.name ?? "";
    const remote = reflection.slice(name);
    if (this.#copied.get(uid) === said) return;
    const copy = this.#copyOf(slice, reflection.namespace);
    if (!remote) await reflection.kube.create(copy);
    else if (!isDeepStrictEqual(remote["spec"], slice["spec"])) {
      await reflection.kube.replace({ ...remote, spec: slice["spec"] });
    }
    this.#copied.set(uid, said);
  }

  #copyOf(slice: KubeObject, namespace: string): KubeObject {
    const { name = "", labels, annotations } = slice.metadata;
    const own = this.settings.clusterID;
    return {
      ...SLICE,
      metadata: {
        name,
        namespace,
        labels: {
          ...labels,
          [LABEL.origin]: own,
          [LABEL.destination]: labelOf(slice, LABEL.destination) ?? "",
          [LABEL.remoteCluster]: own,
          [LABEL.replicated]: "true",
          [LABEL.replication]: "false",
        },
        ...(annotations === undefined ? {} : { annotations }),
      },
      spec: slice["spec"],
    };
  }

  /** Lets a deleted slice go once the provider's copy is gone, or the provider is declared lost. */
  async #release(slice: KubeObject): Promise<void> {
    const name = slice.metadata.name ?? "";
    if (!(await this.#isLost(slice))) {
      const reflection = this.#reflectionFor(slice);
      if (!reflection) throw new Error(`no Identity to reach the provider of slice ${name}`);
      if (reflection.isGone(name) !== true) {
        await reflection.kube.remove({ ...SLICE, namespace: reflection.namespace, name });
        throw new Error(`slice ${name} is not yet gone at the provider`);
      }
    }
    this.#copied.delete(slice.metadata.uid ?? "");
    await dropFinalizer(this.kube, slice, FINALIZER);
  }

  async #isLost(slice: KubeObject): Promise<boolean> {
    const name = labelOf(slice, LABEL.destination) ?? "";
    const foreign = await this.kube.get({ ...FOREIGN_CLUSTER, name });
    return foreign?.metadata.annotations?.[LABEL.unreachable] === "true";
  }

  /** The reflection of the Identity in the slice's own namespace. */
  #reflectionFor(slice: KubeObject): Reflection | undefined {
    const { namespace = "" } = refOf(slice);
    return [...this.#reflections].find(([key]) => key.startsWith(`${namespace}/`))?.[1];
  }
}
