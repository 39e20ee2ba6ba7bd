import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { compareOffers, compareText, OFFER_ORDERS, sortKeysOf, type OfferOrder } from "./offer-order.js";
import { sampleCatalogOffer as offer, samplePlan as plan } from "./testing/sample-offers.js";

const offers = [
  offer({ offerID: "a", offerName: "beta", created: 30, plans: [plan({ planCost: 1, planCostPeriod: "hour" })] }),
  offer({ offerID: "b", offerName: "Alpha", created: 10, plans: [plan({ planCost: 9 })], stock: { small: 9 } }),
  offer({ offerID: "c", offerName: "gamma", created: 20, plans: [plan({ planCost: 100, planCostPeriod: "year" })] }),
  offer({ offerID: "d", offerName: "gamma", created: 20, plans: [plan({ planCostCurrency: "CHF" })], status: false }),
  offer({
    offerID: "e",
    offerName: "delta",
    created: 40,
    plans: [plan({ planCost: 900 }), plan({ planID: "x", planCost: 8 })],
    stock: { small: 3, x: 2, gone: 7 },
  }),
];
const idsIn = (order: OfferOrder): string =>
  offers
    .toSorted(compareOffers(order))
    .map(({ offerID }) => offerID)
    .join("");

describe("compareOffers", () => {
  it.each<[OfferOrder, string]>([
    ["NAME_ASC", "baecd"],
    ["NAME_DESC", "cdeab"],
    ["COST_ASC", "decba"],
    ["COST_DESC", "abced"],
    ["CREATED_ASC", "bcdae"],
    ["CREATED_DESC", "eacdb"],
    ["AVAILABLE_DESC", "beacd"],
  ])("sorts by %s", (order, ids) => {
    expect(idsIn(order)).toBe(ids);
  });

  it("breaks ties by fingerprint, then by id, upwards in every order", () => {
    const [x, y, z] = [
      offer({ fingerprint: "A", offerID: "2" }),
      offer({ fingerprint: "B", offerID: "1" }),
      offer({ fingerprint: "B", offerID: "2" }),
    ];
    for (const order of OFFER_ORDERS) expect([z, y, x].toSorted(compareOffers(order))).toEqual([x, y, z]);
  });

  it("is a total order", () => {
    const some = fc.constantFrom(
      ...offers,
      offer({ fingerprint: "Z", offerName: "Beta" }),
      offer({ fingerprint: "Y" }),
    );
    fc.assert(
      fc.property(fc.constantFrom(...OFFER_ORDERS), some, some, some, (order, a, b, c) => {
        const compare = compareOffers(order);
        expect(Math.sign(compare(a, b))).toBe(-Math.sign(compare(b, a)) + 0);
        expect(compare(a, b) === 0).toBe(a === b);
        if (compare(a, b) < 0 && compare(b, c) < 0) expect(compare(a, c)).toBeLessThan(0);
      }),
    );
  });
});

describe("sortKeysOf", () => {
  it("takes the first currency and its cheapest plan, and counts only units of existing plans on sale", () => {
    const plans = [
      plan({ planCostCurrency: "USD", planCost: 1 }),
      plan({ planID: "b", planCost: 3 }),
      plan({ planID: "c", planCost: 2 }),
    ];
    expect(sortKeysOf(offer({ offerName: "ÀB", plans, stock: { small: 1, b: 2, other: 50 } }))).toEqual({
      name: "àb",
      currency: "EUR",
      monthlyCost: 168_000_000n,
      created: 1_700_000_000,
      available: 3,
    });
    expect(sortKeysOf(offer({ status: false })).available).toBe(0);
  });
});

describe("compareText", () => {
  it("compares as the bytes of UTF-8 compare", () => {
    const texts = fc.string({ unit: fc.constantFrom("a", "b", "é", "\ue000", "\uffff", "😀", "🙂", "\ud7ff") });
    const bytes = (text: string): Buffer => Buffer.from(text, "utf8");
    fc.assert(
      fc.property(texts, texts, (a, b) => {
        expect(Math.sign(compareText(a, b))).toBe(Buffer.compare(bytes(a), bytes(b)));
      }),
    );
  });
});
