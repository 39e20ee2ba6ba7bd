import { swarmsOf } from "../change-swarms.js";
import type { Changes, ChangeTopic } from "../ports.js";
import type { ClusterStanding } from "./trust.service.js";

/** What may change whom this cluster knows, and how. */
const TOPICS: readonly ChangeTopic[] = ["catalog", "broker"];

/**
 * Each other cluster that became known, or stands otherwise than when the stream began, as it is then, until the signal aborts.
 * @param read all of them; undefined where they cannot be read now.
 */
export async function* standingChanges(
  read: () => readonly ClusterStanding[] | undefined,
  changes: Pick<Changes, "on">,
  signal: AbortSignal,
): AsyncGenerator<ClusterStanding> {
  let known: ReadonlyMap<string, string> | undefined;
  for await (const _ of swarmsOf(TOPICS, changes, signal)) {
    const now = read();
    if (now === undefined) continue;
    const before = known;
    known = new Map(now.map((one) => [one.pin.fingerprint, stateOf(one)]));
    if (before === undefined) continue;
    for (const one of now) {
      if (before.get(one.pin.fingerprint) !== known.get(one.pin.fingerprint)) yield one;
    }
  }
}

/** Equal text, nothing to tell. */
function stateOf({ pin, trusted, isListed, listedBy }: ClusterStanding): string {
  return JSON.stringify([pin.jws, pin.isHolder, pin.source, trusted, isListed, listedBy]);
}
