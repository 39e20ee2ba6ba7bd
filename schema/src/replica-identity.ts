/** What is remembered of the newest document about a subject: its number (`seq` or `rev`) and the digest of its signed bytes. */
export interface DocumentMark {
  readonly number: number;
  readonly digest: string;
}

/** How a document stands to the newest one known; only a NEW one replaces it. */
export type MarkVerdict = "NEW" | "SAME" | "OUTDATED" | "EQUIVOCATION";

/** Compares a document with the newest one known. The same number over other bytes is an equivocation of the issuer. */
export function judgeMark(known: DocumentMark | undefined, found: DocumentMark): MarkVerdict {
  if (known === undefined || found.number > known.number) return "NEW";
  if (found.number < known.number) return "OUTDATED";
  return found.digest === known.digest ? "SAME" : "EQUIVOCATION";
}

/** Where the first descriptor of an identity came from. */
export type PinSource = "BROKER" | "ADMIN";

/** A descriptor whose signature has been verified. */
export interface FoundDescriptor {
  readonly fingerprint: string;
  readonly clusterID: string;
  readonly seq: number;
  readonly digest: string;
  readonly jws: string;
}

/** A known identity: its newest descriptor, and whether it holds the cluster id that it names. */
export interface IdentityPin extends FoundDescriptor {
  /** False while another fingerprint was pinned first with the same cluster id: this one is hidden and refused. */
  readonly isHolder: boolean;
  readonly source: PinSource;
  /** Unix seconds. */
  readonly pinnedAt: number;
}

/** Who holds the cluster id that a descriptor names, and how the descriptor came here. */
export interface PinContext {
  readonly holder: string | undefined;
  readonly source: PinSource;
  /** Unix seconds. */
  readonly now: number;
}

/** What a descriptor comes to. */
export interface PinDecision {
  readonly verdict: MarkVerdict;
  /** The pin to keep: the same object as before unless the verdict is NEW. */
  readonly pin: IdentityPin;
}

/** Decides what a verified descriptor changes: the first fingerprint pinned with a cluster id keeps it. */
export function decidePin(before: IdentityPin | undefined, found: FoundDescriptor, context: PinContext): PinDecision {
  const known = before && { number: before.seq, digest: before.digest };
  const verdict = judgeMark(known, { number: found.seq, digest: found.digest });
  if (before !== undefined && verdict !== "NEW") return { verdict, pin: before };
  const { fingerprint, clusterID, seq, digest, jws } = found;
  return {
    verdict,
    pin: {
      fingerprint,
      clusterID,
      seq,
      digest,
      jws,
      isHolder: context.holder === undefined || context.holder === fingerprint,
      source: before?.source ?? context.source,
      pinnedAt: before?.pinnedAt ?? context.now,
    },
  };
}
