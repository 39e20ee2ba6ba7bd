import { isDeepStrictEqual } from "node:util";
import type { KubeClient } from "../../rig/kube-client.js";
import {
  at,
  type KubeObject,
  labelOf,
  type ObjectRef,
  ownerOf,
  refOf,
  secretText,
  textAt,
} from "../../rig/kube-object.js";
import type { ControllerSpec } from "../controllers.js";
import { addFinalizer, dropFinalizer, writeStatus } from "../objects.js";
import {
  FOREIGN_CLUSTER,
  IDENTITY,
  LABEL,
  type LiqoSettings,
  RENEW,
  SECRET,
  SLICE,
  tenantNamespaceOf,
} from "./kinds.js";
import { Reflection } from "./reflection.js";

const FINALIZER = "crdreplicator.liqo.io/resource";

/** What the name of an Identity's kubeconfig begins with. */
const KUBECONFIG = "kubeconfig-";
/** Keeps a kubeconfig as long as something is left to be removed with it. */
const KUBECONFIG_FINALIZER = "crdreplicator.liqo.io/operator";

/**
 * Copies the consumer's slices to their providers and the providers' statuses back, one {@link Reflection} for each ControlPlane Identity; and the Renew
 * of each Identity, whose copy goes with it as long as the provider lets this cluster in.
 */
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
      { name: "replicator-renew", kind: RENEW, reconcile: (ref) => this.#renewal(ref) },
      {
        name: "replicator-kubeconfig",
        kind: SECRET,
        options: { labelSelector: LABEL.remoteCluster },
        reconcile: (ref) => this.#releaseKubeconfig(ref),
      },
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
    const key = keyOf(ref);
    const secretName = textAt(identity, "status", "kubeconfigSecretRef", "name");
    const namespace = textAt(identity, "spec", "namespace");
    const isOpenable =
      textAt(identity, "spec", "type") === "ControlPlane" && secretName !== undefined && namespace !== undefined;
    const kubeconfig = isOpenable
      ? secretText(await this.kube.get({ ...SECRET, namespace: ref.namespace, name: secretName }), "kubeconfig")
      : undefined;
    const open = this.#reflections.get(key);
    if (identity && kubeconfig !== undefined) await this.#renew(identity);
    if (open && open.kubeconfig === kubeconfig) return;
    const isNeeded = kubeconfig === undefined && (await this.kube.get({ ...RENEW, ...namesOf(ref) })) !== undefined;
    if (open && isNeeded) return; // until the copy of the Renew is gone
    if (open) {
      this.#reflections.delete(key);
      await open.close();
    }
    if (kubeconfig !== undefined && namespace !== undefined) {
      this.#reflections.set(key, await Reflection.open(kubeconfig, namespace, this.onChange));
    }
  }

  /** The Renew that Liqo makes for an Identity of the control plane; it goes with it. */
  async #renew(identity: KubeObject): Promise<void> {
    const { name = "", namespace = "" } = identity.metadata;
    const secret = await this.#kubeconfigOf(refOf(identity));
    if (!secret || isGoing(secret) || isGoing(identity)) return;
    await addFinalizer(this.kube, secret, KUBECONFIG_FINALIZER);
    const peer = textAt(identity, "spec", "clusterID") ?? "";
    await this.kube.ensure({
      ...RENEW,
      metadata: {
        name,
        namespace,
        finalizers: [FINALIZER],
        labels: { [LABEL.remoteCluster]: peer, [LABEL.destination]: peer },
        ownerReferences: [ownerOf(identity)],
      },
      spec: { identityRef: { name } },
    });
  }

  /** Copies a Renew to the provider; one that is deleted goes once its copy is gone, for which the provider has still to let this cluster in. */
  async #renewal(ref: ObjectRef): Promise<void> {
    const renew = await this.kube.get(ref);
    if (!renew || labelOf(renew, LABEL.origin) !== undefined) return;
    const reflection = this.#reflections.get(keyOf(ref)) ?? (await this.#reopened(ref));
    const isGone = reflection?.isGone(ref.name, RENEW);
    if (!reflection || isGone === undefined) throw new Error(`no way to the copy of ${ref.name}`);
    const copy = { ...RENEW, namespace: reflection.namespace, name: ref.name };
    if (!isGoing(renew)) {
      const labels = { [LABEL.origin]: this.settings.clusterID, [LABEL.remoteCluster]: this.settings.clusterID };
      if (isGone)
        await reflection.kube.ensure({ ...copy, metadata: { ...namesOf(copy), labels }, spec: renew["spec"] });
      return;
    }
    if (!isGone) {
      await reflection.kube.remove(copy);
      throw new Error(`the copy of ${ref.name} is not yet gone`);
    }
    await dropFinalizer(this.kube, renew, FINALIZER);
    if ((await this.kube.get({ ...IDENTITY, ...namesOf(ref) })) !== undefined) return;
    this.#reflections.delete(keyOf(ref));
    await reflection.close();
  }

  /** A kubeconfig that is deleted goes once nothing is left to be removed with it. */
  async #releaseKubeconfig(ref: ObjectRef): Promise<void> {
    const secret = await this.kube.get(ref);
    if (!secret || !isGoing(secret) || !ref.name.startsWith(KUBECONFIG)) return;
    const renew = { ...RENEW, namespace: ref.namespace, name: ref.name.slice(KUBECONFIG.length) };
    if ((await this.kube.get(renew)) !== undefined) throw new Error(`${ref.name} is still needed`);
    await dropFinalizer(this.kube, secret, KUBECONFIG_FINALIZER);
  }

  #kubeconfigOf({ namespace, name }: ObjectRef): Promise<KubeObject | undefined> {
    return this.kube.get({ ...SECRET, namespace, name: `${KUBECONFIG}${name}` });
  }

  /** After a restart: what the kubeconfig that was kept leads to. */
  async #reopened(ref: ObjectRef): Promise<Reflection | undefined> {
    const kubeconfig = secretText(await this.#kubeconfigOf(ref), "kubeconfig");
    if (kubeconfig === undefined) return undefined;
    const reflection = await Reflection.open(kubeconfig, tenantNamespaceOf(this.settings.clusterID), this.onChange);
    this.#reflections.set(keyOf(ref), reflection);
    return reflection;
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

function keyOf({ namespace, name }: ObjectRef): string {
  return `${namespace}/${name}`;
}

function namesOf({ namespace = "", name }: ObjectRef): { readonly namespace: string; readonly name: string } {
  return { namespace, name };
}

function isGoing({ metadata }: KubeObject): boolean {
  return metadata.deletionTimestamp !== undefined;
}
