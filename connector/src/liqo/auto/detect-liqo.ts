import { CatalogError } from "@catalog/schema/errors";
import type { KubeApi } from "../kube/kube-api.js";
import { readLiqoVersion } from "../kube/liqo-installation.js";

/** How a Liqo is driven. */
export type DrivenMode = "v0.8" | "v0.9" | "v1";

export interface DetectedLiqo {
  readonly mode: DrivenMode;
  readonly version: string;
}

/** Which Liqo is installed in a namespace. @throws CatalogError UNAVAILABLE while there is none that can be driven, KubeError. */
export async function detectLiqo(kube: KubeApi, namespace: string): Promise<DetectedLiqo> {
  const version = await readLiqoVersion(kube, namespace);
  if (version === null)
    throw new CatalogError(
      "UNAVAILABLE",
      `No Liqo with a known version is in namespace ${namespace} yet (Deployment liqo-controller-manager). Install it, or set LIQO_NAMESPACE, or LIQO_MODE where its image has no version.`,
    );
  const mode = modeOf(version);
  if (mode !== undefined) return { mode, version };
  throw new CatalogError("UNAVAILABLE", `Liqo ${version} cannot be driven; 0.7 to 0.10 and 1.x can.`);
}

/** The driver of a version of Liqo; undefined for one that none knows. */
export function modeOf(version: string): DrivenMode | undefined {
  const [major, minor] = version.split(".").map((part) => Number.parseInt(part, 10));
  if (major === 1) return "v1";
  if (major !== 0 || minor === undefined || minor < 7 || minor > 10) return undefined;
  return minor < 9 ? "v0.8" : "v0.9";
}
