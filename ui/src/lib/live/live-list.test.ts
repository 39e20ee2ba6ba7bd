import { beforeEach, describe, expect, it, vi } from "vitest";
import { Connection } from "../graphql/connection.svelte.ts";
import { ApiError } from "../graphql/api-error.ts";
import { LiveList, readPages } from "./live-list.svelte.ts";

interface Item {
  id: string;
  n: number;
}

/** A list whose answers and changes the test decides. */
function liveList(keeps?: (item: Item) => boolean) {
  const connection = new Connection();
  const answers: { resolve: (items: readonly Item[]) => void; reject: (error: Error) => void }[] = [];
  let changed: (item: Item) => void = () => undefined;
  const list = new LiveList<Item>(
    {
      load: () => new Promise((resolve, reject) => answers.push({ resolve, reject })),
      watch: (tell) => {
        changed = tell;
        return () => undefined;
      },
      keyOf: ({ id }) => id,
      keeps,
    },
    connection,
  );
  const answer = async (...items: Item[]): Promise<void> => {
    answers.shift()?.resolve(items);
    await vi.advanceTimersByTimeAsync(100);
  };
  return { list, connection, answers, answer, change: (item: Item) => changed(item) };
}

beforeEach(() => vi.useFakeTimers());

describe("a live list", () => {
  it("is read once and then changed item by item, new ones first", async () => {
    const { list, answer, change } = liveList();
    list.start();
    expect(list.state).toBe("loading");
    await answer({ id: "a", n: 1 }, { id: "b", n: 1 });
    change({ id: "b", n: 2 });
    change({ id: "c", n: 1 });
    await vi.advanceTimersByTimeAsync(100);
    expect(list.items).toEqual([
      { id: "c", n: 1 },
      { id: "a", n: 1 },
      { id: "b", n: 2 },
    ]);
  });

  it("keeps a change that was heard while the list was read", async () => {
    const { list, answer, change } = liveList();
    list.start();
    change({ id: "a", n: 2 });
    await vi.advanceTimersByTimeAsync(100);
    await answer({ id: "a", n: 1 });
    expect(list.items).toEqual([{ id: "a", n: 2 }]);
  });

  it("lets go of what does not belong to it any more", async () => {
    const { list, answer, change } = liveList(({ n }) => n > 0);
    list.start();
    await answer({ id: "a", n: 1 });
    change({ id: "a", n: 0 });
    await vi.advanceTimersByTimeAsync(100);
    expect(list.items).toEqual([]);
  });

  it("is read anew after a lost connection, and shows what it has meanwhile", async () => {
    const { list, connection, answers, answer } = liveList();
    list.start();
    await answer({ id: "a", n: 1 });
    connection.closed(true, 1);
    connection.connected();
    answers.shift()?.reject(new ApiError("OFFLINE", "away", false));
    await vi.advanceTimersByTimeAsync(1);
    expect([list.state, list.error?.code, list.items.length]).toEqual(["ready", "OFFLINE", 1]);
    connection.connected();
    await answer({ id: "b", n: 1 });
    expect([list.error, list.items]).toEqual([undefined, [{ id: "b", n: 1 }]]);
  });

  it("says that the first reading failed", async () => {
    const { list, answers } = liveList();
    list.start();
    answers.shift()?.reject(new ApiError("FORBIDDEN", "no", true));
    await vi.advanceTimersByTimeAsync(1);
    expect([list.state, list.error?.code]).toEqual(["failed", "FORBIDDEN"]);
  });

  it("ignores an answer that comes after a newer one", async () => {
    const { list, connection, answers } = liveList();
    list.start();
    connection.connected();
    answers[1]?.resolve([{ id: "new", n: 1 }]);
    await vi.advanceTimersByTimeAsync(1);
    answers[0]?.resolve([{ id: "old", n: 1 }]);
    await vi.advanceTimersByTimeAsync(1);
    expect(list.items.map(({ id }) => id)).toEqual(["new"]);
  });
});

it("reads page after page until one is short", async () => {
  const pages = [["a", "b"], ["c", "d"], ["e"]];
  const asked: (string | null)[] = [];
  const all = await readPages(
    (after) => {
      asked.push(after);
      return Promise.resolve(pages.shift() ?? []);
    },
    (item) => item,
    2,
  );
  expect([all, asked]).toEqual([
    ["a", "b", "c", "d", "e"],
    [null, "b", "d"],
  ]);
});
