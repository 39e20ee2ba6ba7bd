import { delay } from "@catalog/server/backoff";
import type { Logger } from "@catalog/server/log";
import type { Task } from "@catalog/server/tasks";

import { CatalogChangeView } from "../domain/feed-change.js";
import type { FeedHead, FeedLog, LogEntry } from "../services/catalog-ports.js";

/** Bounds of the tail. */
export interface TailLimits {
  /** Changes held in memory, and their bytes. */
  readonly changes: number;
  readonly bytes: number;
  /** Changes read at once. */
  readonly batch: number;
  /** How often the log is looked at when nobody wakes the tail, in ms. */
  readonly pollMs: number;
}

/** Wakes the tail: calls back whenever the log may have grown, until the signal is aborted. */
export type ListenToLog = (onWake: () => void, signal: AbortSignal) => Promise<void>;

/** A change with what is needed to make a cursor behind it. */
export interface TailEntry {
  readonly view: CatalogChangeView;
  readonly mark: string;
}

/**
 * The youngest changes of the log, in memory, shared by every subscriber of this process. It follows the log without gaps,
 * woken by notifications and by a poll, and notices when the database's past is no longer the one it has read.
 */
export class LogTail implements Task {
  readonly name = "feed log tail";
  private entries: TailEntry[] = [];
  private bytes = 0;
  private current: FeedHead | undefined;
  /** Revision before the first entry, and the newest revision held; -1 before the log was first read. */
  private start = -1;
  private last = -1;
  private startMark = "";
  private expected = -1;
  private restarts = 0;
  private lastMark = "";
  private wake: () => void = () => undefined;
  private running: Promise<void> = Promise.resolve();
  private queued: Promise<void> | undefined;
  private readonly listeners = new Set<() => void>();

  constructor(
    private readonly log: FeedLog,
    private readonly listen: ListenToLog,
    private readonly limits: TailLimits,
    private readonly logger: Logger,
  ) {}

  /** The head that was read last; undefined before the log was first read. */
  get head(): FeedHead | undefined {
    return this.current;
  }

  /** The newest revision held. */
  get revision(): number {
    return this.last;
  }

  /** Tells that this process has committed changes up to `revision`: they are read at once. */
  expect(revision: number): void {
    this.expected = Math.max(this.expected, revision);
    this.wake();
  }

  /** Whether changes that this process has committed are not in memory yet. */
  get isBehind(): boolean {
    return this.last < this.expected;
  }

  /** Whether everything after `revision` is in memory. */
  covers(revision: number): boolean {
    return this.start >= 0 && revision >= this.start && revision <= this.last;
  }

  /** Mark of a revision, if it is in memory. */
  markOf(revision: number): string | undefined {
    const mark =
      revision === this.start && this.entries.length > 0
        ? this.startMark
        : revision === this.last
          ? this.lastMark
          : this.at(revision)?.mark;
    return mark === "" ? undefined : mark;
  }

  /** The change with this revision, if it is in memory. */
  at(revision: number): TailEntry | undefined {
    return this.entries[revision - this.start - 1];
  }

  /** Changes after `revision`, which must be covered: at most so many and so many bytes, but one at least. */
  after(revision: number, count: number, bytes: number): readonly TailEntry[] {
    const from = revision - this.start;
    let to = from;
    let size = 0;
    while (to < this.entries.length && to - from < count) {
      size += this.entries[to]?.view.bytes ?? 0;
      if (size > bytes && to > from) break;
      to += 1;
    }
    return this.entries.slice(from, to);
  }

  /** Calls back after every change of what is held. Returns the end of it. */
  onNews(listener: () => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  /** Reads what is new now. Calls made while a read is under way share the one that follows it. */
  refresh(): Promise<void> {
    this.queued ??= this.running
      .catch(() => undefined) // told to those who asked for it
      .then(() => {
        this.queued = undefined;
        this.running = this.read();
        return this.running;
      });
    return this.queued;
  }

  /** Begins a new epoch and returns it once it is learnt. Throws UNAVAILABLE. */
  async begin(): Promise<string> {
    const { epoch } = await this.log.head();
    await this.log.beginEpoch(epoch);
    await this.refresh();
    return (await this.log.head()).epoch;
  }

  /** Begins a new epoch unless another has begun since `seen`: the database's past is not the one that was told to readers. */
  async doubt(seen: string): Promise<void> {
    this.logger.warn({ epoch: seen }, "the change log is not the one that readers have seen; a new epoch begins");
    await this.log.beginEpoch(seen);
    await this.refresh();
  }

  /** Follows the log until the signal is aborted; a database that is away is only waited for. */
  async run(signal: AbortSignal): Promise<void> {
    const listening = this.listen(() => this.wake(), signal);
    let isDue = true;
    while (!signal.aborted) {
      const woken = this.nextWake(signal);
      try {
        if (isDue) await this.log.head(); // finds out whether this is still the same database
        await this.refresh();
      } catch (error) {
        this.logger.debug({ err: error }, "the change log cannot be read; readers keep what they have");
      }
      isDue = !(await woken);
    }
    await listening;
  }

  /** True when woken, false when the poll is due. */
  private async nextWake(signal: AbortSignal): Promise<boolean> {
    const slept = new AbortController();
    this.wake = () => slept.abort();
    await delay(this.limits.pollMs, AbortSignal.any([signal, slept.signal]));
    return slept.signal.aborted;
  }

  private async read(): Promise<void> {
    const [restarts, revision] = [this.restarts, this.last];
    if (this.current === undefined) this.restart(await this.log.head());
    while (await this.readBatch());
    if (this.restarts === restarts && this.last === revision) return;
    for (const listener of this.listeners) listener();
  }

  /** Reads one batch; tells whether there may be more. */
  private async readBatch(): Promise<boolean> {
    const read = await this.log.entriesFrom(this.last, this.limits.batch);
    const isForgotten = read.head.epoch !== this.current?.epoch || this.last < read.head.horizon;
    if (!isForgotten && !this.continues(read)) {
      this.logger.warn({ revision: this.last }, "the change log was set back; a new epoch begins");
      await this.log.beginEpoch(read.head.epoch);
    }
    if (isForgotten || !this.continues(read)) {
      this.restart(await this.log.head());
      return true;
    }
    this.current = read.head;
    this.lastMark = read.mark ?? this.lastMark;
    for (const entry of read.entries) this.append(entry);
    return read.entries.length >= this.limits.batch;
  }

  /** Whether what was read goes on from what is held: same mark, no gap. */
  private continues({ head, mark, entries }: Awaited<ReturnType<FeedLog["entriesFrom"]>>): boolean {
    if (head.revision < this.last) return false;
    const isSamePast = this.last === 0 || (mark !== null && (this.lastMark === "" || mark === this.lastMark));
    return isSamePast && entries.every(({ change }, n) => change.revision === this.last + n + 1);
  }

  /** Empties the tail and begins a little before the head, so that readers who were away for a moment find their place. */
  private restart(head: FeedHead): void {
    this.restarts += 1;
    this.current = head;
    this.expected = -1;
    this.entries = [];
    this.bytes = 0;
    this.start = Math.max(head.horizon, head.revision - Math.floor(this.limits.changes / 2));
    this.last = this.start;
    this.lastMark = this.startMark = this.start === 0 ? head.genesis : "";
  }

  private append({ change, mark }: LogEntry): void {
    if (this.entries.length === 0) this.startMark = this.lastMark;
    const view = new CatalogChangeView(change);
    this.entries.push({ view, mark });
    this.bytes += view.bytes;
    this.last = change.revision;
    this.lastMark = mark;
    this.trim();
  }

  /** Lets the oldest go in steps of an eighth, so that a full tail is not moved in memory for every change. */
  private trim(): void {
    if (this.entries.length <= this.limits.changes && this.bytes <= this.limits.bytes) return;
    const gone = this.entries.splice(0, Math.ceil(this.entries.length / 8));
    for (const { view } of gone) this.bytes -= view.bytes;
    this.start += gone.length;
    this.startMark = gone.at(-1)?.mark ?? this.startMark;
  }
}
