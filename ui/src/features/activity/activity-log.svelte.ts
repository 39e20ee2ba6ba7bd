import type { AppContext } from "../../lib/app-context.ts";
import { type ApiError, toApiError } from "../../lib/graphql/api-error.ts";
import { choice, QueryParams, text } from "../../lib/routing/query-params.ts";
import { filterOf, fits, merged } from "./activity-words.ts";
import { ACTIVITY, ACTIVITY_HEARD, type ActivityFilter, type ActivityRow } from "./documents.ts";

/** Entries of one page. */
const PAGE = 100;
/** How long the filter must be left alone before it is asked for, in ms. */
const TYPING_MS = 250;

/** Who can have done something. */
export const ACTORS = ["admin", "script", "peer", "connector"] as const;
/** What can have been done, by what it was done to. */
export const ACTIONS = ["contract.", "offer.", "peering.", "offloading.", "broker.", "cluster.", "token."] as const;

/** What happened here, newest first: live at its head, read page by page at its end. */
export class ActivityLog {
  readonly filters = new QueryParams({
    q: text(),
    actor: choice("", ...ACTORS),
    action: text(),
    subject: text(),
  });
  entries = $state.raw<readonly ActivityRow[]>([]);
  state = $state<"loading" | "ready" | "failed">("loading");
  error = $state.raw<ApiError | undefined>();
  /** True when the oldest entry has been read. */
  isWhole = $state(false);
  isReading = $state(false);
  #filter: ActivityFilter | null = null;
  #reading = 0;

  constructor(private readonly app: AppContext) {}

  /** Begins with the filter of the URL; returns how to stop. Reads the filter, so that an effect begins anew when it changes. */
  start(): () => void {
    const filter = filterOf(this.filters.values);
    const { api, connection } = this.app;
    const begin = setTimeout(
      () => {
        this.#filter = filter;
        this.entries = [];
        this.state = "loading";
        void this.#readHead();
      },
      this.state === "loading" ? 0 : TYPING_MS,
    );
    const stopHearing = api.subscribe(
      ACTIVITY_HEARD,
      {},
      { next: ({ activity }) => this.#hear(activity), failed: (error) => (this.error = error) },
    );
    const stopListening = connection.onConnected(() => void this.#readHead());
    return () => {
      clearTimeout(begin);
      stopHearing();
      stopListening();
      this.#reading += 1;
    };
  }

  /** Reads the newest page anew. */
  reload(): Promise<void> {
    return this.#readHead();
  }

  /** Reads the page after the oldest entry. */
  async readOlder(): Promise<void> {
    const before = this.entries.at(-1)?.id;
    if (before === undefined || this.isReading || this.isWhole) return;
    await this.#read(before, (page) => merged(this.entries, page));
  }

  /** The head; what was read before stays only if nothing is missing between. */
  #readHead(): Promise<void> {
    return this.#read(null, (page) => {
      const newest = this.entries[0];
      const isJoined = newest !== undefined && page.some(({ id }) => id === newest.id);
      return isJoined ? merged(page, this.entries) : page;
    });
  }

  async #read(before: string | null, join: (page: readonly ActivityRow[]) => readonly ActivityRow[]): Promise<void> {
    const reading = ++this.#reading;
    this.isReading = true;
    try {
      const page = (await this.app.api.query(ACTIVITY, { first: PAGE, before, filter: this.#filter })).activity;
      if (reading !== this.#reading) return;
      const entries = join(page);
      if (before !== null || entries === page) this.isWhole = page.length < PAGE;
      this.entries = entries;
      this.state = "ready";
      this.error = undefined;
    } catch (thrown) {
      if (reading !== this.#reading) return;
      this.error = toApiError(thrown);
      if (this.state === "loading") this.state = "failed";
    } finally {
      if (reading === this.#reading) this.isReading = false;
    }
  }

  #hear(entry: ActivityRow): void {
    if (this.state === "ready" && fits(entry, this.#filter ?? {})) this.entries = merged([entry], this.entries);
  }
}
