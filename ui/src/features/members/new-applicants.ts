import type { MemberRow } from "./documents.ts";

/** Remembers who waits, and says who has come since. */
export class NewApplicants {
  /** Fingerprints; undefined until the first look, which tells of nobody. */
  #known: ReadonlySet<string> | undefined;

  /** What to tell of those who wait now; undefined where nobody has come since the last look. */
  noticeOf(waiting: readonly MemberRow[]): string | undefined {
    const known = this.#known;
    this.#known = new Set(waiting.map(({ fingerprint }) => fingerprint));
    const fresh = known === undefined ? [] : waiting.filter(({ fingerprint }) => !known.has(fingerprint));
    const [first] = fresh;
    if (first === undefined) return undefined;
    return fresh.length === 1
      ? `${first.cluster.clusterPrettyName} asks to join`
      : `${fresh.length} clusters ask to join`;
  }
}
