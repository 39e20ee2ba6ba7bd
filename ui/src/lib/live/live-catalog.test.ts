import { beforeEach, describe, expect, it, vi } from "vitest";
import { type CatalogMessage, LiveCatalog } from "./live-catalog.svelte.ts";

interface Offer {
  id: string;
  price: number;
  left: number;
}
type Message = CatalogMessage<Offer, { name: string }>;

const message = (type: Message["type"], cursor: string, changes: Message["changes"] = []): Message => ({
  type,
  cursor,
  changes,
});
const upsert = (id: string, price = 1, left = 1): Message["changes"][number] => ({
  op: "UPSERT",
  kind: "OFFER",
  fingerprint: "f",
  offerID: id,
  offer: { id, price, left },
  cluster: null,
});
const remove = (id: string): Message["changes"][number] => ({ ...upsert(id), op: "REMOVE", offer: null });
const ids = (catalog: LiveCatalog<Offer, unknown>): string[] => catalog.offers.map(({ id }) => id).sort();

function filled(isQuiet?: (before: Offer, after: Offer) => boolean): LiveCatalog<Offer, { name: string }> {
  const catalog = new LiveCatalog<Offer, { name: string }>(isQuiet);
  catalog.hear(message("RESET", "1"));
  catalog.hear(message("ITEMS", "2", [upsert("a"), upsert("b")]));
  catalog.hear(message("SYNCED", "3"));
  return catalog;
}

beforeEach(() => vi.useFakeTimers());

describe("a replica in the page", () => {
  it("shows everything once it is complete", () => {
    expect(ids(filled())).toEqual(["a", "b"]);
  });

  it("holds changes back until they are asked for", () => {
    const catalog = filled();
    catalog.hear(message("ITEMS", "4", [upsert("c"), remove("a")]));
    vi.runAllTimers();
    expect([ids(catalog), catalog.changes, catalog.cursor]).toEqual([["a", "b"], 2, "4"]);
    catalog.apply();
    expect([ids(catalog), catalog.changes]).toEqual([["b", "c"], 0]);
  });

  it("shows quiet changes at once", () => {
    const catalog = filled((before, after) => before.price === after.price);
    catalog.hear(message("ITEMS", "4", [upsert("a", 1, 0), upsert("b", 2)]));
    vi.runAllTimers();
    expect(catalog.offers.find(({ id }) => id === "a")?.left).toBe(0);
    expect([catalog.offers.find(({ id }) => id === "b")?.price, catalog.changes]).toEqual([1, 1]);
  });

  it("forgets a change that was taken back", () => {
    const catalog = filled();
    catalog.hear(message("ITEMS", "4", [upsert("c")]));
    catalog.hear(message("ITEMS", "5", [remove("c")]));
    vi.runAllTimers();
    expect(catalog.changes).toBe(0);
  });

  it("lets go after a RESET only what is not sent again, and only at SYNCED", () => {
    const catalog = filled();
    catalog.hear(message("RESET", "10"));
    catalog.hear(message("ITEMS", "11", [upsert("b")]));
    catalog.apply();
    expect(ids(catalog)).toEqual(["a", "b"]);
    catalog.hear(message("SYNCED", "12"));
    catalog.apply();
    expect(ids(catalog)).toEqual(["b"]);
  });

  it("changes nothing by a repeated message", () => {
    const catalog = filled();
    const again = message("ITEMS", "4", [upsert("a", 5)]);
    catalog.hear(again);
    catalog.apply();
    const before = catalog.offers;
    catalog.hear(again);
    catalog.apply();
    expect(catalog.offers).toEqual(before);
  });

  it("takes a RESET that broke off and began again", () => {
    const catalog = filled();
    catalog.hear(message("RESET", "10"));
    catalog.hear(message("ITEMS", "11", [upsert("a")]));
    catalog.hear(message("RESET", "20"));
    catalog.hear(message("ITEMS", "21", [upsert("c")]));
    catalog.hear(message("SYNCED", "22"));
    catalog.apply();
    expect(ids(catalog)).toEqual(["c"]);
  });
});
