import { swarmsOf } from "../change-swarms.js";
import type { Changes, ChangeTopic } from "../ports.js";
import type { AttentionItem } from "./attention-list.js";

/** What may change the list. */
const TOPICS: readonly ChangeTopic[] = ["contract", "peering", "broker", "activity", "offer", "descriptor"];

/** The list as `read` tells it: at once, and whenever it differs, until the signal aborts. An undefined list could not be read now. */
export async function* attentionChanges(
  read: () => Promise<readonly AttentionItem[] | undefined>,
  changes: Pick<Changes, "on">,
  signal: AbortSignal,
): AsyncGenerator<readonly AttentionItem[]> {
  let told: string | undefined;
  for await (const _ of swarmsOf(TOPICS, changes, signal)) {
    const items = await read();
    const text = items && JSON.stringify(items);
    if (items !== undefined && text !== told) yield items;
    told = text ?? told;
  }
}
