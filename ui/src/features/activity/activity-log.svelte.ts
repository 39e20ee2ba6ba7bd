import type { AppContext } from "../../lib/app-context.ts";
import { type ApiError, toApiError } from "../../lib/graphql/api-error.ts";
import { fits, merged } from "./activity-words.ts";
import { ACTIVITY, ACTIVITY_HEARD, type ActivityFilter, type ActivityRow } from "./documents.ts";

/** Entries of one page. */
const PAGE = 100;
/** How long the filter must be left alone before it is asked for, in ms. */
const TYPING_MS = 250;

/** What happened here, newest first: live at its head, read page by page at its end. */
export class ActivityLog {
  entries = $state.raw<readonly ActivityRow[]>([]);
  state = $state<"loading" | "ready" | "failed">("loading");
  error = $state.raw<ApiError | undefined>();
  /** True when the oldest entry has been read. */
  isWhole = $state(false);
  isReading = $state(false);
  #filter: ActivityFilter | null = null;
  /** What was heard since the last reading of the head began: newer than what that may bring. */
  #heard: ActivityRow[] = [];
  #reading = 0;

  constructor(private readonly app: Pick<AppContext, "api" | "connection">) {}

  /** Begins with a filter; returns how to stop. What stood there goes when the answer to the new filter is asked for. */
  start(filter: ActivityFilter | null): () => void {
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
      this.isReading = false;
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
    await this.#read(before, (page) => {
      this.entries = merged(this.entries, page);
      this.isWhole = page.length < PAGE;
    });
  }

  /** The head; what was read before stays only if nothing is missing between. */
  #readHead(): Promise<void> {
    this.#heard = [];
    return this.#read(null, (page) => {
      const newest = this.entries[0];
      const isJoined = newest !== undefined && page.some(({ id }) => id === newest.id);
      this.entries = merged(isJoined ? merged(page, this.entries) : page, this.#heard);
      if (!isJoined) this.isWhole = page.length < PAGE;
    });
  }

  async #read(before: string | null, take: (page: readonly ActivityRow[]) => void): Promise<void> {
    const reading = ++this.#reading;
    this.isReading = true;
    try {
      const page = (await this.app.api.query(ACTIVITY, { first: PAGE, before, filter: this.#filter })).activity;
      if (reading !== this.#reading) return;
      take(page);
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
    if (!fits(entry, this.#filter ?? {})) return;
    this.#heard.push(entry);
    if (this.state === "ready") this.entries = merged([entry], this.entries);
  }
}
