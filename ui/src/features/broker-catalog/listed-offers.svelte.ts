import type { AppContext } from "../../lib/app-context.ts";
import { type ApiError, toApiError } from "../../lib/graphql/api-error.ts";
import { choice, flag, text } from "../../lib/routing/param.ts";
import { QueryParams } from "../../lib/routing/query-params.ts";
import { FEED_MOVED, LISTED_OFFERS, type ListedOffer, type OfferPage } from "./documents.ts";

const PAGE = 100;

/** The offers that this Broker lists and that fit the search in the URL, page after page as they are asked for. */
export class ListedOffers {
  readonly filters = new QueryParams({ q: text(), available: flag() });
  readonly order = new QueryParams({ sort: choice("NAME_ASC", "NAME_DESC", "COST_ASC", "COST_DESC", "CREATED_DESC") });
  items = $state.raw<readonly ListedOffer[]>([]);
  total = $state(0);
  state = $state<"loading" | "ready" | "failed">("loading");
  error = $state.raw<ApiError | undefined>();
  /** The list has changed since it was read. */
  isOutdated = $state(false);
  #after: string | null = null;
  #reading = 0;
  #isBusy = false;
  #head: number | undefined;

  constructor(private readonly app: AppContext) {}

  /** Begins; returns how to stop. */
  start(): () => void {
    const { api, connection } = this.app;
    const stops = [
      connection.onConnected(() => void this.reload()),
      api.subscribe(FEED_MOVED, {}, { next: ({ feedFigures }) => this.#moved(feedFigures.head) }),
    ];
    return () => {
      this.#reading += 1;
      for (const stop of stops) stop();
    };
  }

  /** Reads from the beginning what fits now. */
  async reload(): Promise<void> {
    const reading = ++this.#reading;
    this.#isBusy = true;
    try {
      const page = await this.#read(null);
      if (reading === this.#reading) this.#take(page, []);
    } catch (error) {
      if (reading === this.#reading) this.#fail(toApiError(error));
    } finally {
      if (reading === this.#reading) this.#isBusy = false;
    }
  }

  /** Reads on until `end` rows are there. */
  async reach(end: number): Promise<void> {
    if (this.#isBusy || this.#after === null || end <= this.items.length) return;
    const reading = this.#reading;
    this.#isBusy = true;
    try {
      const page = await this.#read(this.#after);
      if (reading === this.#reading) this.#take(page, this.items);
    } catch (error) {
      if (reading === this.#reading) this.error = toApiError(error);
    } finally {
      if (reading === this.#reading) this.#isBusy = false;
    }
    if (reading === this.#reading && this.error === undefined) await this.reach(end);
  }

  async #read(after: string | null): Promise<OfferPage> {
    const { q, available } = this.filters.values;
    const filter = { ...(q.trim() === "" ? {} : { text: q.trim() }), ...(available ? { onlyAvailable: true } : {}) };
    const variables = { first: PAGE, after, filter, orderBy: this.order.values.sort };
    return (await this.app.api.query(LISTED_OFFERS, variables)).offers;
  }

  #take({ nodes, pageInfo, totalCount }: OfferPage, before: readonly ListedOffer[]): void {
    this.items = [...before, ...nodes];
    this.total = totalCount;
    this.#after = pageInfo.hasNextPage ? pageInfo.endCursor : null;
    this.state = "ready";
    this.error = undefined;
    if (before.length === 0) this.isOutdated = false;
  }

  #fail(error: ApiError): void {
    this.error = error;
    if (this.state === "loading" || error.isDefinitive) this.state = "failed";
  }

  #moved(head: number): void {
    if (this.#head !== undefined && head !== this.#head) this.isOutdated = true;
    this.#head = head;
  }
}
