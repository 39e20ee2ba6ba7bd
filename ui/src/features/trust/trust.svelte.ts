import type { AppContext } from "../../lib/app-context.ts";
import { readPages } from "../../lib/live/live-list.svelte.ts";
import { LiveValue } from "../../lib/live/live-value.svelte.ts";
import { flag, QueryParams, text } from "../../lib/routing/query-params.ts";
import {
  CLUSTERS_CHANGED,
  KNOWN_CLUSTERS,
  type KnownRow,
  SOMETHING_HAPPENED,
  TRUST_PAGE,
  type TrustFacts,
} from "./documents.ts";
import { conflictsIn } from "./standing.ts";

const PAGE = 200;
/** What changes whom this cluster knows or trusts. */
const ABOUT_TRUST = /^(cluster|broker|trust|peer|identity|equivocation)\b/;
/** Changes that come together are read together. */
const GATHER_MS = 400;

/** Whom this cluster knows and trusts, live. */
export class Trust {
  readonly live: LiveValue<TrustFacts & { readonly clusters: readonly KnownRow[] }>;
  readonly filters = new QueryParams({ q: text(), trusted: flag() });
  shown = $derived.by(() => (this.live.value?.clusters ?? []).filter((cluster) => this.#fits(cluster)));
  conflicts = $derived.by(() => conflictsIn(this.live.value?.clusters ?? []));
  #cursor: string | null = null;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor({ api, connection }: AppContext) {
    const clusters = (): Promise<readonly KnownRow[]> =>
      readPages(
        async (after) => (await api.query(KNOWN_CLUSTERS, { first: PAGE, after })).knownClusters,
        ({ fingerprint }) => fingerprint,
        PAGE,
      );
    this.live = new LiveValue(
      {
        load: async () => ({ ...(await api.query(TRUST_PAGE, {})), clusters: await clusters() }),
        watch: (changed) => {
          const soon = (): void => this.#soon(changed);
          const stops = [
            api.subscribe(
              SOMETHING_HAPPENED,
              {},
              { next: ({ activity }) => ABOUT_TRUST.test(activity.action) && soon() },
            ),
            api.subscribe(CLUSTERS_CHANGED, () => ({ since: this.#cursor }), {
              next: ({ catalog }) => {
                this.#cursor = catalog.cursor;
                if (catalog.changes.some(({ kind }) => kind === "CLUSTER")) soon();
              },
              failed: ({ code }) => code === "CURSOR_INVALID" && (this.#cursor = null),
            }),
          ];
          return () => {
            clearTimeout(this.#timer);
            for (const stop of stops) stop();
          };
        },
      },
      connection,
    );
  }

  /** The name of a Broker, or the beginning of its key. */
  brokerName = (brokerID: string): string =>
    this.live.value?.brokers.find((broker) => broker.brokerID === brokerID)?.brokerName ?? `${brokerID.slice(0, 12)}…`;

  #soon(changed: () => void): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(changed, GATHER_MS);
  }

  #fits(cluster: KnownRow): boolean {
    const { q, trusted } = this.filters.values;
    if (trusted && !cluster.trusted) return false;
    const words = `${cluster.clusterPrettyName} ${cluster.clusterName} ${cluster.clusterID} ${cluster.fingerprint}`;
    return q
      .toLowerCase()
      .split(/\s+/)
      .every((word) => words.toLowerCase().includes(word));
  }
}
