import type { AppContext } from "../../lib/app-context.ts";
import { type ApiError, toApiError } from "../../lib/graphql/api-error.ts";
import type { Api } from "../../lib/graphql/api.ts";
import {
  type CatalogMessage,
  type OfferFilter,
  type OfferOrder,
  type OfferRow,
  OFFERS,
  OFFERS_CHANGED,
} from "./documents.ts";
import { HeldChanges, keyOf } from "./held-changes.ts";

/** Which offers, in which order. */
export interface OfferQuery {
  readonly filter: OfferFilter;
  readonly orderBy: OfferOrder;
}

/** The first page is small, so that it is there at once. */
const FIRST = 60;
const PAGE = 200;
/** Rows that are read before they are seen. */
const AHEAD = 100;
/** Changes that arrive together are shown together, in ms. */
const GATHER_MS = 100;

/**
 * The offers that fit a query, in the server's order, read page by page as far as they are looked at, and followed from where
 * they were read. Stock and freshness of a row change in its place; whatever would move rows or change terms is held back:
 * `changes` counts it, `apply` shows it.
 */
export class OfferList {
  rows = $state.raw<readonly OfferRow[]>([]);
  /** How many offers fit, read or not. */
  total = $state(0);
  /** `loading` until the first answer; a later failure leaves what is there. */
  state = $state<"loading" | "ready" | "failed">("loading");
  error = $state.raw<ApiError | undefined>();
  /** A new query was asked, what is shown answers the one before. */
  isSearching = $state(false);
  changes = $state(0);
  /** Keys of rows that are not among what fits any more. */
  gone = $state.raw<ReadonlySet<string>>(new Set());
  readonly #api: Api;
  #query: OfferQuery = { filter: {}, orderBy: "NAME_ASC" };
  #after: string | null = null;
  #cursor: string | null = null;
  #wanted = 0;
  #isFilling = false;
  /** Rises with each query and each stop: what an earlier one brings is dropped. */
  #turn = 0;
  #held = new HeldChanges();
  /** Where each row stands. */
  #places = new Map<string, number>();
  #gathered: CatalogMessage["changes"] = [];
  #timer: ReturnType<typeof setTimeout> | undefined;
  #unfollow = (): void => undefined;

  constructor({ api }: AppContext) {
    this.#api = api;
  }

  /** Shows what fits a query; what is shown now stays until the answer is there. */
  async show(query: OfferQuery): Promise<void> {
    this.#query = query;
    this.#wanted = FIRST;
    await this.#begin(FIRST);
  }

  /** Shows what was held back: reads again as far as was read. */
  async apply(): Promise<void> {
    await this.#begin(Math.max(FIRST, this.rows.length));
  }

  /** Tells that rows up to `end` are seen. */
  reach(end: number): void {
    this.#wanted = Math.max(this.#wanted, Math.min(this.total, end + AHEAD));
    void this.#fill();
  }

  stop(): void {
    this.#turn += 1;
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#unfollow();
    this.#unfollow = () => undefined;
  }

  async #begin(count: number): Promise<void> {
    this.stop();
    const turn = this.#turn;
    this.isSearching = true;
    this.#after = null;
    try {
      const rows: OfferRow[] = [];
      let page = await this.#read(Math.min(PAGE, count), null);
      const cursor = page.feedCursor;
      for (rows.push(...page.nodes); rows.length < count && page.pageInfo.hasNextPage; rows.push(...page.nodes)) {
        page = await this.#read(PAGE, page.pageInfo.endCursor);
      }
      if (turn !== this.#turn) return;
      this.rows = [];
      this.#places = new Map();
      this.#append(rows);
      this.total = page.totalCount;
      this.#after = page.pageInfo.hasNextPage ? page.pageInfo.endCursor : null;
      this.#held = new HeldChanges();
      this.#tell();
      this.state = "ready";
      this.error = undefined;
      this.#follow(cursor);
    } catch (error) {
      if (turn === this.#turn) this.#fail(toApiError(error));
    } finally {
      if (turn === this.#turn) this.isSearching = false;
    }
  }

  async #fill(): Promise<void> {
    if (this.#isFilling) return;
    this.#isFilling = true;
    const turn = this.#turn;
    try {
      while (turn === this.#turn && this.#after !== null && this.rows.length < this.#wanted) {
        const page = await this.#read(PAGE, this.#after);
        if (turn !== this.#turn) break;
        this.#append(page.nodes);
        this.total = page.totalCount;
        this.#after = page.pageInfo.hasNextPage ? page.pageInfo.endCursor : null;
      }
    } catch (error) {
      if (turn === this.#turn) this.#fail(toApiError(error));
    } finally {
      this.#isFilling = false;
      if (turn !== this.#turn) void this.#fill();
    }
  }

  /** Adds rows at the end; an offer that moved between two pages while they were read stands once. */
  #append(rows: readonly OfferRow[]): void {
    const more = rows.filter((row) => {
      const key = keyOf(row);
      if (this.#places.has(key)) return false;
      this.#places.set(key, this.#places.size);
      return true;
    });
    this.rows = [...this.rows, ...more];
  }

  async #read(first: number, after: string | null) {
    return (await this.#api.query(OFFERS, { ...this.#query, first, after })).offers;
  }

  #follow(cursor: string): void {
    const turn = this.#turn;
    this.#cursor = cursor;
    const { filter } = this.#query;
    this.#unfollow = this.#api.subscribe(OFFERS_CHANGED, () => ({ since: this.#cursor, filter }), {
      next: ({ catalog }) => {
        if (turn === this.#turn) this.#hear(catalog);
      },
      failed: (error) => {
        if (turn === this.#turn) this.#fail(error);
      },
    });
  }

  #hear({ type, cursor, changes }: CatalogMessage): void {
    if (type === "RESET") {
      void this.#lose();
      return;
    }
    this.#cursor = cursor;
    if (changes.length === 0) return;
    this.#gathered = [...this.#gathered, ...changes];
    this.#timer ??= setTimeout(() => this.#flush(), GATHER_MS);
  }

  /** The Connector began anew and cannot say what has changed: the rest of its list is not waited for. */
  async #lose(): Promise<void> {
    this.stop();
    const turn = this.#turn;
    this.#held.loseTrack();
    this.#tell();
    try {
      const { feedCursor } = await this.#read(1, null);
      if (turn === this.#turn) this.#follow(feedCursor);
    } catch (error) {
      if (turn === this.#turn) this.#fail(toApiError(error));
    }
  }

  #flush(): void {
    this.#timer = undefined;
    const changes = this.#gathered;
    this.#gathered = [];
    this.rows = this.#held.take(this.rows, this.#places, changes, this.#after === null);
    this.#tell();
  }

  #tell(): void {
    this.changes = this.#held.count;
    this.gone = this.#held.gone;
  }

  #fail(error: ApiError): void {
    this.error = error;
    if (this.state === "loading") this.state = "failed";
  }
}
