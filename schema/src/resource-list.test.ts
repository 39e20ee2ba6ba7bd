import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { QuantityInvalidError, UNIT } from "./quantity.js";
import {
  addAmounts,
  amountOf,
  canonicalName,
  covers,
  isQualifiedName,
  resourceListProblems,
  ResourceNameInvalidError,
  scaleAmounts,
  toAmounts,
} from "./resource-list.js";

describe("isQualifiedName", () => {
  const names = ["cpu", "ram", "nvidia.com/gpu", "hugepages-2Mi", "a", "A.b_c-9", "x".repeat(63), "1", "constructor"];
  it.each([...names, `${"a".repeat(63)}.${"b".repeat(63)}/name`, "requests.example.com/x"])("accepts %s", (name) => {
    expect(isQualifiedName(name)).toBe(true);
  });

  const others = [
    "",
    "-a",
    "a-",
    ".a",
    "_a",
    "a/",
    "/a",
    "a/b/c",
    "A.com/x",
    "a..b/x",
    "-a.com/x",
    "x".repeat(64),
    "a b",
  ];
  it.each([...others, "é", "__proto__", "a\n", `${"a".repeat(64)}/x`, `${"a.".repeat(127)}a/x`])(
    "refuses %j",
    (name) => {
      expect(isQualifiedName(name)).toBe(false);
    },
  );
});

describe("toAmounts", () => {
  it("reads quantities exactly and ram as memory", () => {
    expect(toAmounts({ cpu: "500m", ram: "1Ki", "nvidia.com/gpu": "1" })).toEqual({
      cpu: UNIT / 2n,
      memory: 1024n * UNIT,
      "nvidia.com/gpu": UNIT,
    });
    expect(canonicalName("storage")).toBe("storage");
  });

  it("refuses bad names, bad quantities, and one resource under two names", () => {
    expect(() => toAmounts({ "": "1" })).toThrow(ResourceNameInvalidError);
    expect(() => toAmounts({ cpu: "-1" })).toThrow(QuantityInvalidError);
    expect(() => toAmounts({ ram: "1", memory: "1" })).toThrow(ResourceNameInvalidError);
  });
});

describe("amounts", () => {
  const amounts = fc.dictionary(
    fc.constantFrom("cpu", "memory", "constructor", "toString"),
    fc.bigInt({ min: 0n, max: 100n }),
  );

  it("add and scale by name, whatever names an object has of its own", () => {
    fc.assert(
      fc.property(amounts, amounts, fc.nat(5), (a, b, units) => {
        const sum = addAmounts(a, scaleAmounts(b, units));
        for (const name of ["cpu", "memory", "constructor", "toString", "valueOf"]) {
          expect(amountOf(sum, name)).toBe(amountOf(a, name) + amountOf(b, name) * BigInt(units));
        }
        expect(Object.keys(sum).sort()).toEqual([...new Set([...Object.keys(a), ...Object.keys(b)])].sort());
      }),
    );
  });

  it("cover what is needed by name; what is lacking counts as zero", () => {
    expect(covers({ cpu: 2n, memory: 1n }, { cpu: 2n })).toBe(true);
    expect(covers({ cpu: 1n }, { cpu: 2n })).toBe(false);
    expect(covers({}, { gpu: 0n })).toBe(true);
    expect(covers({}, { gpu: 1n })).toBe(false);
    expect(covers({}, { constructor: 1n })).toBe(false);
  });
});

describe("resourceListProblems", () => {
  it("finds nothing wrong with what can be read", () => {
    expect(resourceListProblems({ cpu: "1", ram: "1Gi", storage: "1Gi" }, "r")).toEqual([]);
    expect(resourceListProblems({}, "r")).toEqual([]);
  });

  it("names everything that is wrong, each at its path", () => {
    const problems = resourceListProblems(
      { cpu: "-1", "a b": "1", ram: 1, memory: "1", gpu: null },
      "plans[0].resources",
    );
    expect(problems.map(({ path }) => path)).toEqual([
      "plans[0].resources.cpu",
      "plans[0].resources.a b",
      "plans[0].resources.ram",
      "plans[0].resources.memory",
      "plans[0].resources.gpu",
    ]);
    expect(problems[0]?.message).toMatch(/negative/);
    expect(problems[3]?.message).toMatch(/same resource twice/);
  });

  it.each([null, undefined, [], "cpu", 1, true])("refuses %j", (value) => {
    expect(resourceListProblems(value, "r")).toHaveLength(1);
  });

  it("refuses more names than the bound without reading them", () => {
    const many = Object.fromEntries(Array.from({ length: 33 }, (_, i) => [`r${i}`, "bad"]));
    expect(resourceListProblems(many, "r")).toEqual([{ path: "r", message: "names more than 32 resources." }]);
  });
});
