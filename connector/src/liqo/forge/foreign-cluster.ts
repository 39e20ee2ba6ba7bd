import type { KubeKind, KubeObject, ObjectRef } from "../kube/kube-api.js";
import { CONTRACT_ANNOTATION, INCOMING_ANNOTATION, OUTGOING_ANNOTATION, OWNER, OWNER_LABEL } from "./ownership.js";

/** ForeignCluster of Liqo 0.7 to 0.10; cluster-wide. */
export const FOREIGN_CLUSTER: KubeKind = { apiVersion: "discovery.liqo.io/v1alpha1", kind: "ForeignCluster" };
export const CLUSTER_ID_LABEL = "discovery.liqo.io/cluster-id";
export const DISCOVERY_TYPE_LABEL = "discovery.liqo.io/discovery-type";
/** Liqo's own ForeignClusters for those who peer with us; it removes them when both directions are gone. */
export const INCOMING_DISCOVERY = "IncomingPeering";
const MANUAL_DISCOVERY = "Manual";
/** Changes with the token, because Liqo reads a changed token only when a ForeignCluster changes. */
export const TOKEN_DIGEST_LABEL = "catalog.liqo/token-digest";

/** Liqo writes these as text: unquoted YAML would be a boolean. */
export type PeeringSwitch = "Yes" | "No" | "Auto";

/** What a customer knows of the cluster that it reaches out to. */
export interface ForeignClusterInput {
  /** Name of the object: the provider's cluster name, without which Liqo shows no APIServerStatus. */
  readonly name: string;
  readonly clusterID: string;
  readonly clusterName: string;
  /** Passed {@link foreignAuthUrlProblem} and the rules for addresses. */
  readonly authUrl: string;
  readonly tokenDigest: string;
  readonly contractID: string;
}

export function foreignClusterRef(name: string): ObjectRef {
  return { ...FOREIGN_CLUSTER, name };
}

/** A ForeignCluster that peers out of band with the provider, at once. */
export function foreignCluster(input: ForeignClusterInput): KubeObject {
  return {
    ...FOREIGN_CLUSTER,
    metadata: {
      name: input.name,
      labels: {
        [CLUSTER_ID_LABEL]: input.clusterID,
        [DISCOVERY_TYPE_LABEL]: MANUAL_DISCOVERY,
        [OWNER_LABEL]: OWNER,
        [TOKEN_DIGEST_LABEL]: input.tokenDigest,
      },
      annotations: { [CONTRACT_ANNOTATION]: input.contractID },
    },
    spec: {
      peeringType: "OutOfBand",
      clusterIdentity: { clusterID: input.clusterID, clusterName: input.clusterName },
      foreignAuthUrl: input.authUrl,
      foreignProxyUrl: "",
      outgoingPeeringEnabled: "Yes",
      incomingPeeringEnabled: "Auto",
      insecureSkipTLSVerify: true,
    },
  };
}

/** What a customer wants of a ForeignCluster that exists. */
export interface OutgoingWish {
  readonly clusterID: string;
  readonly authUrl: string;
  readonly tokenDigest: string;
  /** What stood in `outgoingPeeringEnabled` of an object that Liqo made; null for our own. */
  readonly before: PeeringSwitch | null;
}

/** Merge patch that reaches out through a ForeignCluster of ours or of Liqo's. */
export function reachOut(wish: OutgoingWish): object {
  return {
    metadata: {
      labels: { [CLUSTER_ID_LABEL]: wish.clusterID, [TOKEN_DIGEST_LABEL]: wish.tokenDigest },
      ...(wish.before === null ? {} : { annotations: { [OUTGOING_ANNOTATION]: wish.before } }),
    },
    spec: { foreignAuthUrl: wish.authUrl, outgoingPeeringEnabled: "Yes" },
  };
}

/** Merge patch that ends the outgoing peering. */
export function stopReachingOut(): object {
  return { spec: { outgoingPeeringEnabled: "No" } };
}

/** Merge patch that leaves Liqo's own ForeignCluster as it was found. */
export function forgetOutgoing(before: PeeringSwitch): object {
  return {
    metadata: { labels: { [TOKEN_DIGEST_LABEL]: null }, annotations: { [OUTGOING_ANNOTATION]: null } },
    spec: { outgoingPeeringEnabled: before },
  };
}

/**
 * Merge patch that gives a ForeignCluster of ours to Liqo, because the peer still uses it in the other direction: Liqo would make it
 * again if it were removed, and removes it by itself when that peering ends too.
 */
export function handOverToLiqo(): object {
  return {
    metadata: {
      labels: { [DISCOVERY_TYPE_LABEL]: INCOMING_DISCOVERY, [OWNER_LABEL]: null, [TOKEN_DIGEST_LABEL]: null },
      annotations: { [CONTRACT_ANNOTATION]: null },
    },
  };
}

/** Merge patch that lets the peer in; `before` is remembered on the object, unless it is already. */
export function letIn(before: PeeringSwitch | null): object {
  return {
    ...(before === null ? {} : { metadata: { annotations: { [INCOMING_ANNOTATION]: before } } }),
    spec: { incomingPeeringEnabled: "Yes" },
  };
}

/** Merge patch that shuts the peer out. */
export function shutOut(): object {
  return { spec: { incomingPeeringEnabled: "No" } };
}

/** Merge patch that leaves the incoming direction as it was found: for peers that the admin lets in without a contract. */
export function forgetIncoming(before: PeeringSwitch): object {
  return {
    metadata: { annotations: { [INCOMING_ANNOTATION]: null } },
    spec: { incomingPeeringEnabled: before },
  };
}
