import { OFFER_ORDERS } from "@catalog/schema/offer-order";
import { describe, expect, it } from "vitest";

import { keyOf, readCursor, writeCursor, type OfferListing } from "./offer-cursor.js";
import { pageOf } from "./page.js";

const KEYS = {
  name: "größe 𝒳",
  currency: "EUR",
  monthlyCost: 123456789012345678901234567890n,
  created: 1_700_000_000,
  available: 0,
};
const encode = (fields: unknown): string => Buffer.from(JSON.stringify(fields)).toString("base64url");

describe("a cursor of a list of offers", () => {
  it.each(OFFER_ORDERS)("keeps its place exactly in %s", (order) => {
    const listing: OfferListing = { order, filterHash: "hash" };
    const place = { key: keyOf(order, KEYS), fingerprint: "f", offerID: "o" };
    expect(readCursor(listing, writeCursor(listing, place))).toEqual(place);
  });

  it("is refused for another list, and when it was not made here", () => {
    const listing: OfferListing = { order: "COST_ASC", filterHash: "hash" };
    const place = { key: keyOf("COST_ASC", KEYS), fingerprint: "f", offerID: "o" };
    const cursor = writeCursor(listing, place);
    const forged = [
      "",
      "nonsense",
      encode({}),
      encode(null),
      encode([]),
      encode(["COST_ASC", "hash", ["EUR", "1e5"], "f", "o"]),
      encode(["COST_ASC", "hash", ["EUR", "-1"], "f", "o"]),
      encode(["COST_ASC", "hash", ["EUR"], "f", "o"]),
      encode(["COST_ASC", "hash", ["EUR", "1"], "f"]),
      encode(["COST_ASC", "hash", ["EUR", "1"], "f", 5]),
      encode(["COST_ASC", "hash", ["EUR", "1"], "f", "o", "more"]),
      encode(["COST_ASC", "hash", ["E\0R", "1"], "f", "o"]),
      encode(["COST_ASC", "hash", ["EUR", "1"], "f", "\0"]),
    ];
    const invalid = expect.objectContaining({ code: "CURSOR_INVALID" });
    for (const text of forged) expect(() => readCursor(listing, text), text).toThrow(invalid);
    expect(() => readCursor({ ...listing, order: "COST_DESC" }, cursor)).toThrow(invalid);
    expect(() => readCursor({ ...listing, filterHash: "other" }, cursor)).toThrow(invalid);
  });
});

describe("a page", () => {
  it("is 1 to 200 entries long", () => {
    expect(pageOf(200, undefined)).toEqual({ first: 200, after: null });
    expect(pageOf(1, "x")).toEqual({ first: 1, after: "x" });
    expect(() => pageOf(201, null)).toThrow(expect.objectContaining({ code: "LIMIT_EXCEEDED" }));
    for (const first of [0, -1])
      expect(() => pageOf(first, null)).toThrow(expect.objectContaining({ code: "BAD_USER_INPUT" }));
    expect(() => pageOf(5, "a\0")).toThrow(expect.objectContaining({ code: "BAD_USER_INPUT" }));
  });
});
