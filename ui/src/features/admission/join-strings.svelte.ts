import type { AppContext } from "../../lib/app-context.ts";
import { readPages } from "../../lib/live/live-list.svelte.ts";
import { LiveValue } from "../../lib/live/live-value.svelte.ts";
import { ADMISSIONS, JOIN_STRINGS, type JoinStringRow } from "./documents.ts";

const PAGE = 200;

/** The join strings that were made, newest first; read anew when somebody may have used one. */
export function liveJoinStrings({ api, connection }: AppContext): LiveValue<readonly JoinStringRow[]> {
  return new LiveValue(
    {
      load: () =>
        readPages(
          async (after) => (await api.query(JOIN_STRINGS, { first: PAGE, after })).joinStrings,
          ({ tokenID }) => tokenID,
          PAGE,
          1000,
        ),
      watch: (changed) => api.subscribe(ADMISSIONS, {}, { next: () => changed() }),
    },
    connection,
  );
}
