import type { ForeignClusterView } from "./foreign-cluster-view.js";
import type { OwnClusterProblem } from "./own-cluster.js";

/** The Secret with the provider's token, without the token. Null: that part is missing. */
export interface TokenView {
  readonly isOwned: boolean;
  readonly uid: string | undefined;
  readonly isDeleting: boolean;
  readonly contractID: string | null;
  readonly authUrl: string | null;
  readonly clusterName: string | null;
  readonly digest: string | null;
}

/** UNKNOWN: the Connector may not look at nodes. */
export type NodeReadiness = "READY" | "NOT_READY" | "ABSENT" | "UNKNOWN";

/** Why the provider's address and token could not be had just now. */
export interface MaterialFailure {
  readonly message: string;
  readonly whatToDo: string;
  /** What the provider said cannot be used; asking again at once would not help. */
  readonly isDefinitive: boolean;
}

/** Everything that the customer's plan depends on. */
export interface CustomerObservation {
  readonly liqoNamespace: string;
  readonly own: {
    readonly clusterID: string;
    readonly authUrl: string | null;
    readonly problem: OwnClusterProblem | null;
  };
  /** All in the cluster, of every peer: names must not collide. */
  readonly foreignClusters: readonly ForeignClusterView[];
  readonly token: TokenView | null;
  readonly node: NodeReadiness;
  readonly materialFailure: MaterialFailure | null;
  /** Unix ms. */
  readonly now: number;
}

/** What the customer's side keeps between runs, beside what stands in the cluster. */
export interface CustomerState {
  /** When address and token were last asked for, Unix ms. */
  readonly materialAt: number | null;
  /** When the provider was last asked to forget an older identity, Unix ms. */
  readonly identityAskedAt: number | null;
}

/** Reads a state that was stored before; anything else is an empty one. */
export function customerStateOf(state: unknown): CustomerState {
  const { materialAt, identityAskedAt } = (typeof state === "object" && state !== null ? state : {}) as Record<
    string,
    unknown
  >;
  return { materialAt: numberOf(materialAt), identityAskedAt: numberOf(identityAskedAt) };
}

function numberOf(value: unknown): number | null {
  return typeof value === "number" && Number.isFinite(value) ? value : null;
}

/** When to look again while something is under way, in ms. */
export const LOOK_AGAIN_MS = 5_000;
