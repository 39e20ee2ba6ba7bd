import { CatalogError } from "@catalog/schema/errors";
import type { KubeApi } from "../kube/kube-api.js";
import { readLiqoIdentity, readLiqoVersion } from "../kube/liqo-installation.js";

/** How a Liqo is driven. */
export type DrivenMode = "v0.8" | "v0.9" | "v1";

/** A Liqo that is there: the same one as long as none of this changes. */
export interface FoundLiqo {
  readonly mode: DrivenMode;
  /** Null where the admin names the mode and nothing tells the version. */
  readonly version: string | null;
  /** What it calls this cluster. */
  readonly clusterID: string;
}

/** Which Liqo is installed in a namespace. @throws CatalogError UNAVAILABLE while there is none that can be driven, KubeError. */
export async function detectLiqo(kube: KubeApi, namespace: string): Promise<FoundLiqo> {
  const version = await readLiqoVersion(kube, namespace);
  if (version === null)
    throw new CatalogError(
      "UNAVAILABLE",
      `No Liqo with a known version is in namespace ${namespace} yet (Deployment liqo-controller-manager). Install it, or set LIQO_NAMESPACE, or LIQO_MODE where its image has no version.`,
    );
  const mode = modeOf(version);
  if (mode !== undefined) return { mode, version, clusterID: (await readLiqoIdentity(kube, namespace)).clusterID };
  throw new CatalogError("UNAVAILABLE", `Liqo ${version} cannot be driven; 0.7 to 0.10 and 1.x can.`);
}

/** The Liqo in a namespace where the admin says how it is driven. @throws CatalogError UNAVAILABLE while there is none, KubeError. */
export async function identifyLiqo(
  kube: KubeApi,
  namespace: string,
  known: { readonly mode: DrivenMode; readonly version: string | null },
): Promise<FoundLiqo> {
  const { clusterID } = await readLiqoIdentity(kube, namespace);
  return { mode: known.mode, version: known.version ?? (await readLiqoVersion(kube, namespace)), clusterID };
}

/** The driver of a version of Liqo; undefined for one that none knows. */
export function modeOf(version: string): DrivenMode | undefined {
  const [major, minor] = version.split(".").map((part) => Number.parseInt(part, 10));
  if (major === 1) return "v1";
  if (major !== 0 || minor === undefined || minor < 7 || minor > 10) return undefined;
  return minor < 9 ? "v0.8" : "v0.9";
}
