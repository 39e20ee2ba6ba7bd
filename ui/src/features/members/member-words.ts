import type { Tone } from "../../lib/format/words.ts";
import type { MemberRow, MemberStatus } from "./documents.ts";

const ORDER: readonly MemberStatus[] = ["PENDING", "ADMITTED", "REVOKED", "LEFT"];

/** Who waits first, then members, then the others; by name among equals. */
export function inOrder(a: MemberRow, b: MemberRow): number {
  const rank = ORDER.indexOf(a.cluster.status) - ORDER.indexOf(b.cluster.status);
  if (rank !== 0) return rank;
  const names = a.cluster.clusterPrettyName.localeCompare(b.cluster.clusterPrettyName);
  return names !== 0 ? names : a.fingerprint < b.fingerprint ? -1 : 1;
}

/** Where a cluster stands, in a word or two. */
export function standingOf({ cluster, connected }: MemberRow): { readonly text: string; readonly tone: Tone } {
  if (cluster.status === "PENDING") return { text: "Waiting for you", tone: "wait" };
  if (cluster.status === "REVOKED") return { text: "Revoked", tone: "bad" };
  if (cluster.status === "LEFT") return { text: "Has left", tone: "over" };
  return connected ? { text: "Connected", tone: "good" } : { text: "Away", tone: "over" };
}

/** How far it is behind the feed; a dash where that is not known. */
export function sayLag({ cluster, lag }: MemberRow): string {
  if (cluster.status !== "ADMITTED" || lag === null) return "–";
  if (lag === 0) return "none";
  return `${lag} ${lag === 1 ? "change" : "changes"}`;
}

/** Whether every word occurs in a name, id or key of the cluster. */
export function isFound({ cluster, fingerprint }: MemberRow, words: string): boolean {
  const { clusterID, clusterName, clusterPrettyName, clusterContractEndpoint } = cluster;
  const said =
    `${clusterPrettyName} ${clusterName} ${clusterID} ${clusterContractEndpoint} ${fingerprint}`.toLowerCase();
  return words
    .toLowerCase()
    .split(/\s+/)
    .every((word) => said.includes(word));
}
