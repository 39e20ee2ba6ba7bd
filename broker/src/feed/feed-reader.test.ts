import { silentLog } from "@catalog/server/log";
import { waitFor } from "@catalog/server/testing/wait-for";
import { describe, expect, it } from "vitest";

import type { CatalogChange } from "../domain/feed-change.js";
import { BEGINNING } from "../domain/feed-position.js";
import type { FeedHead, FeedLog, LogEntry } from "../services/catalog-ports.js";
import { FEED_SETTINGS } from "../testing/feed-settings.js";
import { CursorCodec } from "./cursor-codec.js";
import { FeedReader } from "./feed-reader.js";
import { LogTail } from "./log-tail.js";
import { selectionOf } from "./selection.js";

const uuid = (n: number): string => `00000000-0000-4000-8000-${String(n).padStart(12, "0")}`;

/** A log in memory. Marks are uuids of their revision. */
class FakeLog implements FeedLog {
  entries: LogEntry[] = [];
  epoch = uuid(900_001);
  horizon = 0;
  epochsBegun = 0;
  /** The next reads of entries wait for these, one each. */
  readonly gates: Promise<void>[] = [];

  append(count: number): void {
    for (let n = 0; n < count; n += 1) {
      const revision = this.entries.length + 1;
      this.entries.push({ mark: uuid(revision), change: clusterChange(revision) });
    }
  }

  async head(): Promise<FeedHead> {
    const revision = this.entries.length;
    return {
      epoch: this.epoch,
      revision,
      mark: uuid(revision),
      horizon: this.horizon,
      genesis: uuid(0),
      epochBegan: 0,
    };
  }

  async entriesFrom(revision: number, limit: number): ReturnType<FeedLog["entriesFrom"]> {
    await this.gates.shift();
    const mark = revision > 0 && revision <= this.entries.length ? uuid(revision) : null;
    return { head: await this.head(), mark, entries: this.entries.slice(revision, revision + limit) };
  }

  async itemsAfter(after: number, _base: number, limit: number): ReturnType<FeedLog["itemsAfter"]> {
    const items = this.entries
      .slice(after, after + limit)
      .map(({ change }) => ({ change, firstRevision: change.revision }));
    return { head: await this.head(), items };
  }

  async entriesAt(revisions: readonly number[]): Promise<readonly LogEntry[]> {
    return this.entries.filter(({ change }) => revisions.includes(change.revision));
  }

  async beginEpoch(): Promise<void> {
    this.epochsBegun += 1;
    this.epoch = uuid(900_001 + this.epochsBegun);
  }
}

function clusterChange(revision: number): CatalogChange {
  const fingerprint = `f${revision}`;
  const rest = { clusterName: null, offerID: null, staleSince: null, jws: "a.e30.c", previous: null };
  return { revision, op: "UPSERT", kind: "CLUSTER", fingerprint, clusterID: fingerprint, ...rest };
}

function setUp(tailChanges = 1_000) {
  const log = new FakeLog();
  const limits = { ...FEED_SETTINGS.tail, changes: tailChanges, batch: 4 };
  const tail = new LogTail(log, async () => undefined, limits, silentLog());
  const reader = new FeedReader(tail, log, new CursorCodec(Buffer.alloc(32)), FEED_SETTINGS.read);
  return { log, tail, reader };
}

const ALL = selectionOf(null);

describe("FeedReader", () => {
  it("gives a reader that begins while the tail is being read anew a cursor that stays good", async () => {
    const { log, tail, reader } = setUp(10);
    log.append(30);
    await tail.refresh();
    await log.beginEpoch();
    let letGo: () => void = () => undefined;
    // The first read finds the new epoch and empties the tail; the second would fill it.
    log.gates.push(Promise.resolve(), new Promise((resolve) => (letGo = resolve)));
    const reading = tail.refresh();
    await waitFor(() => log.gates.length === 0 && tail.head?.epoch === log.epoch);
    const reset = await reader.next(BEGINNING, ALL);
    letGo();
    await reading;
    expect(reset?.events[0]?.type).toBe("RESET");
    const position = await reader.open(reset?.events[0]?.cursor ?? null, ALL.hash);
    expect(position.phase).toBe("CATCHING_UP");
    expect(log.epochsBegun).toBe(1);
  });

  it("does not say SYNCED before the tail holds everything that is known", async () => {
    const { log, tail, reader } = setUp();
    log.append(3);
    await tail.refresh();
    const reset = await reader.next(BEGINNING, ALL);
    const told = reset && (await reader.next(reset.end, ALL));
    expect(told?.events.map(({ type }) => type)).toEqual(["ITEMS", "SYNCED"]);
    const cursor = told?.events.at(-1)?.cursor ?? null;
    log.append(9); // three batches of the tail
    await tail.refresh();
    const resumed = await reader.next(await reader.open(cursor, ALL.hash), ALL);
    expect(resumed?.events.map(({ type, changes }) => [type, changes.length])).toEqual([
      ["ITEMS", 9],
      ["SYNCED", 0],
    ]);
    expect(resumed && reader.isPresent(resumed)).toBe(true);
    log.append(1);
    await tail.refresh();
    expect(resumed && reader.isPresent(resumed)).toBe(false);
    expect(await reader.next(resumed?.end ?? BEGINNING, ALL)).toMatchObject({ events: [{ type: "ITEMS" }] });
  });

  it("goes on from the table where the tail no longer reaches, and says so only once", async () => {
    const { log, tail, reader } = setUp(8);
    log.append(2);
    await tail.refresh();
    const { end } = (await reader.next((await reader.next(BEGINNING, ALL))?.end ?? BEGINNING, ALL)) ?? {
      end: BEGINNING,
    };
    log.append(40);
    await tail.refresh();
    expect(tail.covers(end.revision)).toBe(false);
    const later = await reader.next(end, ALL);
    expect(later?.events.map(({ type, changes }) => [type, changes.length])).toEqual([["ITEMS", 40]]);
    expect(later?.end).toMatchObject({ revision: 42, base: 42, phase: "LIVE" });
    expect(reader.hasNext(later?.end ?? BEGINNING)).toBe(false);
  });

  it("resets a reader whose base is forgotten", async () => {
    const { log, tail, reader } = setUp();
    log.append(5);
    await tail.refresh();
    const position = { epoch: log.epoch, revision: 2, base: 2, mark: uuid(2), phase: "LIVE" as const };
    expect((await reader.next(position, ALL))?.events.map(({ type }) => type)).toEqual(["ITEMS"]);
    log.horizon = 3;
    log.append(1);
    await tail.refresh();
    expect((await reader.next(position, ALL))?.events.map(({ type }) => type)).toEqual(["RESET"]);
  });
});
