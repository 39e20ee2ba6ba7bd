import { expect, it } from "vitest";
import {
  admissionOf,
  conflictsIn,
  differingLines,
  isSameKey,
  readFingerprint,
  readPayload,
  standingOf,
} from "./standing.ts";

const cluster = {
  fingerprint: "f",
  clusterID: "c1",
  holdsClusterID: true,
  listed: true,
  trusted: false,
  source: "BROKER" as const,
};

it.each([
  [{}, "Listed by a Broker"],
  [{ listed: false }, "Known, not listed"],
  [{ trusted: true, listed: false }, "Trusted by hand"],
  [{ trusted: true }, "Trusted by hand, listed"],
  [{ holdsClusterID: false, trusted: true }, "Hidden: cluster ID taken"],
])("says how a cluster with %o stands: %s", (change, text) => {
  expect(standingOf({ ...cluster, ...change }).text).toBe(text);
});

it("says how a key was admitted", () => {
  const nameOf = (id: string): string => id.toUpperCase();
  expect(admissionOf({ source: "ADMIN", brokerIDs: ["b"] }, nameOf)).toBe("By hand");
  expect(admissionOf({ source: "BROKER", brokerIDs: ["a", "b"] }, nameOf)).toBe("By A, B");
  expect(admissionOf({ source: "BROKER", brokerIDs: [] }, nameOf)).toBe("By a Broker");
});

it("finds cluster IDs that several claim, the holder first", () => {
  const other = { ...cluster, fingerprint: "g", holdsClusterID: false };
  const alone = { ...cluster, clusterID: "c2" };
  expect(conflictsIn([other, alone, cluster])).toEqual([{ clusterID: "c1", claimants: [cluster, other] }]);
});

it("compares keys as people paste them", () => {
  expect([isSameKey(" ", "abcd"), isSameKey("ab cd\n", "abcd"), isSameKey("abce", "abcd")]).toEqual([
    undefined,
    true,
    false,
  ]);
  const key = "k".repeat(43);
  expect([readFingerprint(`${key.slice(0, 20)} ${key.slice(20)}`), readFingerprint("short")]).toEqual([key, undefined]);
});

it("shows what a document says, whatever script it is in, and nothing of what is none", () => {
  const payload = btoa(String.fromCharCode(...new TextEncoder().encode('{"name":"Zürich"}')));
  expect(readPayload(`h.${payload.replaceAll("=", "")}.s`)).toBe('{\n  "name": "Zürich"\n}');
  expect([readPayload("h.!.s"), readPayload("")]).toEqual([undefined, undefined]);
});

it("marks the lines in which two documents differ", () => {
  const { first, second } = differingLines("a\nb", "a\nc");
  expect(first.map(({ isOther }) => isOther)).toEqual([false, true]);
  expect(second.map(({ isOther }) => isOther)).toEqual([false, true]);
});
