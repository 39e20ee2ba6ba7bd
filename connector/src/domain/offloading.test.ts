import { CONTRACT_STATES, isEnded } from "@catalog/schema/contract";
import { describe, expect, it } from "vitest";
import { sampleContract } from "../testing/sample-contract.js";
import {
  type OffloadInput,
  type Offloading,
  requireOffloadable,
  requireTogether,
  requireUsable,
  standingOf,
} from "./offloading.js";

const NOW = 1_700_000_000;
const INPUT: OffloadInput = {
  contractID: "c1",
  namespace: "shop",
  strategy: "REMOTE",
  mapping: "DEFAULT_NAME",
  remoteNamespace: null,
};
const OFFLOADING: Offloading = {
  ...INPUT,
  ...{ isWanted: true, phase: "READY", message: "", whatToDo: null, lastError: null, created: 1, changed: 1 },
};
const bought = (change = {}) => sampleContract({ role: "BUYER", state: "ACTIVE", ...change });

describe("where an offloading stands", () => {
  const facts = { offloading: OFFLOADING, contract: bought(), isPeeringWanted: true };

  it.each(CONTRACT_STATES)("with a contract that is %s", (state) => {
    const standing = standingOf({ ...facts, contract: bought({ state }) }, NOW);
    expect(standing).toBe(state === "ACTIVE" ? "WANTED" : "OVER");
    if (isEnded(state)) expect(standing).toBe("OVER");
  });

  it("ends with the second in which the contract ends, whatever a sweeper has done", () => {
    const contract = bought({ validUntil: NOW });
    expect(standingOf({ ...facts, contract }, NOW - 1)).toBe("WANTED");
    expect(standingOf({ ...facts, contract }, NOW)).toBe("OVER");
  });

  it("pauses without a peering and for a restored contract, and is over when the admin says so", () => {
    expect(standingOf({ ...facts, isPeeringWanted: false }, NOW)).toBe("PAUSED");
    expect(standingOf({ ...facts, contract: bought({ isRestored: true }) }, NOW)).toBe("PAUSED");
    const stopped = { ...OFFLOADING, isWanted: false };
    expect(standingOf({ ...facts, offloading: stopped, isPeeringWanted: false }, NOW)).toBe("OVER");
  });
});

describe("what can be offloaded", () => {
  const ask = (change: Partial<OffloadInput>) => () => requireOffloadable({ ...INPUT, ...change }, ["the-catalog"]);

  it.each(["", "Shop", "a_b", "-a", "a-", "a.b", "a/b", "../x", "x".repeat(64), "shop\n", "$(id)"])(
    "no namespace is called %j",
    (namespace) => {
      expect(ask({ namespace })).toThrow(expect.objectContaining({ code: "BAD_USER_INPUT" }));
    },
  );

  it.each(["kube-system", "kube-public", "liqo", "liqo-tenant-rome", "liqo-storage", "the-catalog"])(
    "%s is not an application's",
    (namespace) => {
      expect(ask({ namespace })).toThrow(expect.objectContaining({ code: "NAMESPACE_REFUSED" }));
    },
  );

  it.each(["liqo-demo", "liqonauts", "kube"])("%s is", (namespace) => {
    expect(ask({ namespace })).not.toThrow();
  });

  it("a name over there goes with SELECTED_NAME, and only with it", () => {
    const named = { mapping: "SELECTED_NAME", remoteNamespace: "shop-paris" } as const;
    expect(ask(named)).not.toThrow();
    expect(ask({ ...named, remoteNamespace: null })).toThrow(/remoteNamespace/);
    expect(ask({ ...named, remoteNamespace: "Shop" })).toThrow(/remoteNamespace/);
    expect(ask({ remoteNamespace: "shop-paris" })).toThrow(/SELECTED_NAME only/);
  });
});

describe("which contract it can be offloaded through", () => {
  it.each([
    ["sold here", { role: "SELLER" as const }],
    ["ended", { state: "TERMINATED" as const }],
    ["not there yet", { state: "RESERVED" as const }],
    ["past its end", { validUntil: NOW }],
    ["restored", { isRestored: true }],
    ["of a provider whose id is no label", { seller: { ...bought().seller, clusterID: "a'; rm -rf /" } }],
  ])("not one that is %s", (_, change) => {
    expect(() => requireUsable(bought(change), NOW)).toThrow(
      expect.objectContaining({ code: "CONTRACT_STATE_INVALID" }),
    );
  });

  it("one in force that was bought", () => {
    expect(() => requireUsable(bought(), NOW)).not.toThrow();
  });
});

describe("several contracts in one namespace", () => {
  const other = { ...OFFLOADING, contractID: "c2" };

  it("go together when they are offloaded in the same way", () => {
    expect(() => requireTogether(INPUT, [])).not.toThrow();
    expect(() => requireTogether(INPUT, [other])).not.toThrow();
  });

  it("have one strategy, which is changed through a contract that is there already", () => {
    const local = { ...INPUT, strategy: "LOCAL" } as const;
    expect(() => requireTogether(local, [other])).toThrow(expect.objectContaining({ code: "OFFLOADING_CONFLICT" }));
    expect(() => requireTogether(local, [OFFLOADING, other])).not.toThrow();
  });

  it("never change the name over there, not even of one", () => {
    const same = { ...INPUT, mapping: "ENFORCE_SAME_NAME" } as const;
    expect(() => requireTogether(same, [OFFLOADING])).toThrow(expect.objectContaining({ code: "OFFLOADING_CONFLICT" }));
  });
});
