import type { AppContext } from "../../lib/app-context.ts";
import { LiveList, readPages } from "../../lib/live/live-list.svelte.ts";
import { LiveValue } from "../../lib/live/live-value.svelte.ts";
import { choice, QueryParams, text } from "../../lib/routing/query-params.ts";
import { CAPACITY, type CapacityFacts, MY_OFFER_CHANGED, MY_OFFERS, type MyOfferRow } from "./documents.ts";

const PAGE = 200;

/** What this cluster sells, live, and what the filters of the page let through. */
export class MyOffers {
  readonly list: LiveList<MyOfferRow>;
  readonly filters = new QueryParams({ q: text(), status: choice("all", "sale", "paused") });
  shown = $derived.by(() => this.list.items.filter((offer) => this.#fits(offer)));

  constructor({ api, connection }: AppContext) {
    this.list = new LiveList(
      {
        load: () =>
          readPages(
            async (after) => (await api.query(MY_OFFERS, { first: PAGE, after })).myOffers,
            ({ offerID }) => offerID,
            PAGE,
          ),
        watch: (changed, failed) =>
          api.subscribe(MY_OFFER_CHANGED, {}, { next: ({ myOffers }) => changed(myOffers), failed }),
        keyOf: ({ offerID }) => offerID,
        keeps: ({ withdrawn }) => !withdrawn,
        compare: (a, b) => a.offerName.localeCompare(b.offerName) || (a.offerID < b.offerID ? -1 : 1),
      },
      connection,
    );
  }

  #fits(offer: MyOfferRow): boolean {
    const { q, status } = this.filters.values;
    if (status !== "all" && offer.status !== (status === "sale")) return false;
    const words = `${offer.offerName} ${offer.offerID} ${offer.offerType} ${Object.values(offer.labels).join(" ")}`;
    return q
      .toLowerCase()
      .split(/\s+/)
      .every((word) => words.toLowerCase().includes(word));
  }
}

/** What the cluster has to sell, read anew whenever an own offer or its stock changes. */
export function liveCapacity({ api, connection }: AppContext): LiveValue<CapacityFacts> {
  return new LiveValue(
    {
      load: () => api.query(CAPACITY, {}),
      watch: (changed) => api.subscribe(MY_OFFER_CHANGED, {}, { next: () => changed() }),
    },
    connection,
  );
}

/** Units of all plans: how many are left, and how many exist. */
export function stockOf({ plans }: MyOfferRow): { left: number; all: number; held: number } {
  return {
    left: plans.reduce((sum, { available }) => sum + available, 0),
    all: plans.reduce((sum, { planQuantity }) => sum + planQuantity, 0),
    held: plans.reduce((sum, { held }) => sum + held, 0),
  };
}
