import type { Tone } from "../../lib/format/words.ts";
import type { KnownRow } from "./documents.ts";

type Facts = Pick<KnownRow, "fingerprint" | "clusterID" | "holdsClusterID" | "listed" | "trusted" | "source">;

/** How a cluster stands here, in a word or two. */
export function standingOf(cluster: Facts): { text: string; tone: Tone } {
  if (!cluster.holdsClusterID) return { text: "Hidden: cluster ID taken", tone: "bad" };
  if (cluster.trusted) return { text: cluster.listed ? "Trusted by hand, listed" : "Trusted by hand", tone: "good" };
  if (cluster.listed) return { text: "Listed by a Broker", tone: "plain" };
  return { text: "Known, not listed", tone: "over" };
}

/** How a cluster's key was admitted, in words. @param nameOf a Broker's name by its id */
export function admissionOf(
  { source, brokerIDs }: Pick<KnownRow, "source" | "brokerIDs">,
  nameOf: (brokerID: string) => string,
): string {
  if (source === "ADMIN") return "By hand";
  return brokerIDs.length === 0 ? "By a Broker" : `By ${brokerIDs.map(nameOf).join(", ")}`;
}

/** The clusters that claim a cluster ID which another one claims too: cluster ID → claimants, the holder first. */
export function conflictsIn<T extends Pick<Facts, "clusterID" | "holdsClusterID">>(
  clusters: readonly T[],
): readonly { readonly clusterID: string; readonly claimants: readonly T[] }[] {
  const byID = new Map<string, T[]>();
  for (const cluster of clusters) byID.set(cluster.clusterID, [...(byID.get(cluster.clusterID) ?? []), cluster]);
  return [...byID]
    .filter(([, claimants]) => claimants.length > 1)
    .map(([clusterID, claimants]) => ({
      clusterID,
      claimants: claimants.toSorted((a, b) => Number(b.holdsClusterID) - Number(a.holdsClusterID)),
    }));
}

/** Whether a text that somebody told is this fingerprint, spaces and line breaks aside; undefined while it is empty. */
export function isSameKey(given: string, fingerprint: string): boolean | undefined {
  const text = given.replaceAll(/\s/g, "");
  return text === "" ? undefined : text === fingerprint;
}

const FINGERPRINT = /^[A-Za-z0-9_-]{43}$/;

/** A fingerprint as people paste it, or undefined if the text is none. */
export function readFingerprint(text: string): string | undefined {
  const joined = text.replaceAll(/\s/g, "");
  return FINGERPRINT.test(joined) ? joined : undefined;
}

/** What a signed document (compact JWS) says, indented; undefined if it cannot be read. Its signature is not checked here. */
export function readPayload(jws: string): string | undefined {
  try {
    const [, payload = ""] = jws.split(".");
    const bytes = Uint8Array.from(atob(payload.replaceAll("-", "+").replaceAll("_", "/")), (c) => c.charCodeAt(0));
    return JSON.stringify(JSON.parse(new TextDecoder().decode(bytes)), undefined, 2);
  } catch {
    return undefined;
  }
}

/** Lines of two texts, marked where one has what the other lacks; compared line by line as both come from one writer. */
export function differingLines(
  first: string,
  second: string,
): { first: readonly MarkedLine[]; second: readonly MarkedLine[] } {
  const [a, b] = [first.split("\n"), second.split("\n")];
  const [inA, inB] = [new Set(a), new Set(b)];
  return {
    first: a.map((text) => ({ text, isOther: !inB.has(text) })),
    second: b.map((text) => ({ text, isOther: !inA.has(text) })),
  };
}

export interface MarkedLine {
  readonly text: string;
  /** True if the other text has no such line. */
  readonly isOther: boolean;
}
