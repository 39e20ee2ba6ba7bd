import { describe, expect, it } from "vitest";
import { SAMPLE_OFFER, sampleContract, sampleTerms } from "../testing/sample-contract.js";
import { NEGOTIATION_DEFAULTS } from "./negotiation-settings.js";
import { boundStock } from "./capacity.js";
import { available } from "./own-offer.js";
import { blockAfter, refusalOf, type SaleContext } from "./sale.js";

const AT = new Date(1_800_000_000_000);
const { request } = sampleContract();
const offer = {
  offer: SAMPLE_OFFER,
  rev: 7,
  termsRev: 5,
  jws: "",
  digest: "",
  isWithdrawn: false,
  signedAt: 0,
  isDeclared: false,
};
const context: SaleContext = { offer, pending: [], blockedUntil: 0, at: AT, settings: NEGOTIATION_DEFAULTS };
const pending = (units: number) => sampleContract({ request: { ...request, units } });

describe("refusalOf", () => {
  it("finds nothing against a request for what is offered", () => {
    expect(refusalOf(request, context)).toBeUndefined();
  });

  it.each([
    ["OFFER_NOT_FOUND", {}, { offer: undefined }],
    ["OFFER_NOT_FOUND", {}, { offer: { ...offer, isWithdrawn: true } }],
    ["OFFER_CHANGED", { termsRev: 4 }, {}],
    ["OFFER_PAUSED", {}, { offer: { ...offer, offer: { ...SAMPLE_OFFER, status: false } } }],
    ["PLAN_NOT_FOUND", { planID: "large" }, {}],
    ["DURATION_TOO_SHORT", { validUntil: 1_800_000_000 }, {}],
    [
      "DURATION_TOO_SHORT",
      { validUntil: 1_800_000_059 },
      { offer: { ...offer, offer: { ...SAMPLE_OFFER, minDuration: 60 } } },
    ],
    ["BUYER_BLOCKED", {}, { blockedUntil: 1_800_000_001 }],
    ["BUYER_LIMIT_REACHED", {}, { pending: [1, 1, 1, 1, 1].map(pending) }],
    ["BUYER_LIMIT_REACHED", { units: 2 }, { pending: [pending(1)] }],
    ["OUT_OF_STOCK", { units: 5 }, {}],
  ] as const)("is %s for %j and %j", (code, asked, known) => {
    expect(refusalOf({ ...request, ...asked }, { ...context, ...known })).toMatchObject({ code });
  });

  it("lets the first contract take a whole plan, and others half of it together", () => {
    expect(refusalOf({ ...request, units: 4 }, context)).toBeUndefined();
    expect(refusalOf({ ...request, units: 1 }, { ...context, pending: [pending(1)] })).toBeUndefined();
  });

  it("asks for the shortest duration to the second", () => {
    const shortest = { ...context, offer: { ...offer, offer: { ...SAMPLE_OFFER, minDuration: 60 } } };
    expect(refusalOf({ ...request, validUntil: 1_800_000_060 }, shortest)).toBeUndefined();
    expect(refusalOf({ ...request, validUntil: 1_800_000_001 }, context)).toBeUndefined();
  });
});

describe("terms", () => {
  it("copy the plan and hold the periods from the moment of the reservation", () => {
    const terms = sampleTerms();
    expect(terms).toMatchObject({
      cost: 12.5,
      currency: "EUR",
      period: "month",
      units: 2,
      resources: { cpu: "2", ram: "4Gi" },
      termsRev: 5,
      offerRev: 7,
    });
    expect([terms.validFrom, terms.reservedUntil, terms.ackBy]).toEqual([1_700_000_000, 1_700_000_120, 1_700_000_720]);
    expect("noticePeriod" in terms || "validUntil" in terms || "renews" in terms).toBe(false);
  });
});

describe("blockAfter", () => {
  it("doubles from 2 min to a day", () => {
    const waits = [0, 1, 2, 9, 10, 500].map(
      (lapses) => blockAfter(lapses, AT, NEGOTIATION_DEFAULTS).blockedUntil - 1_800_000_000,
    );
    expect(waits).toEqual([120, 240, 480, 61_440, 86_400, 86_400]);
  });
});

describe("stock", () => {
  it("is never negative, and a plan that was never counted is there in full", () => {
    expect(available({ quantity: 1, held: 3 })).toBe(0);
    expect(boundStock(SAMPLE_OFFER, [], null)).toEqual({ small: 4 });
    expect(
      boundStock(SAMPLE_OFFER, [{ offerID: "general", planID: "small", quantity: 4, held: 1, overcommitted: 0 }], null),
    ).toEqual({ small: 3 });
  });
});
