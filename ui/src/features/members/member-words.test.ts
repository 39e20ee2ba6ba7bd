import { expect, it } from "vitest";
import type { MemberRow, MemberStatus } from "./documents.ts";
import { inOrder, isFound, sayLag, standingOf } from "./member-words.ts";
import { NewApplicants } from "./new-applicants.ts";

const member = (status: MemberStatus, name = "Milan", change: Partial<MemberRow> = {}): MemberRow => ({
  fingerprint: `key-of-${name}`,
  offers: 0,
  connected: false,
  sockets: 0,
  lastSeen: null,
  lag: null,
  cluster: {
    clusterID: "b-2",
    clusterName: "milan-1",
    clusterPrettyName: name,
    clusterContractEndpoint: "https://milan.example:6003",
    status,
    requestedAt: 1,
    admittedAt: null,
    liqo: { mode: "NONE", version: null },
  },
  ...change,
});

it("puts those first who wait for the operator, and names in order among equals", () => {
  const rows = [member("LEFT", "A"), member("ADMITTED", "C"), member("ADMITTED", "B"), member("PENDING", "Z")];
  expect(rows.toSorted(inOrder).map(({ cluster }) => cluster.clusterPrettyName)).toEqual(["Z", "B", "C", "A"]);
});

it("says where each stands", () => {
  expect(standingOf(member("PENDING")).text).toBe("Waiting for you");
  expect(standingOf(member("ADMITTED", "x", { connected: true })).text).toBe("Connected");
  expect(standingOf(member("ADMITTED")).text).toBe("Away");
  expect(standingOf(member("REVOKED", "x", { connected: true })).tone).toBe("bad");
});

it("tells the lag of members only, where it is known", () => {
  expect(sayLag(member("ADMITTED", "x", { lag: 0 }))).toBe("none");
  expect(sayLag(member("ADMITTED", "x", { lag: 1 }))).toBe("1 change");
  expect(sayLag(member("ADMITTED"))).toBe("–");
  expect(sayLag(member("REVOKED", "x", { lag: 4 }))).toBe("–");
});

it("finds by every word, in names, ids and keys", () => {
  expect(isFound(member("ADMITTED"), "mil B-2")).toBe(true);
  expect(isFound(member("ADMITTED"), "key-of-milan")).toBe(true);
  expect(isFound(member("ADMITTED"), "mil paris")).toBe(false);
});

it("tells of who has come since the last look, and of nobody at the first", () => {
  const applicants = new NewApplicants();
  expect(applicants.noticeOf([member("PENDING", "A")])).toBeUndefined();
  expect(applicants.noticeOf([member("PENDING", "A"), member("PENDING", "B")])).toBe("B asks to join");
  expect(applicants.noticeOf([member("PENDING", "A")])).toBeUndefined();
  expect(applicants.noticeOf(["B", "C"].map((name) => member("PENDING", name)))).toBe("2 clusters ask to join");
});
