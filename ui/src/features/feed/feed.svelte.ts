import type { AppContext } from "../../lib/app-context.ts";
import { readPages } from "../../lib/live/live-list.svelte.ts";
import { LiveValue } from "../../lib/live/live-value.svelte.ts";
import {
  type EquivocationRow,
  EQUIVOCATIONS,
  FEED_FIGURES,
  FEED_FIGURES_CHANGED,
  type FeedFigures,
} from "./documents.ts";

const PAGE = 200;
const MOST = 1000;

/** How the feed is doing, every few seconds. */
export function liveFigures({ api, connection }: AppContext): LiveValue<FeedFigures> {
  return new LiveValue(
    {
      load: async () => (await api.query(FEED_FIGURES, {})).feedFigures,
      watch: (changed) => api.subscribe(FEED_FIGURES_CHANGED, {}, { next: ({ feedFigures }) => changed(feedFigures) }),
    },
    connection,
  );
}

/** Who was caught signing two things with one number, newest first. */
export function liveEquivocations({ api, connection }: AppContext): LiveValue<readonly EquivocationRow[]> {
  return new LiveValue(
    {
      load: () =>
        readPages(
          async (after) => (await api.query(EQUIVOCATIONS, { first: PAGE, after })).equivocations,
          ({ equivocationID }) => equivocationID,
          PAGE,
          MOST,
        ),
    },
    connection,
  );
}
