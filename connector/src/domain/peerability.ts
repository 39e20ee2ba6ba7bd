/** Which Liqo a cluster says it has. */
export interface LiqoFacts {
  readonly mode: string;
  /** Such as `1.2.0`; null where nobody knows. */
  readonly version: string | null;
}

/** Whether two clusters can peer. */
export interface Peerability {
  /** False: they cannot, and nothing is bought or sold between them. */
  readonly ok: boolean;
  /** Why they cannot or, with `ok`, what to make sure of; null if there is nothing to say. */
  readonly reason: string | null;
}

/** How Liqo is driven → the minor versions for which that is done. */
const DRIVEN: Readonly<Record<string, RegExp>> = {
  "v0.8": /^0\.[78]$/,
  "v0.9": /^0\.(9|10)$/,
  v1: /^1\.\d+$/,
};

const SPOKEN: Readonly<Record<string, string>> = { "v0.8": "Liqo 0.7–0.8", "v0.9": "Liqo 0.9–0.10", v1: "Liqo 1.x" };

/**
 * Peers need the same generation and the same minor version of Liqo. Where one of them is driven by hand, or does not say what it has, only
 * its admin can tell: that is a caveat, no refusal.
 */
export function peerability(own: LiqoFacts, other: LiqoFacts): Peerability {
  const unknown = [own, other].find(({ mode }) => !Object.hasOwn(DRIVEN, mode));
  if (unknown !== undefined) return byHand(own, other, unknown === own);
  if (own.mode !== other.mode)
    return { ok: false, reason: `${different(own, other)}, and they do not understand each other.` };
  const [ownMinor, otherMinor] = [minorOf(own.version), minorOf(other.version)];
  if (ownMinor === null || otherMinor === null) {
    const who = ownMinor === null ? "this cluster" : "the other cluster";
    return {
      ok: true,
      reason: `Which version of ${spoken(own)} ${who} has is not known; both need the same minor version.`,
    };
  }
  if (ownMinor === otherMinor) return { ok: true, reason: null };
  return {
    ok: false,
    reason: `${different(own, other)}; both need the same minor version. One of them has to be updated.`,
  };
}

function byHand(own: LiqoFacts, other: LiqoFacts, isOwn: boolean): Peerability {
  const [ownMinor, otherMinor] = [minorOf(own.version), minorOf(other.version)];
  if (ownMinor !== null && ownMinor === otherMinor) return { ok: true, reason: null };
  if (ownMinor !== null && otherMinor !== null)
    return {
      ok: true,
      reason: `${different(own, other)}; both need the same minor version. Talk to the other admin before you peer.`,
    };
  const who = isOwn ? "this cluster" : "the other cluster";
  return {
    ok: true,
    reason: `Which Liqo ${who} has is not known; both need the same minor version. Make sure of it before you peer.`,
  };
}

function different(own: LiqoFacts, other: LiqoFacts): string {
  return `This cluster has ${spoken(own)}, the other one ${spoken(other)}`;
}

function spoken({ mode, version }: LiqoFacts): string {
  const generation = Object.hasOwn(SPOKEN, mode) ? SPOKEN[mode] : undefined;
  if (version !== null) return `Liqo ${version}`;
  return generation ?? "an unknown Liqo";
}

/** Whether a Liqo of this version is driven as `mode` says; also where one of them is not known. */
export function isDriven({ mode, version }: LiqoFacts): boolean {
  const minor = minorOf(version);
  const fits = Object.hasOwn(DRIVEN, mode) ? DRIVEN[mode] : undefined;
  return minor === null || fits === undefined || fits.test(minor);
}

/** `v1.2.0-rc.1` → `1.2`; null for anything else. */
function minorOf(version: string | null): string | null {
  return /^v?(\d+\.\d+)(?:[.+-]|$)/.exec(version ?? "")?.[1] ?? null;
}
