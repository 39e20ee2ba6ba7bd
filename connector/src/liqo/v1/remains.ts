import { AUTHENTICATION } from "../forge/handshake.js";
import { labelOf, ORIGIN } from "../forge/tenant-labels.js";
import type { KubeApi, KubeObject } from "../kube/kube-api.js";
import { KubeKindMissingError } from "../kube/kube.errors.js";

const OFFLOADING = "offloading.liqo.io/v1beta1";

/**
 * What Liqo makes of a peering and takes away by itself, for which it needs the customer's access to the provider: taken down out of order, it
 * would stay for ever and be in the way of the next purchase.
 */
export interface Remains {
  /** At the customer: virtual nodes of slices, and maps of namespaces that are on their way out. */
  readonly nodes: readonly KubeObject[];
  /** At the customer: through which the certificate of its Identity is renewed (since Liqo 1.2). */
  readonly renewals: readonly KubeObject[];
  /** At the provider: the copies of the customer's renewals. */
  readonly copies: readonly KubeObject[];
}

/** Where there is no namespace of the peer, or nothing is taken down. */
export const NO_REMAINS: Remains = { nodes: [], renewals: [], copies: [] };

/** Reads them in the namespace of one peer; a kind that this Liqo does not have has no objects. */
export async function viewRemains(kube: KubeApi, namespace: string): Promise<Remains> {
  const inside = async (apiVersion: string, kind: string): Promise<readonly KubeObject[]> => {
    try {
      return await kube.list({ apiVersion, kind }, { namespace });
    } catch (error) {
      if (error instanceof KubeKindMissingError) return [];
      throw error;
    }
  };
  const [renews, maps, nodes] = await Promise.all([
    inside(AUTHENTICATION, "Renew"),
    inside(OFFLOADING, "NamespaceMap"),
    inside(OFFLOADING, "VirtualNode"),
  ]);
  return {
    nodes: [...nodes.filter(isOfSlice), ...maps.filter((map) => !isCopy(map) && isGoing(map))],
    renewals: renews.filter((renew) => !isCopy(renew)),
    copies: renews.filter(isCopy),
  };
}

function isCopy(object: KubeObject): boolean {
  return labelOf(object, ORIGIN) !== undefined;
}

function isGoing({ metadata }: KubeObject): boolean {
  return metadata.deletionTimestamp !== undefined;
}

function isOfSlice({ metadata }: KubeObject): boolean {
  return (metadata.ownerReferences ?? []).some(({ kind }) => kind === "ResourceSlice");
}
