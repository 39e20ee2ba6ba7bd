import { CatalogError } from "@catalog/schema/errors";
import type { FeedEventType } from "@catalog/schema/feed";

import { CatalogChangeView } from "../domain/feed-change.js";
import type { FeedFilter } from "../domain/feed-filter.js";
import { BEGINNING, positionKey, type FeedPosition } from "../domain/feed-position.js";
import type { FeedHead, FeedLog, ItemPage, StoredItem } from "../services/catalog-ports.js";
import type { ReadableEvent } from "../services/feed-port.js";
import type { CursorCodec } from "./cursor-codec.js";
import type { LogTail, TailEntry } from "./log-tail.js";
import type { Selection } from "./selection.js";

/** Bounds of one message. */
export interface ReadLimits {
  readonly changes: number;
  readonly bytes: number;
  /** How long the beginning of one reading of the whole table serves for readers that come later, in ms. */
  readonly sharedMs: number;
}

/** What a reader is told next, and where it stands then. Without events it only moves on. */
export interface Segment {
  readonly events: readonly ReadableEvent[];
  readonly end: FeedPosition;
}

/** Tells readers, from wherever they stand, what comes next: from the tail in memory, or else from the table. */
export class FeedReader {
  private shared: { readonly base: FeedPosition; readonly until: number } | undefined;
  private readonly pages = new Map<string, Promise<ItemPage>>();

  constructor(
    private readonly tail: LogTail,
    private readonly log: FeedLog,
    private readonly cursors: CursorCodec,
    private readonly limits: ReadLimits,
  ) {}

  /** Where a reader with this cursor stands; at the beginning if the cursor is of no use any more. Throws CURSOR_INVALID for a forged one. */
  async open(since: string | null, hash: string): Promise<FeedPosition> {
    const cursor = since === null ? undefined : this.cursors.decode(since);
    if (cursor === undefined || cursor.filter !== hash) {
      await this.tail.refresh(); // so that a reader finds what was acknowledged before it came
      return BEGINNING;
    }
    if (this.tail.isBehind) await this.tail.refresh();
    const { epoch, revision, base, mark } = cursor;
    const position: FeedPosition = { epoch, revision, base, mark, phase: "CATCHING_UP" };
    return (await this.isOurPast(position)) ? position : BEGINNING;
  }

  /** Whether {@link next} has something to tell now, as far as memory knows. */
  hasNext(position: FeedPosition): boolean {
    const { head } = this.tail;
    if (head === undefined || position.phase !== "LIVE") return true;
    return position.revision !== this.tail.revision || !isValid(position, head);
  }

  /** Whether a segment may still be told as it is: SYNCED is a promise about the present. */
  isPresent({ events, end }: Segment): boolean {
    return end.revision >= this.knownHead || events.at(-1)?.type !== "SYNCED";
  }

  /** What comes next; undefined if nothing is new. Rejects with UNAVAILABLE while what is needed cannot be read. */
  async next(position: FeedPosition, selection: Selection): Promise<Segment | undefined> {
    const head = this.tail.head ?? (await this.firstHead());
    if (position.phase === "RESET" || !isValid(position, head)) return this.reset(selection, head);
    if (position.revision > this.tail.revision) return undefined;
    const isInTail = position.base === position.revision && this.tail.covers(position.revision);
    return isInTail ? this.fromTail(position, selection) : this.fromTable(position, selection);
  }

  /** The message that says "nothing new". */
  heartbeat(position: FeedPosition, selection: Selection): ReadableEvent {
    return this.event("HEARTBEAT", position, selection);
  }

  /** Compares the cursor's mark with the log's: another mark, or a revision that is not there yet, is another past. */
  private async isOurPast(position: FeedPosition): Promise<boolean> {
    if (this.tail.head?.epoch !== position.epoch) await this.tail.refresh();
    const head = this.tail.head ?? (await this.firstHead());
    if (!isValid(position, head)) return false;
    const known = this.tail.markOf(position.base);
    if (known === position.mark && position.revision <= this.tail.revision) return true;
    const read = await this.log.entriesFrom(position.base, 0);
    if (!isValid(position, read.head)) return false;
    const mark = position.base === 0 ? head.genesis : read.mark;
    if (mark === position.mark && position.revision <= read.head.revision) return true;
    await this.tail.doubt(position.epoch);
    return false;
  }

  /** The newest revision that this process knows of; it may not be in memory yet. */
  private get knownHead(): number {
    return this.tail.head?.revision ?? 0;
  }

  private async firstHead(): Promise<FeedHead> {
    await this.tail.refresh();
    if (this.tail.head === undefined)
      throw new CatalogError("UNAVAILABLE", "The catalog cannot be read yet; retry in a moment.");
    return this.tail.head;
  }

  private reset(selection: Selection, head: FeedHead): Segment {
    const end = this.beginning(head);
    return { events: [this.event("RESET", end, selection)], end };
  }

  /** Readers that begin within a while share one base, so that what is made for one fits all of them. */
  private beginning(head: FeedHead): FeedPosition {
    const now = performance.now();
    if (this.shared === undefined || now > this.shared.until || !isValid(this.shared.base, head)) {
      const { epoch, revision, mark } = head;
      const base: FeedPosition = { epoch, revision: 0, base: revision, mark, phase: "CATCHING_UP" };
      this.shared = { base, until: now + this.limits.sharedMs };
    }
    return this.shared.base;
  }

  private async fromTail(position: FeedPosition, selection: Selection): Promise<Segment | undefined> {
    const entries = this.tail.after(position.revision, this.limits.changes, this.limits.bytes);
    const last = entries.at(-1);
    const at = last === undefined ? position : standing(position, last.view.revision, last.mark);
    const isEnd = at.revision >= this.knownHead;
    if (last === undefined && (position.phase === "LIVE" || !isEnd)) return undefined;
    const end: FeedPosition = isEnd ? { ...at, phase: "LIVE" } : at;
    const views =
      selection.filter === null ? entries.map(({ view }) => view) : await this.told(entries, selection.filter);
    return this.segment(position, end, views, selection);
  }

  private async fromTable(position: FeedPosition, selection: Selection): Promise<Segment> {
    const { head, items } = await this.page(position);
    if (!isValid(position, head)) {
      await this.tail.refresh();
      return this.reset(selection, this.tail.head ?? head);
    }
    const cut = fitting(items, this.limits.bytes);
    const isShort = cut.length === items.length && items.length < this.limits.changes;
    const isPresent = isShort && head.revision >= this.knownHead;
    const last = cut.at(-1)?.change.revision ?? position.revision;
    const at = isShort ? standing(position, head.revision, head.mark) : { ...position, revision: last };
    const end: FeedPosition = isPresent ? { ...at, phase: "LIVE" } : at;
    const views = cut
      .map((item) => toldFromTable(item, position, selection.filter))
      .filter((view) => view !== undefined);
    return this.segment(position, end, views, selection);
  }

  /** One read of the table serves everybody who asks for it while it runs. */
  private page(position: FeedPosition): Promise<ItemPage> {
    const key = positionKey(position);
    const running = this.pages.get(key);
    if (running !== undefined) return running;
    const page = this.log
      .itemsAfter(position.revision, position.base, this.limits.changes)
      .finally(() => this.pages.delete(key));
    this.pages.set(key, page);
    return page;
  }

  private segment(
    from: FeedPosition,
    end: FeedPosition,
    views: readonly CatalogChangeView[],
    selection: Selection,
  ): Segment {
    const events: ReadableEvent[] = [];
    if (views.length > 0) events.push(this.event("ITEMS", end, selection, views));
    if (from.phase !== "LIVE" && end.phase === "LIVE") events.push(this.event("SYNCED", end, selection));
    return { events, end };
  }

  private event(
    type: FeedEventType,
    at: FeedPosition,
    selection: Selection,
    changes: readonly CatalogChangeView[] = [],
  ): ReadableEvent {
    return { type, cursor: this.cursors.encode(at, selection.hash), changes };
  }

  private async told(entries: readonly TailEntry[], filter: FeedFilter): Promise<readonly CatalogChangeView[]> {
    const unwanted = entries.filter(({ view }) => !filter.wants(view)).flatMap(({ view }) => view.previous ?? []);
    const missing = unwanted.filter((revision) => this.tail.at(revision) === undefined);
    const read = missing.length === 0 ? [] : await this.log.entriesAt(missing);
    const older = new Map(read.map(({ change }) => [change.revision, new CatalogChangeView(change)]));
    const before = (view: CatalogChangeView) =>
      view.previous === null ? undefined : (this.tail.at(view.previous)?.view ?? older.get(view.previous) ?? "unknown");
    return entries.map(({ view }) => filter.tell({ view, before: before(view) })).filter((view) => view !== undefined);
  }
}

function isValid(position: FeedPosition, head: FeedHead): boolean {
  return position.epoch === head.epoch && position.base >= head.horizon;
}

/** A reader that has every change up to `revision`. */
function standing(position: FeedPosition, revision: number, mark: string): FeedPosition {
  return { ...position, revision, base: revision, mark };
}

/** As many items as fit into the bytes, one at least. */
function fitting(items: readonly StoredItem[], bytes: number): readonly StoredItem[] {
  let size = 0;
  const end = items.findIndex(({ change }, n) => {
    size += new CatalogChangeView(change).bytes;
    return size > bytes && n > 0;
  });
  return end === -1 ? items : items.slice(0, end);
}

/** A reader can have an older state of an item only if the item is older than its place and has changed after its base. */
function toldFromTable(
  { change, firstRevision }: StoredItem,
  position: FeedPosition,
  filter: FeedFilter | null,
): CatalogChangeView | undefined {
  const view = new CatalogChangeView(change);
  if (filter === null) return view;
  const mayHaveOlder = change.revision > position.base && firstRevision <= position.revision;
  return filter.tell({ view, before: mayHaveOlder ? "unknown" : undefined });
}
