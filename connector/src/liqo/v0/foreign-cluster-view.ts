import type { PeeringCondition } from "../../services/peerings/peering-ports.js";
import {
  CLUSTER_ID_LABEL,
  DISCOVERY_TYPE_LABEL,
  INCOMING_DISCOVERY,
  type PeeringSwitch,
  TOKEN_DIGEST_LABEL,
} from "../forge/foreign-cluster.js";
import { INCOMING_ANNOTATION, isOwned, OUTGOING_ANNOTATION } from "../forge/ownership.js";
import { readConditions } from "../forge/peering-conditions.js";
import type { KubeObject } from "../kube/kube-api.js";

/** Who made a ForeignCluster: the Connector, Liqo for a peer that came in, or an admin by hand. */
export type ForeignClusterMaker = "CONNECTOR" | "LIQO" | "ADMIN";

/** A ForeignCluster as the plans look at it. */
export interface ForeignClusterView {
  readonly name: string;
  readonly uid: string | undefined;
  readonly clusterID: string;
  readonly maker: ForeignClusterMaker;
  readonly authUrl: string;
  readonly outgoing: PeeringSwitch;
  readonly incoming: PeeringSwitch;
  /** What stood in the field before the Connector set it; null if it did not. */
  readonly outgoingBefore: PeeringSwitch | null;
  readonly incomingBefore: PeeringSwitch | null;
  readonly tokenDigest: string | null;
  readonly isDeleting: boolean;
  readonly conditions: readonly PeeringCondition[];
}

/** Reads what it needs and takes nothing for granted. */
export function viewOf(object: KubeObject, ...secrets: readonly (string | null)[]): ForeignClusterView {
  const { name, uid, labels = {}, annotations = {}, deletionTimestamp } = object.metadata;
  const spec = (object.spec ?? {}) as Record<string, unknown>;
  const identity = (spec["clusterIdentity"] ?? {}) as Record<string, unknown>;
  const clusterID = identity["clusterID"] ?? labels[CLUSTER_ID_LABEL];
  return {
    name,
    uid,
    clusterID: typeof clusterID === "string" ? clusterID : "",
    maker: isOwned(object) ? "CONNECTOR" : labels[DISCOVERY_TYPE_LABEL] === INCOMING_DISCOVERY ? "LIQO" : "ADMIN",
    authUrl: typeof spec["foreignAuthUrl"] === "string" ? spec["foreignAuthUrl"] : "",
    outgoing: switchOf(spec["outgoingPeeringEnabled"]) ?? "Auto",
    incoming: switchOf(spec["incomingPeeringEnabled"]) ?? "Auto",
    outgoingBefore: switchOf(annotations[OUTGOING_ANNOTATION]),
    incomingBefore: switchOf(annotations[INCOMING_ANNOTATION]),
    tokenDigest: labels[TOKEN_DIGEST_LABEL] ?? null,
    isDeleting: deletionTimestamp !== undefined,
    conditions: readConditions(object.status, ...secrets),
  };
}

const PREFERENCE: readonly ForeignClusterMaker[] = ["CONNECTOR", "LIQO", "ADMIN"];

/** The one to work with where several name the same cluster: our own before Liqo's before one by hand. */
export function chosen(views: readonly ForeignClusterView[], clusterID: string): ForeignClusterView | undefined {
  return views
    .filter((view) => view.clusterID === clusterID)
    .sort((a, b) => PREFERENCE.indexOf(a.maker) - PREFERENCE.indexOf(b.maker) || (a.name < b.name ? -1 : 1))[0];
}

function switchOf(value: unknown): PeeringSwitch | null {
  return value === "Yes" || value === "No" || value === "Auto" ? value : null;
}
