import type { AppContext } from "../../lib/app-context.ts";
import { LiveList } from "../../lib/live/live-list.svelte.ts";
import { BROKER_CHANGED, type BrokerRow, BROKERS } from "./documents.ts";

/** The Brokers that this cluster is registered with, live, by name. */
export function liveBrokers({ api, connection }: AppContext): LiveList<BrokerRow> {
  return new LiveList(
    {
      load: async () => (await api.query(BROKERS, {})).brokers,
      watch: (changed, failed) =>
        api.subscribe(BROKER_CHANGED, {}, { next: ({ brokers }) => changed(brokers), failed }),
      keyOf: ({ brokerID }) => brokerID,
      keeps: ({ registered }) => registered,
      compare: (a, b) => a.brokerName.localeCompare(b.brokerName) || (a.brokerID < b.brokerID ? -1 : 1),
    },
    connection,
  );
}
