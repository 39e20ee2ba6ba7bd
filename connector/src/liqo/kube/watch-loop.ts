import { type Backoff, delay } from "@catalog/server/backoff";
import type { KubeObject, WatchEventType, WatchListener } from "./kube-api.js";
import { KubeExpiredError } from "./kube.errors.js";

/** All objects at one moment. */
export interface ListSnapshot {
  readonly items: readonly KubeObject[];
  readonly resourceVersion: string;
}

/** One event as the API server sends it. */
export interface WatchEvent {
  readonly type: WatchEventType | "BOOKMARK";
  readonly object: KubeObject;
}

/** The two calls that a watch is made of. */
export interface WatchSource {
  list(): Promise<ListSnapshot>;
  /** Events after that version until the server ends the stream, which is no error. @throws KubeExpiredError if only a new list helps. */
  events(resourceVersion: string, signal: AbortSignal): AsyncIterable<WatchEvent>;
}

export interface WatchLoopOptions {
  /** Everything is listed again after so long, in ms: an event may be lost without anybody knowing. */
  readonly relistMs: number;
  readonly backoff: Backoff;
  /** Monotonic milliseconds. */
  readonly now: () => number;
  readonly onError: (error: unknown) => void;
}

export const WATCH_DEFAULTS = { relistMs: 5 * 60_000, firstBackoffMs: 200, maxBackoffMs: 10_000 } as const;

/**
 * List and watch for ever: one loop for each kind. What is told is what differs from what was told last; after an outage everything is told
 * again, because whoever was told before may have had no answer either.
 */
export class WatchLoop {
  private readonly known = new Map<string, KubeObject>();
  private wasAway = false;

  constructor(
    private readonly source: WatchSource,
    private readonly onChange: WatchListener,
    private readonly options: WatchLoopOptions,
  ) {}

  /** Ends when the signal aborts, and only then. */
  async run(signal: AbortSignal): Promise<void> {
    const { backoff, onError } = this.options;
    while (!signal.aborted) {
      try {
        await this.listAndWatch(signal);
      } catch (error) {
        if (signal.aborted) return;
        if (!(error instanceof KubeExpiredError)) {
          this.wasAway = true;
          onError(error);
        }
        await delay(backoff.next(), signal);
      }
    }
  }

  private async listAndWatch(signal: AbortSignal): Promise<void> {
    const { relistMs, backoff, now } = this.options;
    const { items, resourceVersion } = await this.source.list();
    if (signal.aborted) return;
    this.take(items);
    const until = now() + relistMs;
    let version = resourceVersion;
    while (!signal.aborted && now() < until) {
      const before = version;
      const startedAt = now();
      for await (const event of this.source.events(version, signal)) {
        version = event.object.metadata.resourceVersion ?? version;
        backoff.reset();
        if (signal.aborted) return;
        if (event.type !== "BOOKMARK") this.tell(event.object, event.type);
        if (now() >= until) return;
      }
      // A server that ends every watch at once is not asked in a hot loop.
      if (version === before && now() - startedAt < 1_000) await delay(backoff.next(), signal);
    }
  }

  private take(items: readonly KubeObject[]): void {
    const present = new Set(items.map(keyOf));
    for (const [key, object] of this.known) {
      if (!present.has(key)) this.tell(object, "DELETED");
    }
    const isBack = this.wasAway;
    this.wasAway = false;
    for (const object of items) {
      const before = this.known.get(keyOf(object));
      if (before === undefined) this.tell(object, "ADDED");
      else if (isBack || before.metadata.resourceVersion !== object.metadata.resourceVersion)
        this.tell(object, "MODIFIED");
    }
  }

  private tell(object: KubeObject, type: WatchEventType): void {
    if (type === "DELETED") this.known.delete(keyOf(object));
    else this.known.set(keyOf(object), object);
    try {
      this.onChange(object, type);
    } catch (error) {
      this.options.onError(error);
    }
  }
}

/** An object that was deleted and made again under its name is another one. */
function keyOf({ metadata }: KubeObject): string {
  return `${metadata.namespace ?? ""}/${metadata.name}/${metadata.uid ?? ""}`;
}
