import { CatalogError } from "@catalog/schema/errors";
import type { KubeApi } from "./kube-api.js";

const CONFIG_MAP = "liqo-clusterid-configmap";
const CONFIG_MAP_SELECTOR = "app.kubernetes.io/name=clusterid-configmap";
const CONTROLLER_MANAGER = "liqo-controller-manager";
const VERSION_LABEL = "app.kubernetes.io/version";

/** Who Liqo in this cluster says that it is. */
export interface LiqoIdentity {
  readonly clusterID: string;
  readonly clusterName: string;
}

/** What Liqo of any generation calls this cluster. @throws CatalogError UNAVAILABLE while Liqo is not there, KubeError. */
export async function readLiqoIdentity(kube: KubeApi, namespace: string): Promise<LiqoIdentity> {
  const named = await kube.get({ apiVersion: "v1", kind: "ConfigMap", namespace, name: CONFIG_MAP });
  const found = identityIn(named?.data) ?? (await labelledIdentity(kube, namespace));
  if (found !== undefined) return found;
  throw new CatalogError(
    "UNAVAILABLE",
    `Liqo in namespace ${namespace} has no cluster id yet (ConfigMap ${CONFIG_MAP}). Wait until it has started, or set LIQO_NAMESPACE.`,
  );
}

async function labelledIdentity(kube: KubeApi, namespace: string): Promise<LiqoIdentity | undefined> {
  const kind = { apiVersion: "v1", kind: "ConfigMap" };
  for (const { data } of await kube.list(kind, { namespace, labelSelector: CONFIG_MAP_SELECTOR })) {
    const found = identityIn(data);
    if (found !== undefined) return found;
  }
  return undefined;
}

function identityIn(data: Readonly<Record<string, string>> | undefined): LiqoIdentity | undefined {
  const clusterID = data?.["CLUSTER_ID"];
  if (clusterID === undefined || clusterID === "") return undefined;
  return { clusterID, clusterName: data?.["CLUSTER_NAME"] ?? clusterID };
}

/** The version of Liqo, such as `1.2.0`, from the image of its controller manager or else from its label; null if neither tells. */
export async function readLiqoVersion(kube: KubeApi, namespace: string): Promise<string | null> {
  const found = await kube.get({ apiVersion: "apps/v1", kind: "Deployment", namespace, name: CONTROLLER_MANAGER });
  const { template } = (found?.spec ?? {}) as { template?: { spec?: { containers?: readonly { image?: string }[] } } };
  const images = (template?.spec?.containers ?? []).map(({ image }) => image ?? "");
  const texts = [...images.map(tagOf), found?.metadata.labels?.[VERSION_LABEL]];
  return texts.map(versionIn).find((version) => version !== null) ?? null;
}

/** `registry:5000/liqo/x:v1.2.0@sha256:…` → `v1.2.0`. */
function tagOf(image: string): string | undefined {
  return /:([\w][\w.-]*)$/.exec(image.replace(/@.*$/, ""))?.[1];
}

function versionIn(text: string | undefined): string | null {
  return /^v?(\d+\.\d+(\.\d+)?([-+][\w.+-]{1,40})?)$/.exec(text ?? "")?.[1] ?? null;
}
