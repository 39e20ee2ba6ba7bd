import { createHash } from "node:crypto";
import type { KubeObject, ObjectRef } from "../kube/kube-api.js";
import { CLUSTER_ID_LABEL } from "./foreign-cluster.js";
import { CONTRACT_ANNOTATION, OWNER, OWNER_LABEL } from "./ownership.js";

const AUTH_TOKEN_LABEL = "discovery.liqo.io/auth-token";
/** Where the provider is reached and how its cluster is called, kept beside the token: together they are the peering material. */
export const AUTH_URL_ANNOTATION = "catalog.liqo/auth-url";
export const CLUSTER_NAME_ANNOTATION = "catalog.liqo/cluster-name";

/** What a provider told its customer, after every check. */
export interface RemoteToken {
  readonly clusterID: string;
  readonly clusterName: string;
  readonly authUrl: string;
  readonly token: string;
  readonly contractID: string;
}

/** How the names of such Secrets begin. */
export const TOKEN_PREFIX = "remote-token-";

/** Where Liqo 0.x looks for the token of a provider. */
export function tokenSecretRef(liqoNamespace: string, clusterID: string): ObjectRef {
  return { apiVersion: "v1", kind: "Secret", namespace: liqoNamespace, name: `${TOKEN_PREFIX}${clusterID}` };
}

/** The Secret with which Liqo logs in at the provider. */
export function tokenSecret(liqoNamespace: string, material: RemoteToken): KubeObject {
  const { apiVersion, kind, name } = tokenSecretRef(liqoNamespace, material.clusterID);
  return {
    apiVersion,
    kind,
    metadata: { name, namespace: liqoNamespace, ...metadataOf(material) },
    type: "Opaque",
    data: { token: base64(material.token) },
  };
}

/** Merge patch that writes newer material into a Secret of ours. */
export function tokenPatch(material: RemoteToken): object {
  return { metadata: metadataOf(material), data: { token: base64(material.token) } };
}

/** Names a token without telling it: fit for a label. */
export function tokenDigest(token: string): string {
  return createHash("sha256").update(`catalog token ${token}`).digest("hex").slice(0, 16);
}

function metadataOf(material: RemoteToken): { labels: Record<string, string>; annotations: Record<string, string> } {
  return {
    labels: { [CLUSTER_ID_LABEL]: material.clusterID, [AUTH_TOKEN_LABEL]: "", [OWNER_LABEL]: OWNER },
    annotations: {
      [CONTRACT_ANNOTATION]: material.contractID,
      [AUTH_URL_ANNOTATION]: material.authUrl,
      [CLUSTER_NAME_ANNOTATION]: material.clusterName,
    },
  };
}

function base64(text: string): string {
  return Buffer.from(text, "utf8").toString("base64");
}
