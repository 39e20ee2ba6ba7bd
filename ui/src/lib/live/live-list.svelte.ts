import { type ApiError, toApiError } from "../graphql/api-error.ts";
import type { Connection } from "../graphql/connection.svelte.ts";
import { rereadWhileVisible } from "./reread.ts";

/** Where a list comes from. */
interface LiveSource<T> {
  /** Reads the whole list. */
  readonly load: () => Promise<readonly T[]>;
  /** Hears each changed item until the returned function is called. */
  readonly watch: (changed: (item: T) => void, failed: (error: ApiError) => void) => () => void;
  /** What stays the same in every version of an item. */
  readonly keyOf: (item: T) => string;
  /** Whether a changed item belongs to the list (still). Everything does unless given. */
  readonly keeps?: (item: T) => boolean;
  /** Order of the list; that of `load`, new ones first, unless given. */
  readonly compare?: (a: T, b: T) => number;
}

/** Changes that arrive together are shown together. */
const GATHER_MS = 60;

/**
 * A list that the server keeps current: read once, then changed item by item as the subscription tells, and read anew after
 * each lost connection. Mutations never touch it.
 */
export class LiveList<T> {
  items = $state.raw<readonly T[]>([]);
  /** `loading` until the first answer; a later failure leaves what is there. */
  state = $state<"loading" | "ready" | "failed">("loading");
  error = $state.raw<ApiError | undefined>();
  /** Unix milliseconds at which the list was last known to be complete; 0 before. */
  loadedAt = $state(0);
  #changed = new Map<string, T>();
  /** What was heard since the last reading began: newer than what that reading may bring. */
  readonly #since = new Map<string, T>();
  #gather: ReturnType<typeof setTimeout> | undefined;
  #reading = 0;

  constructor(
    private readonly source: LiveSource<T>,
    private readonly connection: Connection,
  ) {}

  /** Begins; returns how to stop. Meant for `$effect(() => list.start())`. */
  start(): () => void {
    const stopWatching = this.source.watch(
      (item) => this.#hear(item),
      (error) => this.#fail(error),
    );
    const stopListening = this.connection.onConnected(() => void this.reload());
    const stopRereading = rereadWhileVisible(() => this.reload());
    void this.reload();
    return () => {
      stopWatching();
      stopListening();
      stopRereading();
      clearTimeout(this.#gather);
      this.#reading += 1;
    };
  }

  /** Reads everything anew. What changes meanwhile is applied on top. */
  async reload(): Promise<void> {
    const reading = ++this.#reading;
    this.#flush();
    this.#since.clear();
    try {
      const items = await this.source.load();
      if (reading !== this.#reading) return;
      for (const [key, item] of this.#since) this.#changed.set(key, item);
      this.items = this.source.compare === undefined ? items : items.toSorted(this.source.compare);
      this.state = "ready";
      this.error = undefined;
      this.loadedAt = Date.now();
      this.#flush();
    } catch (error) {
      if (reading === this.#reading) this.#fail(toApiError(error));
    }
  }

  #hear(item: T): void {
    this.#changed.set(this.source.keyOf(item), item);
    this.#since.set(this.source.keyOf(item), item);
    this.#gather ??= setTimeout(() => this.#flush(), GATHER_MS);
  }

  #flush(): void {
    clearTimeout(this.#gather);
    this.#gather = undefined;
    if (this.#changed.size === 0) return;
    const changed = this.#changed;
    this.#changed = new Map();
    const keeps = (item: T): boolean => this.source.keeps?.(item) ?? true;
    const kept: T[] = [];
    for (const item of this.items) {
      const key = this.source.keyOf(item);
      const next = changed.get(key) ?? item;
      changed.delete(key);
      if (keeps(next)) kept.push(next);
    }
    const items = [...[...changed.values()].filter(keeps).reverse(), ...kept];
    this.items = this.source.compare === undefined ? items : items.sort(this.source.compare);
  }

  #fail(error: ApiError): void {
    this.error = error;
    if (this.state === "loading") this.state = "failed";
  }
}

/** Reads page after page of a list until one comes back short. @param limit where to stop, in items */
export async function readPages<T>(
  page: (after: string | null) => Promise<readonly T[]>,
  keyOf: (item: T) => string,
  size = 200,
  limit = 20_000,
): Promise<readonly T[]> {
  const all: T[] = [];
  for (let after: string | null = null; all.length < limit;) {
    const items = await page(after);
    all.push(...items);
    const last = items.at(-1);
    if (items.length < size || last === undefined) break;
    after = keyOf(last);
  }
  return all;
}
