import { describe, expect, it } from "vitest";
import { readOfferFile, writeOfferFile } from "./offer-file.ts";

const offer = {
  offerID: "small",
  offerName: "Small: a & b # c",
  plans: [
    {
      planID: "p",
      planCost: 0.5,
      planCostCurrency: "EUR",
      planCostPeriod: "hour" as const,
      planQuantity: 3,
      resources: { cpu: "2", memory: "4Gi" },
    },
  ],
};

describe.each(["yaml", "json"] as const)("an offer as %s", (form) => {
  it("is read back as it was", async () => {
    expect(await readOfferFile(await writeOfferFile(offer, form))).toEqual({ kind: "offer", offer, problems: [] });
  });
});

it("reads quantities that YAML takes for numbers, and leaves out what is no part of an offer", async () => {
  const text = `
offerName: Small
stock: 5
plans:
  - { planCost: 1, planCostCurrency: EUR, planCostPeriod: day, planQuantity: 1, available: 9, resources: { cpu: 2 } }
`;
  expect(await readOfferFile(text)).toEqual({
    kind: "offer",
    problems: [],
    offer: {
      offerName: "Small",
      plans: [
        { planCost: 1, planCostCurrency: "EUR", planCostPeriod: "day", planQuantity: 1, resources: { cpu: "2" } },
      ],
    },
  });
});

it("says what is wrong with an offer, at which field", async () => {
  const found = await readOfferFile("offerName: x\nplans: [{ planCost: -1 }]");
  expect(found).toMatchObject({
    kind: "offer",
    problems: expect.arrayContaining([expect.stringMatching(/^plans\[0\]\.planCost /)]),
  });
});

it("takes no value into a field where it cannot stand", async () => {
  const text =
    "offerName: 5\napproval: [1]\nlabels: { zone: { a: 1 }, n: 3 }\nplans: [7, { planCost: lots, resources: 4 }]";
  const found = await readOfferFile(text);
  expect(found).toMatchObject({
    kind: "offer",
    offer: { offerName: "5", labels: { zone: "", n: "3" }, plans: [{}] },
  });
  expect(found.kind === "offer" && found.problems.length).toBeGreaterThan(3);
});

it.each(["", "just a text", "- a\n- list", "{ not: [closed", "a: &a [1]\nb: *a", "x".repeat(200_001)])(
  "takes no offer from %.20j",
  async (text) => {
    expect(await readOfferFile(text)).toMatchObject({ kind: "wrong", problem: expect.any(String) });
  },
);
