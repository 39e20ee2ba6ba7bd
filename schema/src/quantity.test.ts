import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  compareQuantities,
  formatQuantity,
  MAX_AMOUNT,
  parseQuantity,
  QuantityInvalidError,
  UNIT,
} from "./quantity.js";

const VALID: readonly [text: string, nano: bigint, canonical: string][] = [
  ["0", 0n, "0"],
  ["-0", 0n, "0"],
  ["+0.0Ki", 0n, "0"],
  ["0e999999", 0n, "0"],
  ["1", UNIT, "1"],
  ["+1", UNIT, "1"],
  ["1.", UNIT, "1"],
  [".5", UNIT / 2n, "500m"],
  ["5.", 5n * UNIT, "5"],
  ["0.5", UNIT / 2n, "500m"],
  ["007", 7n * UNIT, "7"],
  ["1n", 1n, "1n"],
  ["1u", 1000n, "1u"],
  ["1500u", 1_500_000n, "1500u"],
  ["100m", 100_000_000n, "100m"],
  ["1000m", UNIT, "1"],
  ["1500m", 1_500_000_000n, "1500m"],
  ["1k", 1000n * UNIT, "1k"],
  ["1000k", 1_000_000n * UNIT, "1M"],
  ["1M", 10n ** 6n * UNIT, "1M"],
  ["1G", 10n ** 9n * UNIT, "1G"],
  ["1T", 10n ** 12n * UNIT, "1T"],
  ["1P", 10n ** 15n * UNIT, "1P"],
  ["1E", 10n ** 18n * UNIT, "1E"],
  ["9E", 9n * 10n ** 18n * UNIT, "9E"],
  ["1e3", 1000n * UNIT, "1k"],
  ["1E3", 1000n * UNIT, "1k"],
  ["1e+3", 1000n * UNIT, "1k"],
  ["1E-3", 1_000_000n, "1m"],
  ["1.5e-3", 1_500_000n, "1500u"],
  ["50e-10", 5n, "5n"],
  ["100000000000000000000e-20", UNIT, "1"],
  ["1e0", UNIT, "1"],
  ["1e03", 1000n * UNIT, "1k"],
  ["1Ki", 1024n * UNIT, "1024"],
  ["1.5Gi", 1_610_612_736n * UNIT, "1610612736"],
  ["0.1Ki", 102_400_000_000n, "102400m"],
  ["7Ei", 7n * 2n ** 60n * UNIT, "8070450532247928832"],
  ["9223372036854775807", MAX_AMOUNT, "9223372036854775807"],
];

const INVALID = [
  "", " ", " 1", "1 ", "1\n", "abc", ".", "+", "-", "1.2.3", "--1", "+-1", "1 Gi", "1gi", "1GI", "1K", "1ki", "1kB", "1Gb",
  "1mi", "1ni", "1Zi", "1Z", "e3", "1e", "1e+", "1E-", "1e1.5", "1e3Ki", "1Kie3", "1eE3", "0x10", "1_000", "1,5", "NaN",
  "Infinity", "١", "1e३", "1\u0000", "1Ki\n", "Ki", "1e--3", "1/2",
]; // prettier-ignore
const NEGATIVE = ["-1", "-1m", "-.5", "-1Ki", "-1e-3", "-1n"];
const TOO_FINE = ["0.1n", ".5n", "1e-10", "0.0000000001", "1.0000000001", "0.0000000001Ki", "1e-999999999999999999999"];
const TOO_LARGE = [
  "9223372036854775808",
  "8Ei",
  "9.3E",
  "10E",
  "1e19",
  "1e999999999",
  "1E999999999999999999999999",
  "9223372036854775807.1",
];

describe("parseQuantity", () => {
  it.each(VALID)("reads %s", (text, nano, canonical) => {
    expect(parseQuantity(text)).toBe(nano);
    expect(formatQuantity(nano)).toBe(canonical);
  });

  const refused = [
    ...INVALID.map((text) => [text, /write a number|suffix/] as const),
    ...NEGATIVE.map((text) => [text, /negative/] as const),
    ...TOO_FINE.map((text) => [text, /finer than 1n/] as const),
    ...TOO_LARGE.map((text) => [text, /more than 2\^63-1/] as const),
  ];
  it.each(refused)("refuses %j", (text, reason) => {
    expect(() => parseQuantity(text)).toThrow(QuantityInvalidError);
    expect(() => parseQuantity(text)).toThrow(reason);
  });

  it("refuses an absurdly long text without computing with it, and shows only its beginning", () => {
    for (const text of ["9".repeat(1_000_000), `1e${"9".repeat(1_000_000)}`, "é".repeat(129)]) {
      expect(() => parseQuantity(text)).toThrow(/longer than 128 characters/);
      expect(() => parseQuantity(text)).toThrow(
        expect.objectContaining({ message: expect.stringMatching(/^.{1,120}$/) }),
      );
    }
  });

  const suffixes: readonly [suffix: string, base: bigint, power: number][] = [
    ["n", 10n, -9], ["u", 10n, -6], ["m", 10n, -3], ["", 10n, 0], ["k", 10n, 3], ["M", 10n, 6], ["G", 10n, 9], ["T", 10n, 12],
    ["P", 10n, 15], ["E", 10n, 18], ["Ki", 2n, 10], ["Mi", 2n, 20], ["Gi", 2n, 30], ["Ti", 2n, 40], ["Pi", 2n, 50], ["Ei", 2n, 60],
  ]; // prettier-ignore
  const exponents = fc
    .tuple(fc.constantFrom("e", "E"), fc.constantFrom("", "+", "-"), fc.integer({ min: 0, max: 30 }))
    .map(([e, sign, n]): [string, bigint, number] => [`${e}${sign}${n}`, 10n, sign === "-" ? -n : n]);
  const digits = fc.stringMatching(/^[0-9]{0,14}$/);

  it("agrees with a reference that works with fractions of integers", () => {
    fc.assert(
      fc.property(
        fc.constantFrom("", "+", "-"),
        digits,
        fc.boolean(),
        digits,
        fc.oneof(fc.constantFrom(...suffixes), exponents),
        (sign, whole, point, fraction, [suffix, base, power]) => {
          const decimals = point ? fraction : "";
          fc.pre(whole + decimals !== "");
          const text = `${sign}${whole}${point ? "." : ""}${decimals}${suffix}`;
          // value = numerator / denominator units
          const numerator = BigInt(whole + decimals) * (power >= 0 ? base ** BigInt(power) : 1n);
          const denominator = 10n ** BigInt(decimals.length) * (power < 0 ? base ** BigInt(-power) : 1n);
          const isExact = (numerator * UNIT) % denominator === 0n;
          const isTooLarge = numerator > (2n ** 63n - 1n) * denominator;
          if ((sign === "-" && numerator !== 0n) || !isExact || isTooLarge) {
            expect(() => parseQuantity(text)).toThrow(QuantityInvalidError);
          } else {
            expect(parseQuantity(text) * denominator).toBe(numerator * UNIT);
          }
        },
      ),
      { numRuns: 3000 },
    );
  });

  it("answers any text with an amount in bounds or with its own error", () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.stringMatching(/^[-+.0-9eEinumkKMGTP]{0,12}$/)), (text) => {
        try {
          const amount = parseQuantity(text);
          expect(amount >= 0n && amount <= MAX_AMOUNT).toBe(true);
        } catch (error) {
          expect(error).toBeInstanceOf(QuantityInvalidError);
        }
      }),
      { numRuns: 3000 },
    );
  });
});

describe("formatQuantity", () => {
  const amounts = fc.oneof(
    fc.bigInt({ min: 0n, max: MAX_AMOUNT }),
    fc.bigInt({ min: 0n, max: 2n ** 63n - 1n }).map((units) => units * UNIT),
    fc.tuple(fc.bigInt({ min: 0n, max: 999n }), fc.integer({ min: 0, max: 24 })).map(([n, p]) => n * 10n ** BigInt(p)),
    fc
      .tuple(fc.bigInt({ min: 0n, max: 1023n }), fc.integer({ min: 0, max: 53 }))
      .map(([n, p]) => n * UNIT * 2n ** BigInt(p)),
  );

  it("is read back as the same amount, in both formats", () => {
    fc.assert(
      fc.property(amounts, fc.constantFrom("decimal" as const, "binary" as const), (amount, format) => {
        fc.pre(amount <= MAX_AMOUNT);
        expect(parseQuantity(formatQuantity(amount, format))).toBe(amount);
      }),
      { numRuns: 2000 },
    );
  });

  it("is canonical: no fraction, and no larger suffix would leave none", () => {
    fc.assert(
      fc.property(amounts, (amount) => {
        const text = formatQuantity(amount);
        expect(text).toMatch(/^\d+[numkMGTPE]?$/);
        if (amount !== 0n && !text.endsWith("E")) expect(text.replace(/\D/, "")).not.toMatch(/000$/);
      }),
    );
  });

  it("writes binary suffixes only for whole numbers from 1024 on, as Kubernetes does", () => {
    expect(formatQuantity(1023n * UNIT, "binary")).toBe("1023");
    expect(formatQuantity(1000n * UNIT, "binary")).toBe("1k");
    expect(formatQuantity(1024n * UNIT, "binary")).toBe("1Ki");
    expect(formatQuantity(1025n * UNIT, "binary")).toBe("1025");
    expect(formatQuantity(parseQuantity("1.5Gi"), "binary")).toBe("1536Mi");
    expect(formatQuantity(parseQuantity("1024.5"), "binary")).toBe("1024500m");
    expect(formatQuantity(parseQuantity("7Ei"), "binary")).toBe("7Ei");
  });

  it("writes a negative balance with a sign", () => {
    expect(formatQuantity(-1_500_000_000n)).toBe("-1500m");
    expect(formatQuantity(-2048n * UNIT, "binary")).toBe("-2Ki");
  });
});

describe("compareQuantities", () => {
  it("orders by value, not by text", () => {
    expect(compareQuantities("1", "1000m")).toBe(0);
    expect(compareQuantities("1Gi", "1G")).toBe(1);
    expect(compareQuantities("999m", "1")).toBe(-1);
    expect(() => compareQuantities("1", "x")).toThrow(QuantityInvalidError);
  });
});
