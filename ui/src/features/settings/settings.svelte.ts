import type { AppContext } from "../../lib/app-context.ts";
import { type LiveList, readPages } from "../../lib/live/live-list.svelte.ts";
import { LiveValue } from "../../lib/live/live-value.svelte.ts";
import { liveTokenList } from "../../lib/live/token-list.ts";
import {
  type AllowanceRow,
  ALLOWANCES,
  ALLOWANCES_CHANGED,
  CONNECTOR_CHANGED,
  SETTINGS,
  type SettingsFacts,
  TOKEN_CHANGED,
  type TokenRow,
  TOKENS,
} from "./documents.ts";

const PAGE = 200;

/** Names, addresses and policies of this cluster, and who is looking at them. */
export function liveSettings({ api, connection }: AppContext): LiveValue<SettingsFacts> {
  return new LiveValue(
    {
      load: () => api.query(SETTINGS, {}),
      watch: (changed) => {
        const stops = [
          api.subscribe(CONNECTOR_CHANGED, {}, { next: () => changed() }),
          api.subscribe(
            ALLOWANCES_CHANGED,
            {},
            { next: ({ activity }) => activity.action === "capacity.policy" && changed() },
          ),
        ];
        return () => stops.forEach((stop) => stop());
      },
    },
    connection,
  );
}

/** What other clusters may use here without a contract; those that nobody has decided about first. */
export function liveAllowances({ api, connection }: AppContext): LiveValue<readonly AllowanceRow[]> {
  return new LiveValue(
    {
      load: async () => {
        const all = await readPages(
          async (after) => (await api.query(ALLOWANCES, { first: PAGE, after })).allowedClusters,
          ({ clusterID }) => clusterID,
          PAGE,
        );
        return all.toSorted((a, b) => Number(a.decided) - Number(b.decided));
      },
      watch: (changed) =>
        api.subscribe(
          ALLOWANCES_CHANGED,
          {},
          { next: ({ activity }) => /^(allowance|peer|peering)\b/.test(activity.action) && changed() },
        ),
    },
    connection,
  );
}

/** The tokens of scripts, newest first. */
export function liveTokens({ api, connection }: AppContext): LiveList<TokenRow> {
  return liveTokenList(
    async (range) => (await api.query(TOKENS, range)).scriptTokens,
    (changed, failed) =>
      api.subscribe(TOKEN_CHANGED, {}, { next: ({ scriptTokens }) => changed(scriptTokens), failed }),
    connection,
  );
}
