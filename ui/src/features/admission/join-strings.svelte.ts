import type { AppContext } from "../../lib/app-context.ts";
import type { LiveList } from "../../lib/live/live-list.svelte.ts";
import { liveTokenList } from "../../lib/live/token-list.ts";
import { JOIN_STRING_CHANGED, JOIN_STRINGS, type JoinStringRow } from "./documents.ts";

/** The join strings that were made, newest first. */
export function liveJoinStrings({ api, connection }: AppContext): LiveList<JoinStringRow> {
  return liveTokenList(
    async (range) => (await api.query(JOIN_STRINGS, range)).joinStrings,
    (changed, failed) =>
      api.subscribe(JOIN_STRING_CHANGED, {}, { next: ({ joinStrings }) => changed(joinStrings), failed }),
    connection,
  );
}
