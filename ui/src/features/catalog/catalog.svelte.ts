import type { AppContext } from "../../lib/app-context.ts";
import type { Connection } from "../../lib/graphql/connection.svelte.ts";
import { QueryParams } from "../../lib/routing/query-params.ts";
import { CATALOG_PARAMS, filterOf, VIEW_PARAMS } from "./catalog-filter.ts";
import type { OfferFilter } from "./documents.ts";
import { FacetCounts } from "./facet-counts.svelte.ts";
import { OfferList, type OfferQuery } from "./offer-list.svelte.ts";

/** While one types, the server is asked this long after the last key, in ms. */
const PAUSE_MS = 180;

/** The Catalog as the URL of its page asks for it. */
export class Catalog {
  readonly filters = new QueryParams(CATALOG_PARAMS);
  readonly view = new QueryParams(VIEW_PARAMS);
  readonly offers: OfferList;
  readonly facets: FacetCounts;
  /** Changes only when it asks for something else. */
  readonly #text = $derived.by(() => JSON.stringify(this.#query()));
  /** What is asked of the server. */
  filter = $derived.by((): OfferFilter => (JSON.parse(this.#text) as OfferQuery).filter);
  readonly #connection: Connection;

  constructor(app: AppContext) {
    this.offers = new OfferList(app);
    this.facets = new FacetCounts(app);
    this.#connection = app.connection;
  }

  /** Follows the URL until the returned function is called; to be called in an effect. */
  start(): () => void {
    let isFirst = true;
    const stopFollowing = $effect.root(() => {
      $effect(() => {
        const query = JSON.parse(this.#text) as OfferQuery;
        const timer = setTimeout(() => this.#ask(query), isFirst ? 0 : PAUSE_MS);
        isFirst = false;
        return () => clearTimeout(timer);
      });
    });
    const stopListening = this.#connection.onConnected(() => {
      if (this.offers.error !== undefined) this.reload();
    });
    return () => {
      stopFollowing();
      stopListening();
      this.offers.stop();
    };
  }

  /** Reads anew, and shows what was held back. */
  reload(): void {
    void this.offers.apply();
    void this.facets.count(this.filter);
  }

  #query(): OfferQuery {
    const { per, sort } = this.view.values;
    return { filter: filterOf(this.filters.values, per), orderBy: sort };
  }

  #ask(query: OfferQuery): void {
    void this.offers.show(query);
    void this.facets.count(query.filter);
  }
}
