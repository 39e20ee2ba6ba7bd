import type { AppContext } from "../../lib/app-context.ts";
import type { LiveList } from "../../lib/live/live-list.svelte.ts";
import { liveTokenList } from "../../lib/live/token-list.ts";
import { READ_TOKEN_CHANGED, READ_TOKENS, type ReadTokenRow } from "./documents.ts";

/** The read tokens that were made, newest first. */
export function liveReadTokens({ api, connection }: AppContext): LiveList<ReadTokenRow> {
  return liveTokenList(
    async (range) => (await api.query(READ_TOKENS, range)).readTokens,
    (changed, failed) =>
      api.subscribe(READ_TOKEN_CHANGED, {}, { next: ({ readTokens }) => changed(readTokens), failed }),
    connection,
  );
}
