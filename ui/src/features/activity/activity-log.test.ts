import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { AppContext } from "../../lib/app-context.ts";
import { Connection } from "../../lib/graphql/connection.svelte.ts";
import { ActivityLog } from "./activity-log.svelte.ts";
import type { ActivityFilter, ActivityRow } from "./documents.ts";

const entry = (id: number, message = `entry ${id}`): ActivityRow => ({
  ...{ id: String(id), at: 1_700_000_000 + id, actor: "admin", action: "offer.saved", subject: "x", message },
});
/** The entries `from`, `from - 1` … `to`. */
const entries = (from: number, to: number) => Array.from({ length: from - to + 1 }, (_, n) => entry(from - n));

/** A server with entries 1 to `newest`, and the log that reads it. */
function logOf(newest: number) {
  const server = { newest, asked: [] as { before: string | null; filter: ActivityFilter | null }[] };
  let tell: (data: { activity: ActivityRow }) => void = () => undefined;
  const connection = new Connection();
  const api = {
    query: (_document: unknown, asked: { first: number; before: string | null; filter: ActivityFilter | null }) => {
      server.asked.push({ before: asked.before, filter: asked.filter });
      const from = asked.before === null ? server.newest : Number(asked.before) - 1;
      return Promise.resolve({ activity: entries(from, Math.max(1, from - asked.first + 1)) });
    },
    subscribe: (_document: unknown, _variables: unknown, sink: { next: typeof tell }) => {
      tell = sink.next;
      return () => (tell = () => undefined);
    },
  } as unknown as AppContext["api"];
  const log = new ActivityLog({ api, connection });
  const hear = (row: ActivityRow): void => tell({ activity: row });
  const ids = (): readonly number[] => log.entries.map(({ id }) => Number(id));
  return { log, server, connection, hear, ids };
}

const settle = (): Promise<unknown> => vi.advanceTimersByTimeAsync(1000);

beforeEach(() => vi.useFakeTimers());
afterEach(() => vi.useRealTimers());

describe("the activity log", () => {
  it("reads its head once, and what is older page by page to the end", async () => {
    const { log, server, ids } = logOf(250);
    log.start(null);
    await settle();
    expect([ids().length, ids()[0], log.isWhole]).toEqual([100, 250, false]);
    await log.readOlder();
    await log.readOlder();
    expect([ids().length, ids().at(-1), log.isWhole]).toEqual([250, 1, true]);
    await log.readOlder();
    expect(server.asked.map(({ before }) => before)).toEqual([null, "151", "51"]);
  });

  it("puts what happens on top, once, and only if it fits", async () => {
    const { log, hear, ids } = logOf(2);
    log.start({ text: "Entry" });
    await settle();
    hear(entry(3));
    hear(entry(3));
    hear(entry(4, "something else"));
    expect(ids()).toEqual([3, 2, 1]);
  });

  it("loses nothing that happens while the head is being read", async () => {
    const { log, server, connection, hear, ids } = logOf(2);
    log.start(null);
    await settle();
    connection.connected(); // asked: the answer is on its way, and is older than what comes now
    server.newest = 3;
    hear(entry(3));
    await settle();
    expect(ids()).toEqual([3, 2, 1]);
  });

  it("asks for another filter when it has been left alone, and shows nothing of the one before", async () => {
    const { log, server, ids } = logOf(3);
    log.start(null)();
    const stop = log.start(null);
    await settle();
    stop();
    log.start({ text: "a" })();
    log.start({ text: "ab" });
    await settle();
    expect(server.asked.map(({ filter }) => filter)).toEqual([null, { text: "ab" }]);
    expect(ids()).toEqual([3, 2, 1]);
  });

  it("keeps what was read through a lost connection, unless too much has happened since", async () => {
    const { log, server, connection, ids } = logOf(150);
    log.start(null);
    await settle();
    await log.readOlder();
    server.newest = 160;
    connection.connected();
    await settle();
    expect([ids()[0], ids().length]).toEqual([160, 160]);
    server.newest = 500;
    connection.connected();
    await settle();
    expect([ids()[0], ids().length, log.isWhole]).toEqual([500, 100, false]);
  });
});
