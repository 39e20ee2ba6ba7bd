import type { AppContext } from "../../lib/app-context.ts";
import { LiveList, readPages } from "../../lib/live/live-list.svelte.ts";
import { LiveValue } from "../../lib/live/live-value.svelte.ts";
import { flag, QueryParams, text } from "../../lib/routing/query-params.ts";
import {
  KNOWN_CLUSTER_CHANGED,
  KNOWN_CLUSTERS,
  type KnownRow,
  SOMETHING_HAPPENED,
  TRUST_PAGE,
  type TrustFacts,
} from "./documents.ts";
import { conflictsIn } from "./standing.ts";

const PAGE = 200;
/** What changes the own key, the Brokers, or who was caught. */
const ABOUT_TRUST = /^(broker|cluster|identity)\b/;

/** Whom this cluster knows and trusts, live. */
export class Trust {
  /** The own key, the Brokers, and who was caught signing two things with one number. */
  readonly facts: LiveValue<TrustFacts>;
  readonly clusters: LiveList<KnownRow>;
  readonly filters = new QueryParams({ q: text(), trusted: flag() });
  shown = $derived.by(() => this.clusters.items.filter((cluster) => this.#fits(cluster)));
  conflicts = $derived.by(() => conflictsIn(this.clusters.items));

  constructor({ api, connection }: AppContext) {
    this.facts = new LiveValue(
      {
        load: () => api.query(TRUST_PAGE, {}),
        watch: (changed) =>
          api.subscribe(
            SOMETHING_HAPPENED,
            {},
            { next: ({ activity }) => ABOUT_TRUST.test(activity.action) && changed() },
          ),
      },
      connection,
    );
    this.clusters = new LiveList(
      {
        load: () =>
          readPages(
            async (after) => (await api.query(KNOWN_CLUSTERS, { first: PAGE, after })).knownClusters,
            ({ fingerprint }) => fingerprint,
            PAGE,
          ),
        watch: (changed, failed) =>
          api.subscribe(KNOWN_CLUSTER_CHANGED, {}, { next: ({ knownClusters }) => changed(knownClusters), failed }),
        keyOf: ({ fingerprint }) => fingerprint,
        compare: (a, b) => (`${a.clusterID} ${a.fingerprint}` < `${b.clusterID} ${b.fingerprint}` ? -1 : 1),
      },
      connection,
    );
  }

  /** Begins; returns how to stop. */
  start(): () => void {
    const stops = [this.facts.start(), this.clusters.start()];
    return () => {
      for (const stop of stops) stop();
    };
  }

  /** The name of a cluster that is known. */
  nameOf = (fingerprint: string): string | undefined =>
    this.clusters.items.find((cluster) => cluster.fingerprint === fingerprint)?.clusterPrettyName;

  /** The name of a Broker, or the beginning of its key. */
  brokerName = (brokerID: string): string =>
    this.facts.value?.brokers.find((broker) => broker.brokerID === brokerID)?.brokerName ?? `${brokerID.slice(0, 12)}…`;

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
