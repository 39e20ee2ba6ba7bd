import { buildSchema, getVariableValues, Kind, parse, validate } from "graphql";
import { describe, expect, it } from "vitest";
import brokerSdl from "../../../schema/broker.graphql?raw";
import connectorSdl from "../../../schema/connector.graphql?raw";
import { examplesFor, type Part } from "./examples.ts";

const SDL = { CONNECTOR: connectorSdl, BROKER: brokerSdl } as const;

describe.each(["CONNECTOR", "BROKER"] as const)("each example for the %s", (part: Part) => {
  const schema = buildSchema(SDL[part]);
  const offer = { clusterID: "c", offerID: "o", planID: "p" };

  it.each([...examplesFor(part, {}), ...examplesFor(part, { offer, contractID: "x" })])(
    "fits the API: $query",
    (example) => {
      const document = parse(example.query);
      expect(validate(schema, document)).toEqual([]);
      const [operation] = document.definitions;
      if (operation?.kind !== Kind.OPERATION_DEFINITION) throw new Error("an example is one operation");
      const inputs = JSON.parse(example.variables ?? "{}") as Record<string, unknown>;
      expect(getVariableValues(schema, operation.variableDefinitions ?? [], inputs).errors).toBeUndefined();
    },
  );

  it("has a name of its own, which its tab shows", () => {
    const names = examplesFor(part, {}).map(({ query }) => /(?:query|mutation|subscription) (\w+)/.exec(query)?.[1]);
    expect(new Set(names).size).toBe(names.length);
    expect(names).not.toContain(undefined);
  });
});

it("buys what is there to be bought", () => {
  const offer = { clusterID: "c", offerID: "o", planID: "p" };
  const buy = examplesFor("CONNECTOR", { offer }).find(({ query }) => query.includes("mutation Buy"));
  expect(JSON.parse(buy?.variables ?? "")).toEqual({ input: { ...offer, units: 1 } });
});
