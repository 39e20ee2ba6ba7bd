import { delay } from "@catalog/server/backoff";
import type { Changes, ChangeTopic } from "./ports.js";

/** Changes come in swarms: one turn is for all of them. */
const SWARM_MS = 300;
/** Time itself changes things too. */
const LOOK_MS = 60_000;

/** A turn at once, one after each swarm of changes of the topics, and one a minute, until the signal aborts. No change goes without a turn after it. */
export async function* swarmsOf(
  topics: readonly ChangeTopic[],
  changes: Pick<Changes, "on">,
  signal: AbortSignal,
): AsyncGenerator<void> {
  let isStale = true;
  let waiting = new AbortController();
  const stops = topics.map((topic) =>
    changes.on(topic, () => {
      isStale = true;
      waiting.abort();
    }),
  );
  try {
    while (!signal.aborted) {
      isStale = false;
      yield;
      waiting = new AbortController();
      if (!isStale) await delay(LOOK_MS, AbortSignal.any([signal, waiting.signal]));
      await delay(SWARM_MS, signal);
    }
  } finally {
    for (const stop of stops) stop();
  }
}
