import { filterProblems } from "@catalog/schema/offer-filter";
import { describe, expect, it } from "vitest";
import { CATALOG_PARAMS, type CatalogValues, facetFilters, filterOf, orderOf, sortingOf } from "./catalog-filter.ts";

const NOTHING: CatalogValues = {
  q: "",
  type: "",
  label: [],
  need: [],
  currency: "",
  min: undefined,
  max: undefined,
  available: false,
};
const filter = (values: Partial<CatalogValues>) => filterOf({ ...NOTHING, ...values }, "day");

describe("the filter of the API", () => {
  it("is empty where nothing is looked for", () => {
    expect(filter({})).toEqual({});
    expect(filter({ q: "  " })).toEqual({});
  });

  it("has everything that is looked for, and is one that the server takes", () => {
    const all = filter({
      q: " gpu fast ",
      type: "gpu",
      label: ["gpu=A100", "region=eu-1", "gpu=H100", "note=a=b"],
      need: ["cpu= 1500m", "ram=1Gi", "memory=2Gi", "nvidia.com/gpu=1"],
      currency: "EUR",
      min: 0.5,
      max: 20,
      available: true,
    });
    expect(all).toEqual({
      text: "gpu fast",
      offerType: "gpu",
      labelValues: [
        { label: "gpu", values: ["A100", "H100"] },
        { label: "region", values: ["eu-1"] },
        { label: "note", values: ["a=b"] },
      ],
      minResources: { cpu: "1500m", memory: "2Gi", "nvidia.com/gpu": "1" },
      currency: "EUR",
      minCost: { amount: 0.5, currency: "EUR", period: "day" },
      maxCost: { amount: 20, currency: "EUR", period: "day" },
      onlyAvailable: true,
    });
    expect(filterProblems(all)).toEqual([]);
  });

  it("leaves out what is half typed or cannot be", () => {
    expect(filter({ need: ["cpu=1x", "memory=", "=2", "disk", "a b=1"] })).toEqual({});
    expect(filter({ max: 5 })).toEqual({});
    expect(filter({ currency: "EUR", min: -1, max: 0.0000001 })).toEqual({ currency: "EUR" });
  });
});

it("survives its way through the URL, whatever the values hold", () => {
  const label = ["region=eu,south", "gpu=A100 80%", "🙂=a&b"];
  expect(CATALOG_PARAMS.label.read(CATALOG_PARAMS.label.write(label))).toEqual(label);
});

it("counts the values of what was chosen among as if nothing had been", () => {
  const filters = facetFilters(filter({ q: "x", type: "gpu", label: ["gpu=A100", "region=eu"], currency: "EUR" }));
  expect([...filters.keys()]).toEqual(["", "type", "currency", "label gpu", "label region"]);
  expect(filters.get("type")).toEqual({
    text: "x",
    currency: "EUR",
    labelValues: [
      { label: "gpu", values: ["A100"] },
      { label: "region", values: ["eu"] },
    ],
  });
  expect(filters.get("label gpu")).toEqual({
    text: "x",
    offerType: "gpu",
    currency: "EUR",
    labelValues: [{ label: "region", values: ["eu"] }],
  });
});

it("knows which header stands for which order", () => {
  expect(orderOf({ key: "price", isDescending: true })).toBe("COST_DESC");
  expect(sortingOf("COST_ASC")).toEqual({ key: "price", isDescending: false });
  expect(sortingOf("CREATED_DESC")).toBeUndefined();
  expect(orderOf(undefined)).toBe("NAME_ASC");
});
