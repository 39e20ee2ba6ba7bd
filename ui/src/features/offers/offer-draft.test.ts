import { expect, it } from "vitest";
import { copyOf, draftOf, inputOf, problemsOf } from "./offer-draft.ts";

const offer = {
  offerID: "small",
  offerName: "Small",
  offerType: "compute",
  description: "",
  labels: { region: "eu" },
  approval: "MANUAL" as const,
  capacity: "MEASURED" as const,
  noticePeriod: 86_400,
  minDuration: null,
  plans: [
    {
      planID: "p1",
      planName: "One",
      planCost: 0.5,
      planCostCurrency: "EUR",
      planCostPeriod: "hour" as const,
      planQuantity: 3,
      resources: { cpu: "1500m", memory: "2Gi" },
    },
  ],
};

it("makes of a draft of an offer the same offer again", () => {
  expect(inputOf(draftOf(offer))).toEqual(offer);
  expect(problemsOf(draftOf(offer))).toEqual(new Map());
});

it("finds in a new draft what is missing, field by field", () => {
  expect([...problemsOf(draftOf({})).keys()].sort()).toEqual([
    "offerName",
    "plans[0].planCost",
    "plans[0].planQuantity",
    "plans[0].resources",
  ]);
});

it("finds what the server would find, at the field that it is about", () => {
  const draft = draftOf(offer);
  const [plan] = draft.plans;
  if (plan === undefined) throw new Error("the draft has no plan");
  plan.resources = [
    { name: "cpu", quantity: "1.5x" },
    { name: "memory", quantity: " 2Gi " },
    { name: "storage", quantity: "" },
  ];
  plan.planCost = 0.123_456_7;
  plan.planCostCurrency = "euro";
  draft.noticePeriod = "soon";
  draft.labels = [
    { key: "region", value: "eu" },
    { key: "region", value: "us" },
    { key: "no good", value: "x" },
    { key: "", value: "y" },
    { key: "", value: "" },
  ];
  const problems = problemsOf(draft);
  for (const path of [
    "plans[0].resources.cpu",
    "plans[0].planCost",
    "plans[0].planCostCurrency",
    "noticePeriod",
    "labels[1]",
    "labels[2]",
    "labels[3]",
  ]) {
    expect([path, problems.get(path)]).toEqual([path, expect.any(String)]);
  }
  expect([problems.has("plans[0].resources.memory"), problems.has("labels[0]"), problems.has("labels[4]")]).toEqual([
    false,
    false,
    false,
  ]);
});

it("copies a plan without its id, and without sharing its resources", () => {
  const draft = draftOf(offer);
  const [plan] = draft.plans;
  if (plan === undefined) throw new Error("the draft has no plan");
  const copy = copyOf(plan);
  expect([copy.planID, copy.planName, copy.key === plan.key]).toEqual(["", "One (copy)", false]);
  copy.resources[0] = { name: "cpu", quantity: "9" };
  expect(plan.resources[0]).toEqual({ name: "cpu", quantity: "1500m" });
});

it("refuses two plans with one id", () => {
  const draft = draftOf({ ...offer, plans: [...offer.plans, ...offer.plans] });
  expect(problemsOf(draft).get("plans[1].planID")).toEqual(expect.any(String));
});
