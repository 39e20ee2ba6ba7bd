import { beforeEach, describe, expect, it, vi } from "vitest";
import type { AppContext } from "../../lib/app-context.ts";
import { ApiError } from "../../lib/graphql/api-error.ts";
import type { CatalogMessage, OfferRow } from "./documents.ts";
import { OfferList } from "./offer-list.svelte.ts";

const row = (n: number, changes: Partial<OfferRow> = {}): OfferRow =>
  ({
    fingerprint: "F",
    offerID: `o${n}`,
    offerName: `Offer ${n}`,
    status: true,
    rev: 1,
    termsRev: 1,
    ...changes,
  }) as OfferRow;

interface Variables {
  readonly filter: { readonly text?: string };
  readonly first: number;
  readonly after: string | null;
}

/** A Connector with `count` offers, whose answers wait until they are let go. */
function connector(count: number) {
  const asked: Variables[] = [];
  const waiting: (() => void)[] = [];
  const followed: { since: string | null; next: (data: { catalog: CatalogMessage }) => void; isOver: boolean }[] = [];
  const server = { count, isHolding: false, error: undefined as ApiError | undefined };
  const api = {
    async query(_document: unknown, variables: Variables) {
      asked.push(variables);
      if (server.isHolding) await new Promise<void>((resolve) => waiting.push(resolve));
      if (server.error !== undefined) throw server.error;
      const begin = variables.after === null ? 0 : Number(variables.after);
      const total = variables.filter.text === undefined ? server.count : 1;
      const end = Math.min(total, begin + variables.first);
      const nodes = Array.from({ length: end - begin }, (_, n) => row(begin + n));
      const pageInfo = { endCursor: String(end), hasNextPage: end < total };
      return { offers: { totalCount: total, feedCursor: `cursor ${asked.length}`, pageInfo, nodes } };
    },
    subscribe(
      _document: unknown,
      variables: () => { since: string | null },
      { next }: { next: (data: never) => void },
    ) {
      const one = { since: variables().since, next: next as (typeof followed)[number]["next"], isOver: false };
      followed.push(one);
      return () => {
        one.isOver = true;
      };
    },
  };
  const list = new OfferList({ api } as unknown as AppContext);
  const tell = async (message: Partial<CatalogMessage>): Promise<void> => {
    followed.at(-1)?.next({ catalog: { type: "ITEMS", cursor: "later", changes: [], ...message } });
    await vi.advanceTimersByTimeAsync(200);
  };
  return { list, asked, waiting, followed, server, tell };
}
const ALL = { filter: {}, orderBy: "NAME_ASC" } as const;
const upsert = (offer: OfferRow) =>
  ({ op: "UPSERT", kind: "OFFER", fingerprint: "F", offerID: offer.offerID, offer }) as const;
const settled = () => vi.advanceTimersByTimeAsync(0);

beforeEach(() => vi.useFakeTimers());

describe("a list of offers", () => {
  it("is read as far as it is looked at", async () => {
    const { list, asked } = connector(1000);
    await list.show(ALL);
    expect([list.rows.length, list.total, list.state]).toEqual([60, 1000, "ready"]);
    list.reach(300);
    await settled();
    expect(list.rows.map(({ offerID }) => offerID)).toEqual(Array.from({ length: 460 }, (_, n) => `o${n}`));
    list.reach(100);
    await settled();
    expect(asked.map(({ first, after }) => [first, after])).toEqual([
      [60, null],
      [200, "60"],
      [200, "260"],
    ]);
  });

  it("follows from where it was read, and changes stock in its place", async () => {
    const { list, followed, tell } = connector(3);
    await list.show(ALL);
    expect(followed.map(({ since }) => since)).toEqual(["cursor 1"]);
    await tell({ changes: [upsert(row(1, { rev: 2 })), upsert(row(7))] });
    expect(list.rows.map(({ rev }) => rev)).toEqual([1, 2, 1]);
    expect(list.changes).toBe(1);
  });

  it("shows what was held when it is asked to, as far as was read before", async () => {
    const { list, server, followed, tell } = connector(600);
    await list.show(ALL);
    list.reach(250);
    await settled();
    const read = list.rows.length;
    server.count = 601;
    await tell({ changes: [upsert(row(0, { rev: 2, termsRev: 2 }))] });
    expect([list.changes, list.total]).toEqual([1, 600]);
    await list.apply();
    expect([list.changes, list.total]).toEqual([0, 601]);
    expect(list.rows.length).toBeGreaterThanOrEqual(read);
    expect(followed.map(({ isOver }) => isOver)).toEqual([true, false]);
  });

  it("drops the answer to a query that is not asked any more", async () => {
    const { list, server, waiting } = connector(5);
    server.isHolding = true;
    const first = list.show(ALL);
    const second = list.show({ ...ALL, filter: { text: "x" } });
    await settled();
    waiting[1]?.();
    await second;
    waiting[0]?.();
    await first;
    expect([list.rows.length, list.total, list.isSearching]).toEqual([1, 1, false]);
  });

  it("says that something may have changed after a Connector began anew, and goes on from there", async () => {
    const { list, followed, tell } = connector(5);
    await list.show(ALL);
    await tell({ type: "RESET" });
    expect([list.changes, list.rows.length]).toEqual([1, 5]);
    expect(followed.map(({ since, isOver }) => [since, isOver])).toEqual([
      ["cursor 1", true],
      ["cursor 2", false],
    ]);
  });

  it("keeps what it has when reading fails, and reads again when it is told to", async () => {
    const { list, server } = connector(500);
    await list.show(ALL);
    server.error = new ApiError("OFFLINE", "away", false);
    list.reach(400);
    await settled();
    expect([list.rows.length, list.error?.code, list.state]).toEqual([60, "OFFLINE", "ready"]);
    server.error = undefined;
    await list.apply();
    expect(list.error).toBeUndefined();
  });

  it("does not go on reading once it is stopped", async () => {
    const { list, asked, followed } = connector(1000);
    await list.show(ALL);
    list.stop();
    await settled();
    expect([asked.length, followed[0]?.isOver]).toEqual([1, true]);
  });
});
