import type { CatalogOffer } from "@catalog/schema/catalog";
import { describe, expect, it } from "vitest";
import { SAMPLE_OFFER } from "../../testing/sample-contract.js";
import { FACET_LIMITS, facetsOf } from "./offer-facets.js";

const offer = (changes: Partial<CatalogOffer>): CatalogOffer => ({ ...SAMPLE_OFFER, ...changes }) as CatalogOffer;

describe("facets", () => {
  it("count an offer once for each value, the most frequent first", () => {
    const [plan] = SAMPLE_OFFER.plans;
    const plans =
      plan === undefined ? [] : [plan, { ...plan, planID: "b" }, { ...plan, planID: "c", planCostCurrency: "CHF" }];
    expect(
      facetsOf([offer({ plans, labels: { gpu: "a100" } }), offer({ offerType: "gpu" }), offer({ offerType: "gpu" })]),
    ).toEqual({
      total: 3,
      types: [
        { value: "gpu", count: 2 },
        { value: "general", count: 1 },
      ],
      currencies: [
        { value: "EUR", count: 3 },
        { value: "CHF", count: 1 },
      ],
      resources: [
        { value: "cpu", count: 3 },
        { value: "memory", count: 3 },
      ],
      labels: [{ label: "gpu", values: [{ value: "a100", count: 1 }] }],
    });
  });

  it("are bounded, whatever strangers write", () => {
    const many = Array.from({ length: 300 }, (_, n) =>
      offer({ offerType: `t${n}`, labels: { [`k${n % 60}`]: `v${n}`, __proto__x: "1" } }),
    );
    const facets = facetsOf(many);
    expect(facets.types).toHaveLength(FACET_LIMITS.values);
    expect(facets.labels).toHaveLength(FACET_LIMITS.labels);
    expect(facets.labels[0]).toEqual({ label: "__proto__x", values: [{ value: "1", count: 300 }] });
  });
});
