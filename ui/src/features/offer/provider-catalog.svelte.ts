import type { AppContext } from "../../lib/app-context.ts";
import { type ApiError } from "../../lib/graphql/api-error.ts";
import type { Api } from "../../lib/graphql/api.ts";
import { LiveCatalog } from "../../lib/live/live-catalog.svelte.ts";
import { type OfferWhole, type Provider, PROVIDER_CATALOG } from "./documents.ts";

/** What one provider offers now, live, and who it is. */
export class ProviderCatalog {
  readonly #live = new LiveCatalog<OfferWhole, Provider>();
  readonly #api: Api;
  readonly clusterID: string;
  error = $state.raw<ApiError | undefined>();
  offers = $derived.by(() => this.#live.offers);
  provider = $derived.by(() => [...this.#live.clusters.values()].find(({ clusterID }) => clusterID === this.clusterID));
  /** True once everything there was has arrived. */
  isComplete = $derived.by(() => this.#live.isComplete);

  constructor({ api }: AppContext, clusterID: string) {
    this.#api = api;
    this.clusterID = clusterID;
  }

  /** Begins; returns how to stop. */
  start(): () => void {
    const live = this.#live;
    const filter = { clusterIDs: [this.clusterID] };
    return this.#api.subscribe(PROVIDER_CATALOG, () => ({ since: live.cursor, filter }), {
      next: ({ catalog }) => {
        this.error = undefined;
        live.hear(catalog);
        // One page shows one offer: there is no row that could move under a pointer.
        if (live.isComplete && catalog.changes.length > 0) live.apply();
      },
      failed: (error) => {
        this.error = error;
        if (error.code === "CURSOR_INVALID") live.forgetCursor();
      },
    });
  }

  offer(offerID: string): OfferWhole | undefined {
    return this.offers.find((one) => one.offerID === offerID);
  }
}
