import { delay } from "@catalog/server/backoff";
import type { Changes, ChangeTopic } from "../ports.js";
import type { AttentionItem } from "./attention-list.js";

/** What may change the list. */
const TOPICS: readonly ChangeTopic[] = ["contract", "peering", "broker", "activity", "offer", "descriptor"];
/** Changes come in swarms: the list is made anew once for all of them. */
const SWARM_MS = 300;
/** Time itself changes it too. */
const LOOK_MS = 60_000;

/** The list as `read` tells it: at once, and whenever it differs, until the signal aborts. An undefined list could not be read now. */
export async function* attentionChanges(
  read: () => Promise<readonly AttentionItem[] | undefined>,
  changes: Pick<Changes, "on">,
  signal: AbortSignal,
): AsyncGenerator<readonly AttentionItem[]> {
  let isStale = true;
  let waiting = new AbortController();
  const stops = TOPICS.map((topic) =>
    changes.on(topic, () => {
      isStale = true;
      waiting.abort();
    }),
  );
  let told: string | undefined;
  try {
    while (!signal.aborted) {
      isStale = false;
      const items = await read();
      const text = items && JSON.stringify(items);
      if (items !== undefined && text !== told) yield items;
      told = text ?? told;
      waiting = new AbortController();
      if (!isStale) await delay(LOOK_MS, AbortSignal.any([signal, waiting.signal]));
      await delay(SWARM_MS, signal);
    }
  } finally {
    for (const stop of stops) stop();
  }
}
