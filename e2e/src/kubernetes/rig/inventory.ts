import type { KubeClient } from "./kube-client.js";
import { KubeStatusError } from "./kube-status.error.js";
import { at, type KubeObject, textAt } from "./kube-object.js";

/** Kinds that Kubernetes itself writes while nobody does anything. */
const RESTLESS = new Set(["Event", "Lease", "ComponentStatus", "EndpointSlice"]);

/** Every object of a cluster as `apiVersion/kind namespace/name`, so that a test can prove that it leaves nothing behind. */
export type Inventory = ReadonlySet<string>;

/** Lists every object of every kind that the caller may list, but for those for which `isIgnored` is true. */
export async function inventoryOf(
  client: KubeClient,
  isIgnored: (object: KubeObject) => boolean = () => false,
): Promise<Inventory> {
  const kinds = (await client.kinds()).filter((kind) => kind.verbs.includes("list") && !RESTLESS.has(kind.kind));
  const objects = await Promise.all(
    kinds.map(async (kind) => {
      try {
        return await client.list(kind);
      } catch (error) {
        // A kind whose definition is just being removed is served for a moment longer.
        if (error instanceof KubeStatusError && (error.status === 404 || error.status === 405)) return [];
        throw error;
      }
    }),
  );
  return new Set(
    objects
      .flat()
      .filter((object) => !isIgnored(object))
      .map(lineOf),
  );
}

/** What is in `after` and was not in `before`, in order. */
export function leftOver(before: Inventory, after: Inventory): string[] {
  return [...after].filter((line) => !before.has(line)).sort();
}

/** What Liqo 1.x itself leaves behind after a peering, whatever anybody does: signing requests and its record of the peer cluster. */
export function isLeftByLiqo(object: KubeObject): boolean {
  if (object.kind === "CertificateSigningRequest") {
    return textAt(object, "spec", "signerName") === "kubernetes.io/kube-apiserver-client";
  }
  return object.kind === "ForeignCluster" && at(object, "apiVersion") === "core.liqo.io/v1beta1";
}

function lineOf(object: KubeObject): string {
  const { namespace, name } = object.metadata;
  return `${object.apiVersion}/${object.kind} ${namespace === undefined ? "" : `${namespace}/`}${name}`;
}
