import { Backoff } from "@catalog/server/backoff";
import { describe, expect, it } from "vitest";
import type { KubeObject } from "./kube-api.js";
import { KubeExpiredError, KubeUnavailableError, type KubeCall } from "./kube.errors.js";
import { type ListSnapshot, type WatchEvent, WatchLoop } from "./watch-loop.js";

const CALL: KubeCall = { verb: "watch", resource: "secrets", object: "Secret objects" };

function secret(name: string, resourceVersion: string, uid = name): KubeObject {
  return { apiVersion: "v1", kind: "Secret", metadata: { name, namespace: "liqo", uid, resourceVersion } };
}

/** One step of a scripted API server: a list, and what the watches after it say. */
interface Round {
  readonly list: readonly KubeObject[] | Error;
  readonly watches?: readonly (readonly (WatchEvent | Error)[])[];
}

/** Plays the rounds, then aborts. Returns what was told, which versions were watched from and which errors were reported. */
async function play(rounds: readonly Round[], options: { relistMs?: number } = {}) {
  const told: string[] = [];
  const from: string[] = [];
  const errors: unknown[] = [];
  const stop = new AbortController();
  let round = -1;
  let watch = 0;
  let time = 0;
  const source = {
    list: async (): Promise<ListSnapshot> => {
      watch = 0;
      const next = rounds[++round];
      if (next === undefined) {
        stop.abort();
        return { items: [], resourceVersion: "end" };
      }
      if (next.list instanceof Error) throw next.list;
      return { items: next.list, resourceVersion: `list-${round}` };
    },
    events: async function* (version: string): AsyncGenerator<WatchEvent> {
      from.push(version);
      for (const event of rounds[round]?.watches?.[watch++] ?? []) {
        if (event instanceof Error) throw event;
        yield event;
      }
      time += 60_000;
    },
  };
  const loop = new WatchLoop(source, (object, type) => told.push(`${type} ${object.metadata.name}`), {
    relistMs: options.relistMs ?? 60_000,
    backoff: new Backoff(0, 0),
    now: () => time,
    onError: (error) => errors.push(error),
  });
  await loop.run(stop.signal);
  return { told, from, errors };
}

describe("watch loop", () => {
  it("tells what is there, then what changes, from the version of the list on", async () => {
    const { told, from } = await play([
      {
        list: [secret("a", "1")],
        watches: [
          [
            { type: "ADDED", object: secret("b", "2") },
            { type: "MODIFIED", object: secret("a", "3") },
            { type: "DELETED", object: secret("b", "4") },
          ],
        ],
      },
    ]);
    expect(told).toEqual(["ADDED a", "ADDED b", "MODIFIED a", "DELETED b"]);
    expect(from).toEqual(["list-0"]);
  });

  it("goes on from the last version when the server ends a watch, bookmarks included", async () => {
    const { told, from } = await play(
      [
        {
          list: [],
          watches: [[{ type: "BOOKMARK", object: secret("", "77") }], [{ type: "ADDED", object: secret("a", "78") }]],
        },
      ],
      { relistMs: 150_000 },
    );
    expect(told).toEqual(["ADDED a"]);
    expect(from.slice(0, 3)).toEqual(["list-0", "77", "78"]);
  });

  it("lists again after 410 without calling it an error, and after a broken connection, which it reports", async () => {
    const { told, errors } = await play([
      { list: [secret("a", "1"), secret("b", "1")], watches: [[new KubeExpiredError(CALL, "too old")]] },
      { list: [secret("b", "1"), secret("c", "5")], watches: [[new KubeUnavailableError(CALL, "ECONNRESET")]] },
      { list: new KubeUnavailableError(CALL, "ECONNREFUSED") },
      { list: [secret("b", "9"), secret("c", "5")] },
    ]);
    // After the outage everything is told again: "c" has not changed.
    expect(told).toEqual(["ADDED a", "ADDED b", "DELETED a", "ADDED c", "MODIFIED b", "MODIFIED c"]);
    expect(errors).toHaveLength(2);
  });

  it("takes an object made again under its name for another one", async () => {
    const { told } = await play([{ list: [secret("a", "1", "uid-1")] }, { list: [secret("a", "8", "uid-2")] }]);
    expect(told).toEqual(["ADDED a", "DELETED a", "ADDED a"]);
  });

  it("survives a listener that throws", async () => {
    const stop = new AbortController();
    const errors: unknown[] = [];
    const source = {
      list: async () => ({ items: [secret("a", "1"), secret("b", "1")], resourceVersion: "1" }),
      // eslint-disable-next-line require-yield
      events: async function* (): AsyncGenerator<WatchEvent> {
        stop.abort();
      },
    };
    const loop = new WatchLoop(
      source,
      () => {
        throw new Error("listener");
      },
      { relistMs: 1, backoff: new Backoff(0, 0), now: () => 0, onError: (error) => errors.push(error) },
    );
    await loop.run(stop.signal);
    expect(errors).toHaveLength(2);
  });
});
