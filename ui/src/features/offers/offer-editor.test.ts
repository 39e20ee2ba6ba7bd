import { expect, it } from "vitest";
import { OfferEditor } from "./offer-editor.svelte.ts";

const offer = {
  offerID: "small",
  offerName: "Small",
  plans: [
    {
      planID: "p",
      planName: "One",
      planCost: 1,
      planCostCurrency: "EUR",
      planCostPeriod: "day" as const,
      planQuantity: 2,
      resources: { cpu: "1" },
    },
  ],
};

it("says what is missing in a new offer only when one tries to save it, and what is typed wrong at once", () => {
  const editor = new OfferEditor({}, true);
  expect([editor.isValid, editor.isChanged]).toEqual([false, true]);
  expect(editor.problemAt("offerName")).toBeUndefined();
  editor.draft.noticePeriod = "soon";
  expect(editor.problemAt("noticePeriod")).toEqual(expect.any(String));
  editor.isTried = true;
  expect(editor.problemAt("offerName")).toEqual(expect.any(String));
});

it("says what is taken away from a stored offer at once", () => {
  const editor = new OfferEditor(offer, false);
  expect([editor.isValid, editor.isChanged]).toEqual([true, false]);
  editor.draft.offerName = " ";
  expect([editor.isValid, editor.isChanged]).toEqual([false, true]);
  expect(editor.problemAt("offerName")).toEqual(expect.any(String));
});

it("is unchanged again once it is saved", () => {
  const editor = new OfferEditor(offer, false);
  editor.draft.description = "More";
  editor.saved();
  expect(editor.isChanged).toBe(false);
  editor.draft.description = "";
  expect(editor.isChanged).toBe(true);
});

it("adds, copies and removes plans", () => {
  const editor = new OfferEditor(offer, false);
  editor.duplicatePlan(0);
  editor.addPlan();
  expect(editor.draft.plans.map(({ planID, planCostPeriod }) => [planID, planCostPeriod])).toEqual([
    ["p", "day"],
    ["", "day"],
    ["", "day"],
  ]);
  expect([editor.isValid, editor.problemAt("plans[2].planCost")]).toEqual([false, undefined]);
  editor.removePlan(2);
  expect([editor.isValid, editor.input.plans.length]).toEqual([true, 2]);
});
