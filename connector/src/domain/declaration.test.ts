import { describe, expect, it } from "vitest";
import { sampleOffer } from "../testing/sample-offers.js";
import { readDeclaration } from "./declaration.js";

const FINGERPRINT = "A".repeat(43);
const read = (...values: unknown[]) => readDeclaration(values.map((value, i) => ({ file: `${i}.yaml`, value })));
const pathsOf = (...values: unknown[]): string[] => read(...values).problems.map(({ path }) => path);

describe("a declaration", () => {
  it("is put together from all documents", () => {
    const { entries, problems } = read(
      { offers: [sampleOffer({ offerID: "a" })] },
      { offers: [{ ...sampleOffer({ offerID: "b" }), adopt: true }], brokers: [{ joinFile: "join" }] },
      { brokers: [{ name: "Alps", join: "catalog-join:…", brokerID: FINGERPRINT, subscribed: false }] },
    );
    expect(problems).toEqual([]);
    expect(entries.offers.map(({ input, adopt }) => [input.offerID, adopt])).toEqual([
      ["a", false],
      ["b", true],
    ]);
    expect(entries.offers[1]?.input).not.toHaveProperty("adopt");
    expect(entries.brokers).toMatchObject([
      { name: null, joinFile: "join", join: null, brokerID: null, subscribed: true },
      { name: "Alps", joinFile: null, brokerID: FINGERPRINT, subscribed: false },
    ]);
  });

  it("takes quantities that YAML reads as numbers", () => {
    const [plan] = sampleOffer().plans;
    const { entries, problems } = read({
      offers: [sampleOffer({ plans: [{ ...plan, resources: { cpu: 1 } } as never] })],
    });
    expect(problems).toEqual([]);
    expect(entries.offers[0]?.input.plans[0]?.resources).toEqual({ cpu: "1" });
  });

  it.each<[string, unknown, string]>([
    ["no map", "offers", "0.yaml"],
    ["a list that is none", { offers: {} }, "0.yaml: offers"],
    ["a misspelt member", { ofers: [] }, "0.yaml.ofers"],
    [
      "a misspelt member of an offer",
      { offers: [{ ...sampleOffer(), aproval: "MANUAL" }] },
      "0.yaml: offers[0].aproval",
    ],
    [
      "a misspelt member of a plan",
      { offers: [{ ...sampleOffer(), plans: [{ ...sampleOffer().plans[0], price: 1 }] }] },
      "0.yaml: offers[0].plans[0].price",
    ],
    ["an offer without an id", { offers: [{ ...sampleOffer(), offerID: undefined }] }, "0.yaml: offers[0].offerID"],
    ["an offer that cannot be sold", { offers: [sampleOffer({ plans: [] })] }, "0.yaml: offers[0].plans"],
    ["an offer that is none", { offers: ["general"] }, "0.yaml: offers[0]"],
    ["an offer twice", { offers: [sampleOffer(), sampleOffer()] }, "0.yaml: offers[1].offerID"],
    ["an adoption that is none", { offers: [{ ...sampleOffer(), adopt: "yes" }] }, "0.yaml: offers[0].adopt"],
    ["a Broker without a join string", { brokers: [{ name: "x" }] }, "0.yaml: brokers[0]"],
    ["a Broker with two", { brokers: [{ join: "a", joinFile: "b" }] }, "0.yaml: brokers[0]"],
    ["a Broker with another id", { brokers: [{ joinFile: "b", brokerID: "x" }] }, "0.yaml: brokers[0].brokerID"],
    ["a name that is no text", { brokers: [{ joinFile: "b", name: 3 }] }, "0.yaml: brokers[0].name"],
    ["a switch that is none", { brokers: [{ joinFile: "b", subscribed: "no" }] }, "0.yaml: brokers[0].subscribed"],
  ])("is refused with %s, naming the place", (_what, value, place) => {
    expect(pathsOf(value)).toEqual([place]);
  });
});
