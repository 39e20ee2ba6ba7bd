import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { clippedNames, isNothing, shareGrant } from "./share-grant.js";

const U = 1_000_000_000n;

describe("sharing a grant", () => {
  test.each([
    ["what is asked, if there is as much", { cpu: "2", pods: "3" }, { cpu: 2n * U, memory: 0n, pods: 3n * U }],
    ["no more than there is", { cpu: "9", memory: "1Ti", pods: 7 }, { cpu: 4n * U, memory: 1024n * U, pods: 7n * U }],
    [
      "zero of what was never sold",
      { "nvidia.com/gpu": "8" },
      { cpu: 0n, memory: 0n, pods: 10n * U, "nvidia.com/gpu": 0n },
    ],
    ["everything to an empty ask", {}, { cpu: 4n * U, memory: 1024n * U, pods: 10n * U }],
    ["zero for a negative amount", { cpu: "-3" }, { cpu: 0n, memory: 0n, pods: 10n * U }],
    ["zero for nonsense", { cpu: "lots", memory: null, pods: {} }, { cpu: 0n, memory: 0n, pods: 0n }],
    [
      "what there is for an absurd amount",
      { cpu: "9e99", memory: "99999999999999999999" },
      { cpu: 4n * U, memory: 1024n * U, pods: 10n * U },
    ],
    ["ram and memory are one", { ram: "512", memory: "1Ki" }, { cpu: 0n, memory: 1024n * U, pods: 10n * U }],
  ])("%s", (_, ask, given) => {
    expect(shareGrant({ cpu: 4n * U, memory: 1024n * U, pods: 10n * U }, [ask])).toEqual([given]);
  });

  test("the first gets first, and what is missing is named", () => {
    const [a, b] = shareGrant({ cpu: 4n * U }, [{ cpu: "3" }, { cpu: "3", x: "1" }]);
    expect([a, b]).toEqual([{ cpu: 3n * U }, { cpu: U, x: 0n }]);
    expect(clippedNames({ cpu: "3", x: "1" }, b ?? {})).toEqual(["cpu", "x"]);
    expect(clippedNames({ cpu: "3" }, a ?? {})).toEqual([]);
  });

  test("pods alone are nothing", () => {
    expect(isNothing({ cpu: 0n, pods: U })).toBe(true);
    expect(isNothing({ cpu: 1n, pods: 0n })).toBe(false);
  });

  const name = fc.oneof(
    fc.constantFrom("cpu", "memory", "ram", "pods", "nvidia.com/gpu", "__proto__", "constructor"),
    fc.string(),
  );
  const amount = fc.oneof(
    fc.string(),
    fc.double(),
    fc.bigInt(-5n, 2n ** 80n).map(String),
    fc.constantFrom("1Gi", "-1", "1e400", "0.5", "5m", null, true, undefined, "9".repeat(500)),
  );
  const ask = fc.array(fc.tuple(name, amount)).map((entries) => Object.fromEntries(entries));
  const grant = fc
    .array(fc.tuple(fc.constantFrom("cpu", "memory", "pods", "nvidia.com/gpu", "x.io/y"), fc.bigInt(-U, 2n ** 63n * U)))
    .map((entries) => Object.fromEntries(entries));

  test("never more than is granted in sum, never negative, never what was not granted, whatever is asked", () => {
    fc.assert(
      fc.property(grant, fc.array(ask, { maxLength: 6 }), (granted, asks) => {
        const shares = shareGrant(granted, asks);
        expect(shares).toHaveLength(asks.length);
        const names = new Set([...Object.keys(granted), ...shares.flatMap((share) => Object.keys(share))]);
        for (const resource of names) {
          const given = shares.map((share) => (Object.hasOwn(share, resource) ? (share[resource] ?? 0n) : 0n));
          const limit = Object.hasOwn(granted, resource) ? (granted[resource] ?? 0n) : 0n;
          expect(given.every((one) => one >= 0n)).toBe(true);
          expect(given.reduce((sum, one) => sum + one, 0n)).toBeLessThanOrEqual(limit > 0n ? limit : 0n);
        }
        const all = Object.keys(granted);
        expect(shares.every((share) => all.every((resource) => Object.hasOwn(share, resource)))).toBe(true);
      }),
      { numRuns: 300 },
    );
  });

  test("the same asks give the same shares", () => {
    fc.assert(
      fc.property(grant, fc.array(ask, { maxLength: 4 }), (granted, asks) => {
        expect(shareGrant(granted, asks)).toEqual(shareGrant(granted, asks));
      }),
    );
  });
});
