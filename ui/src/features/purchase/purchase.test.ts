import { beforeEach, describe, expect, it, vi } from "vitest";
import type { AppContext } from "../../lib/app-context.ts";
import { ApiError } from "../../lib/graphql/api-error.ts";
import type { BuyInput } from "./documents.ts";
import { Purchase } from "./purchase.svelte.ts";

const INPUT: BuyInput = { clusterID: "c", offerID: "o", planID: "p", units: 2, requestID: "R" };
let stored: Map<string, string>;

beforeEach(() => {
  vi.useFakeTimers();
  stored = new Map();
  vi.stubGlobal("sessionStorage", {
    getItem: (key: string) => stored.get(key) ?? null,
    setItem: (key: string, value: string) => stored.set(key, value),
    removeItem: (key: string) => stored.delete(key),
  });
});

/** A Connector that answers each `buy` with the next of these. */
function connector(...answers: (ApiError | string)[]) {
  const sent: BuyInput[] = [];
  const contracts: { contractID: string; requestID: string | null }[] = [];
  let hear: (data: unknown) => void = () => undefined;
  const api = {
    query: () => Promise.resolve({ contracts }),
    mutate: (_document: unknown, { input }: { input: BuyInput }) => {
      sent.push(input);
      const answer = answers.shift() ?? new ApiError("OFFLINE", "away", false);
      return typeof answer === "string" ? Promise.resolve({ buy: { contractID: answer } }) : Promise.reject(answer);
    },
    subscribe: (_document: unknown, _variables: unknown, sink: { next: (data: unknown) => void }) => {
      hear = sink.next;
      return () => undefined;
    },
  };
  const found: string[] = [];
  const app = { api, session: { whenIn: () => Promise.resolve() } } as unknown as AppContext;
  const open = () => new Purchase(app, "R", (contractID) => found.push(contractID));
  return { open, sent, found, contracts, hear: (contract: object) => hear({ contracts: contract }) };
}

describe("a purchase", () => {
  it("leads to its contract, and is forgotten then", async () => {
    const { open, found } = connector("C");
    const purchase = open();
    purchase.start();
    await purchase.send(INPUT);
    expect([found, stored.size]).toEqual([["C"], 0]);
  });

  it("is written down before it is sent, and sent under the same key until it is answered", async () => {
    const away = new ApiError("OFFLINE", "away", false);
    const { open, sent, found } = connector(away, away, "C");
    const purchase = open();
    purchase.start();
    void purchase.send(INPUT);
    expect(stored.size).toBe(1);
    await vi.advanceTimersByTimeAsync(5000);
    expect([purchase.isSending, purchase.error?.code, found]).toEqual([true, "OFFLINE", []]);
    await vi.advanceTimersByTimeAsync(5000);
    expect(sent).toEqual([INPUT, INPUT, INPUT]);
    expect(found).toEqual(["C"]);
  });

  it("is over when it is refused, and can be changed", async () => {
    const { open, found } = connector(new ApiError("OFFER_CHANGED", "changed", true));
    const purchase = open();
    purchase.start();
    await purchase.send(INPUT);
    expect([purchase.isSending, purchase.error?.code, found, stored.size]).toEqual([false, "OFFER_CHANGED", [], 0]);
  });

  it("goes on after a reload: finds its contract, or sends again what was sent", async () => {
    const first = connector();
    const purchase = first.open();
    const leave = purchase.start();
    void purchase.send(INPUT);
    await vi.advanceTimersByTimeAsync(0);
    leave();
    expect(stored.size).toBe(1);

    const again = connector("C");
    again.open().start();
    await vi.advanceTimersByTimeAsync(0);
    expect([again.sent, again.found]).toEqual([[INPUT], ["C"]]);

    stored.set("catalog-purchase R", JSON.stringify(INPUT));
    const known = connector("never");
    known.contracts.push({ contractID: "D", requestID: "R" });
    known.open().start();
    await vi.advanceTimersByTimeAsync(0);
    expect([known.sent, known.found, stored.size]).toEqual([[], ["D"], 0]);
  });

  it("sends nothing that was not decided here, and hears of its contract by subscription", async () => {
    const { open, sent, found, hear } = connector("C");
    open().start();
    await vi.advanceTimersByTimeAsync(0);
    hear({ contractID: "E", requestID: "another" });
    expect([sent, found]).toEqual([[], []]);
    hear({ contractID: "F", requestID: "R" });
    hear({ contractID: "F", requestID: "R" });
    expect(found).toEqual(["F"]);
  });
});
