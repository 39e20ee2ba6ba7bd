import { type ApiError, toApiError } from "../graphql/api-error.ts";
import type { Connection } from "../graphql/connection.svelte.ts";
import { rereadWhileVisible } from "./reread.ts";

/** A subscription stands a moment after it was asked for, and nobody says when: what changed in between is read after this time. */
const STANDS_MS = 2000;

/** One thing that the server keeps current: read at first, replaced by what `watch` tells, read anew after a lost connection. */
export class LiveValue<T> {
  value = $state.raw<T | undefined>();
  state = $state<"loading" | "ready" | "failed">("loading");
  error = $state.raw<ApiError | undefined>();
  /** Unix milliseconds of the last answer; 0 before. */
  loadedAt = $state(0);
  #reading = 0;

  constructor(
    private readonly source: {
      readonly load: () => Promise<T>;
      /** `changed()` without a value makes it read anew. */
      readonly watch?: (changed: (value?: T) => void) => () => void;
    },
    private readonly connection: Connection,
  ) {}

  /** Begins; returns how to stop. Meant for `$effect(() => thing.start())`. */
  start(): () => void {
    const stopWatching = this.source.watch?.((value) => {
      if (value === undefined) void this.reload();
      else this.#take(value);
    });
    const stopListening = this.connection.onConnected(() => void this.reload());
    const once = stopWatching && setTimeout(() => void this.reload(), STANDS_MS);
    const stopRereading = rereadWhileVisible(() => this.reload());
    void this.reload();
    return () => {
      stopWatching?.();
      stopListening();
      clearTimeout(once);
      stopRereading();
      this.#reading += 1;
    };
  }

  async reload(): Promise<void> {
    const reading = ++this.#reading;
    try {
      const value = await this.source.load();
      if (reading === this.#reading) this.#take(value);
    } catch (error) {
      if (reading !== this.#reading) return;
      this.error = toApiError(error);
      if (this.state === "loading" || this.error.isDefinitive) this.state = "failed";
    }
  }

  #take(value: T): void {
    this.#reading += 1;
    this.value = value;
    this.state = "ready";
    this.error = undefined;
    this.loadedAt = Date.now();
  }
}
