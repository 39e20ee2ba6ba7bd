import { CONTRACT_STATES } from "@catalog/schema/contract";
import { CatalogError, type ErrorCode } from "@catalog/schema/errors";
import { describe, expect, it } from "vitest";
import { SAMPLE_OFFER, sampleContract, sampleTerms } from "../testing/sample-contract.js";
import { buyProblems } from "./buy-input.js";
import type { ContractTerms } from "./contract.js";
import { approvalPollMs, nextStep, offerIn, unapprovedFields } from "./purchase.js";
import { isDefinitive } from "./refusal-answer.js";

describe("nextStep", () => {
  const STEPS = {
    REQUESTED: "RESERVE",
    PENDING_APPROVAL: "WAIT",
    RESERVED: "SIGN",
    CONFIRMING: "CONFIRM",
    CONFIRMED: "ACTIVATE",
    ACTIVE: "NONE",
    REJECTED: "NONE",
    EXPIRED: "NONE",
    TERMINATED: "NONE",
    RENEWED: "NONE",
  } as const;
  it.each(CONTRACT_STATES)("of a buyer in %s", (state) => {
    expect(nextStep(sampleContract({ role: "BUYER", state }))).toBe(STEPS[state]);
  });
  it.each(CONTRACT_STATES)("of a seller in %s is to tell of an end, nothing else", (state) => {
    expect(nextStep(sampleContract({ role: "SELLER", state }))).toBe("NONE");
    const isOver = STEPS[state] === "NONE" && state !== "ACTIVE";
    expect(nextStep(sampleContract({ role: "SELLER", state, isToldOfEnd: false }))).toBe(isOver ? "TERMINATE" : "NONE");
  });
});

describe("unapprovedFields", () => {
  const contract = sampleContract({ role: "BUYER" });
  const plan = { ...SAMPLE_OFFER.plans[0], planCost: 13 };

  it("finds nothing in the terms that were asked for", () => {
    expect(unapprovedFields(contract, sampleTerms())).toEqual([]);
  });

  it.each<[string, Partial<ContractTerms>]>([
    ["contractID", { contractID: "0198c0de-0000-7000-8000-000000000002" }],
    ["renews", { renews: "0198c0de-0000-7000-8000-000000000002" }],
    ["buyer", { buyer: { ...contract.buyer, clusterID: "cluster-rome" } }],
    ["buyer", { buyer: { ...contract.buyer, encKey: { ...contract.buyer.encKey, x: "other" } } }],
    ["seller", { seller: { ...contract.seller, fingerprint: "else" } }],
    ["seller", { seller: { ...contract.seller, encKey: { ...contract.seller.encKey, x: "other" } } }],
    ["offer", { offer: { ...SAMPLE_OFFER, plans: [plan as never] } }],
    ["offer", { offer: { ...SAMPLE_OFFER, noticePeriod: 60 } }],
    ["offerRev", { offerRev: 4 }],
    ["termsRev", { termsRev: 6 }],
    ["offerDigest", { offerDigest: "other" }],
    ["planID", { planID: "large" }],
    ["units", { units: 3 }],
    ["validUntil", { validUntil: 1_900_000_000 }],
    ["ackBy", { ackBy: 1 }],
  ])("finds another %s", (field, change) => {
    expect(unapprovedFields(contract, sampleTerms(change))).toContain(field);
  });

  it("lets the seller change what is its own: its name, its stock, the number of its document", () => {
    const seller = { ...contract.seller, prettyName: "Torino", contractEndpoint: "https://new.example" };
    const offer = {
      ...SAMPLE_OFFER,
      clusterPrettyName: "Torino",
      plans: SAMPLE_OFFER.plans.map((one) => ({ ...one, planQuantity: 99 })),
    };
    expect(unapprovedFields(contract, sampleTerms({ seller, offer, offerRev: 8, offerDigest: "newer" }))).toEqual([]);
  });
});

describe("offerIn", () => {
  it("is the offer as it was signed", () => {
    const listed = {
      ...SAMPLE_OFFER,
      fingerprint: "f",
      clusterID: "c",
      clusterName: "n",
      rev: 1,
      termsRev: 1,
      stock: {},
      staleSince: null,
      jws: "j",
    };
    expect(offerIn(listed)).toEqual(SAMPLE_OFFER);
  });
});

describe("approvalPollMs", () => {
  it("is short at first and half a minute at most", () => {
    const contract = sampleContract({ created: 1_000 });
    const waits = [0, 12, 60, 3_599, 3_600, 90_000].map((age) =>
      approvalPollMs(contract, new Date((1_000 + age) * 1000)),
    );
    expect(waits).toEqual([1_000, 3_000, 5_000, 5_000, 30_000, 30_000]);
  });
});

describe("isDefinitive", () => {
  it.each<[ErrorCode, number, boolean]>([
    ["UNKNOWN_CONTRACT", 0, true],
    ["TERMS_MISMATCH", 0, true],
    ["BAD_USER_INPUT", 0, true],
    ["PEER_UNREACHABLE", 1e6, false],
    ["UNAVAILABLE", 1e6, false],
    ["RATE_LIMITED", 1e6, false],
    ["OVERLOADED", 1e6, false],
    ["CLOCK_SKEW", 1e6, false],
    ["NUMBER_AHEAD", 1e6, false],
    ["INTERNAL_SERVER_ERROR", 1e6, false],
    ["PROOF_REPLAYED", 1e6, false],
    ["PROOF_EXPIRED", 1e6, false],
    ["NOT_A_MEMBER", 599, false],
    ["NOT_A_MEMBER", 601, true],
  ])("%s after %i s: %s", (code, age, expected) => {
    expect(isDefinitive(new CatalogError(code, ""), age)).toBe(expected);
  });
});

describe("buyProblems", () => {
  const good = { clusterID: "c", offerID: "o", planID: "p" };
  it("accepts the least and the most that can be said", () => {
    expect(buyProblems(good)).toEqual([]);
    expect(buyProblems({ ...good, fingerprint: "f", units: 3, validUntil: 5, requestID: "r" })).toEqual([]);
  });
  it("names everything that is wrong at once", () => {
    const wrong = { offerID: "", planID: "-", units: 0, validUntil: -1, requestID: "x".repeat(300) };
    const paths = buyProblems(wrong).map((one) => one.path);
    expect(paths).toEqual(["clusterID", "offerID", "planID", "units", "validUntil", "requestID"]);
  });
});
