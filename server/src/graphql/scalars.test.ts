import * as fc from "fast-check";
import { graphql, parseValue } from "graphql";
import { describe, expect, test } from "vitest";
import { testSchema } from "./graphql-listener.fixture.js";
import { toPublicError } from "./error-mapper.js";
import { silentLog } from "../log.js";
import { Labels, Money, ResourceList, Timestamp } from "./scalars.js";

/** What the server gives back for one value, and the codes of what it refuses; the value goes as variable or as literal. */
async function roundTrip(field: string, value: unknown): Promise<unknown> {
  const type = { timestamp: "Timestamp", money: "Money", resources: "ResourceList", labels: "Labels" }[field] ?? "";
  return run(field, `query($v: ${type}) { ${field}(value: $v) }`, { v: JSON.parse(JSON.stringify(value)) as unknown });
}

async function run(field: string, source: string, variableValues: Record<string, unknown> = {}): Promise<unknown> {
  const { data, errors } = await graphql({ schema: testSchema, source, variableValues });
  if (errors === undefined) return (data as Record<string, unknown>)[field];
  return errors.map((error) => toPublicError(error, "r", silentLog()).extensions.code);
}

const literal = (field: string, text: string): Promise<unknown> => run(field, `{ ${field}(value: ${text}) }`);

describe("Timestamp", () => {
  test("every whole number to 2^53 - 1 comes back exactly, from a variable and from a literal", async () => {
    await fc.assert(
      fc.asyncProperty(fc.maxSafeNat(), async (value) => {
        expect(await roundTrip("timestamp", value)).toBe(value);
        expect(await literal("timestamp", String(value))).toBe(value);
      }),
      { numRuns: 50 },
    );
    expect(await literal("timestamp", "9007199254740991")).toBe(9007199254740991);
  });

  test.each([-1, 1.5, 2 ** 53, "7", true, {}])("%s is refused", async (value) => {
    expect(await roundTrip("timestamp", value)).toEqual(["BAD_USER_INPUT"]);
  });

  test.each(["-1", "1.0", "9007199254740992", '"7"'])("the literal %s is refused", async (text) => {
    expect(await literal("timestamp", text)).toEqual(["BAD_USER_INPUT"]);
  });

  test("what the database gives as text or bigint is written as a number; what does not fit is not rounded", () => {
    expect(Timestamp.serialize("1700000000000")).toBe(1_700_000_000_000);
    expect(Timestamp.serialize(17n)).toBe(17);
    expect(() => Timestamp.serialize("9007199254740993")).toThrow();
    expect(() => Timestamp.serialize(9007199254740993n)).toThrow();
    expect(() => Timestamp.serialize(new Date())).toThrow();
  });
});

describe("Money", () => {
  test("six decimals come back; more are read, for whoever judges the whole input, but never written", async () => {
    expect(await roundTrip("money", 0.000001)).toBe(0.000001);
    expect(await literal("money", "12.345678")).toBe(12.345678);
    expect(await literal("money", "12")).toBe(12);
    expect(Money.parseValue(0.0000001)).toBe(0.0000001);
    expect(Money.parseValue(-1)).toBe(-1);
    expect(await roundTrip("money", 0.0000001)).toEqual(["MONEY_INVALID"]);
    expect(() => Money.parseValue("1")).toThrow("must be a number");
  });

  test.each([-1, 1e10, "1", true])("%s is refused", async (value) => {
    expect(await roundTrip("money", value)).not.toBe(value);
  });

  test("numeric columns and micro-units are written as numbers", () => {
    expect(Money.serialize("12.500000")).toBe(12.5);
    expect(Money.serialize(12_500_000n)).toBe(12.5);
  });
});

describe("ResourceList and Labels", () => {
  const resources = { cpu: "4", memory: "16Gi", "nvidia.com/gpu": "1" };

  test("come back as written, a literal too", async () => {
    expect(await roundTrip("resources", resources)).toEqual(resources);
    expect(await literal("resources", '{cpu: "1", ram: "1Gi"}')).toEqual({ cpu: "1", ram: "1Gi" });
    expect(await roundTrip("labels", { region: "eu" })).toEqual({ region: "eu" });
  });

  test.each([
    { cpu: 1 },
    { cpu: null },
    { cpu: { a: "1" } },
    [],
    "cpu",
    1,
    JSON.parse('{"__proto__":"1"}') as object,
    Object.fromEntries(Array.from({ length: 257 }, (_, n) => [`r${n}`, "1"])),
  ])("%j is refused", async (value) => {
    expect(await roundTrip("resources", value)).toEqual(["BAD_USER_INPUT"]);
    expect(() => Labels.parseValue(value)).toThrow();
  });

  test.each(["{cpu: 1}", '{cpu: ["1"]}', '"cpu"', '{__proto__: "1"}'])("the literal %s is refused", async (text) => {
    expect(await literal("resources", text)).toEqual(["BAD_USER_INPUT"]);
  });

  test("a variable inside a literal is refused with what to do", () => {
    expect(() => ResourceList.parseLiteral({ kind: "ObjectValue", fields: [] } as never)).not.toThrow();
    expect(() => ResourceList.parseLiteral(parseValue("{cpu: $c}"))).toThrow("pass the whole object");
  });
});
