import { createHash } from "node:crypto";
import { isDeepStrictEqual } from "node:util";
import { waitFor } from "@catalog/server/testing/wait-for";
import type { KubeClient } from "../rig/kube-client.js";
import { at, type KubeObject, refOf } from "../rig/kube-object.js";

/** Adds a finalizer unless it is there. */
export async function addFinalizer(kube: KubeClient, object: KubeObject, finalizer: string): Promise<void> {
  const finalizers = object.metadata.finalizers ?? [];
  if (finalizers.includes(finalizer)) return;
  await kube.replace({ ...object, metadata: { ...object.metadata, finalizers: [...finalizers, finalizer] } });
}

/** Takes a finalizer off, so that a deleted object can go. */
export async function dropFinalizer(kube: KubeClient, object: KubeObject, finalizer: string): Promise<void> {
  const finalizers = object.metadata.finalizers ?? [];
  if (!finalizers.includes(finalizer)) return;
  const left = finalizers.filter((other) => other !== finalizer);
  await kube.replace({ ...object, metadata: { ...object.metadata, finalizers: left } });
}

/** Creates the object, or gives the existing one its spec, labels and annotations; other labels and annotations stay. */
export async function apply(kube: KubeClient, object: KubeObject): Promise<KubeObject> {
  const existing = await kube.get(refOf(object));
  if (!existing) return kube.create(object);
  const merged: KubeObject = {
    ...existing,
    metadata: {
      ...existing.metadata,
      labels: { ...existing.metadata.labels, ...object.metadata.labels },
      annotations: { ...existing.metadata.annotations, ...object.metadata.annotations },
    },
    ...("spec" in object ? { spec: { ...(existing["spec"] as object), ...(object["spec"] as object) } } : {}),
    ...("data" in object ? { data: object["data"] } : {}),
  };
  const isSame =
    isDeepStrictEqual(merged["spec"], existing["spec"]) &&
    isDeepStrictEqual(merged["data"], existing["data"]) &&
    isDeepStrictEqual(merged.metadata.labels, existing.metadata.labels ?? {}) &&
    isDeepStrictEqual(merged.metadata.annotations, existing.metadata.annotations ?? {});
  return isSame ? existing : kube.replace(merged);
}

/** Writes the status unless it is the same already; 409 if the object changed since it was read. */
export async function writeStatus(kube: KubeClient, object: KubeObject, status: object): Promise<void> {
  if (!isDeepStrictEqual(at(object, "status"), status)) await kube.replacePart({ ...object, status }, "status");
}

/** Removes the objects, the last one first, and waits until none of them is left. */
export async function removeAll(kube: KubeClient, objects: readonly KubeObject[]): Promise<void> {
  const refs = objects.map(refOf).reverse();
  for (const ref of refs) await kube.remove(ref);
  for (const ref of refs) {
    const isGone = async (): Promise<boolean> => (await kube.get(ref)) === undefined;
    await waitFor(isGone, { timeoutMs: 30_000, what: `${ref.kind} ${ref.name} goes` });
  }
}

/** A warning Event about an object, once for each reason and message. */
export async function warn(kube: KubeClient, object: KubeObject, reason: string, message: string): Promise<void> {
  const { name, namespace = "default", uid } = object.metadata;
  const id = createHash("sha256").update(`${uid} ${reason} ${message}`).digest("hex").slice(0, 16);
  const now = new Date().toISOString();
  await kube.ensure({
    apiVersion: "v1",
    kind: "Event",
    metadata: { name: `${name}.${id}`, namespace },
    involvedObject: {
      apiVersion: object.apiVersion,
      kind: object.kind,
      name,
      namespace: object.metadata.namespace,
      uid,
    },
    type: "Warning",
    reason,
    message,
    source: { component: "liqo-controller-manager" },
    firstTimestamp: now,
    lastTimestamp: now,
    count: 1,
  });
}
