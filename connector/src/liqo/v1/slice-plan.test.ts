import { sliceUserOf } from "../forge/tenant-names.js";
import { describe, expect, test } from "vitest";
import type { KubeObject } from "../kube/kube-api.js";
import { consumerOf, grows, isCustomerSlice, planSlices, type SliceObservation, type SliceStep } from "./slice-plan.js";

const U = 1_000_000_000n;
const apiVersion = "authentication.liqo.io/v1beta1";
const AUTHENTICATED = { type: "Authentication", status: "Accepted" };

function slice(changes: Record<string, unknown> = {}, metadata: Partial<KubeObject["metadata"]> = {}): KubeObject {
  return {
    apiVersion,
    kind: "ResourceSlice",
    metadata: { name: "s", namespace: "liqo-tenant-paris", creationTimestamp: "2026-01-01T00:00:00Z", ...metadata },
    spec: {
      class: "catalog",
      providerClusterID: "turin",
      consumerClusterID: "paris",
      resources: { cpu: "2", pods: "10" },
    },
    status: { conditions: [AUTHENTICATED] },
    ...changes,
  };
}

function tenant(spec: Record<string, unknown> = {}, metadata: Partial<KubeObject["metadata"]> = {}): KubeObject {
  return {
    apiVersion,
    kind: "Tenant",
    metadata: { name: "paris", namespace: "liqo-tenant-paris", ...metadata },
    spec: { clusterID: "paris", tenantCondition: "Active", ...spec },
  };
}

function observed(changes: Partial<SliceObservation> = {}): SliceObservation {
  return {
    ownID: "turin",
    className: "catalog",
    consumerID: "paris",
    tenants: [tenant()],
    slices: [slice()],
    quotas: [],
    grant: { cpu: 2n * U, memory: 0n, pods: 10n * U },
    nodeLabels: { gpu: "a100" },
    ...changes,
  };
}

const stepsOf = (observation: SliceObservation): readonly SliceStep[] => planSlices(observation).steps;
const NOTHING = { cpu: 0n, memory: 0n, pods: 0n };

describe("which slices are decided about", () => {
  test.each([
    ["another class", slice({ spec: { class: "other" } })],
    ["the default class", slice({ spec: { class: "default" } })],
    ["no class", slice({ spec: {} })],
    ["no spec", slice({ spec: undefined })],
    [
      "a purchase of our own",
      slice({ spec: { class: "catalog", providerClusterID: "milan" } }, { labels: { "liqo.io/replication": "true" } }),
    ],
  ])("not %s", (_, one) => {
    expect(isCustomerSlice(one, "turin", "catalog")).toBe(false);
    expect(stepsOf(observed({ slices: [one] }))).toEqual([]);
  });

  test.each([
    ["every label shed", slice({}, { labels: {} })],
    ["the label of a purchase on a replica", slice({}, { labels: { "liqo.io/replication": "true" } })],
    [
      "that label, another provider, but a replica",
      slice(
        { spec: { class: "catalog", providerClusterID: "x" } },
        { labels: { "liqo.io/replication": "true", "liqo.io/originID": "paris" } },
      ),
    ],
    ["fresh, without consumer and request", slice({ spec: { class: "catalog" } })],
    ["another customer's name in it", slice({ spec: { class: "catalog", consumerClusterID: "milan" } })],
  ])("but %s", (_, one) => {
    expect(stepsOf(observed({ slices: [one] }))).toHaveLength(1);
  });

  test.each([
    ["authentication not there yet", { slices: [slice({ status: undefined })] }],
    [
      "authentication denied",
      { slices: [slice({ status: { conditions: [{ type: "Authentication", status: "Denied" }] } })] },
    ],
    ["a cordoned Tenant", { tenants: [tenant({ tenantCondition: "Cordoned" })] }],
    ["a drained Tenant", { tenants: [tenant({ tenantCondition: "Drained" })] }],
    ["a Tenant that is being deleted", { tenants: [tenant({}, { deletionTimestamp: "2026-01-01T00:00:00Z" })] }],
    ["no Tenant", { tenants: [] }],
    ["a second Tenant of another cluster", { tenants: [tenant(), tenant({ clusterID: "milan" }, { name: "milan" })] }],
  ])("waits: %s", (_, changes) => {
    expect(stepsOf(observed(changes))).toEqual([]);
  });

  test("a Tenant without a condition is active", () => {
    expect(stepsOf(observed({ tenants: [tenant({ tenantCondition: undefined })] }))).toHaveLength(1);
  });
});

describe("what is decided", () => {
  const only = (changes: Partial<SliceObservation>) => stepsOf(observed(changes))[0];
  const granted = slice({
    status: { conditions: [AUTHENTICATED, { type: "Resources", status: "Accepted" }], resources: { cpu: "2" } },
  });

  test("what was bought, with the node's labels", () => {
    expect(only({})).toMatchObject({
      decision: {
        verdict: "Accepted",
        resources: { cpu: 2n * U, memory: 0n, pods: 10n * U },
        nodeLabels: { gpu: "a100" },
        message: "Granted as bought.",
      },
      cordon: undefined,
    });
  });

  test("more than was bought: clipped, and it says of what", () => {
    const one = slice({ spec: { class: "catalog", resources: { cpu: "99", "nvidia.com/gpu": "1", memory: "-5" } } });
    const step = only({ slices: [one] });
    expect(step?.decision).toMatchObject({ resources: { cpu: 2n * U, "nvidia.com/gpu": 0n, memory: 0n } });
    expect(step?.decision.message).toContain("cpu, nvidia.com/gpu");
  });

  test("nothing bought, never granted: denied, with the reason", () => {
    expect(only({ grant: NOTHING })).toMatchObject({ decision: { verdict: "Denied" }, cordon: undefined });
    expect(only({ grant: NOTHING })?.decision.message).toContain("no active contract");
  });

  test("nothing any more: explicit zeros and a cordon, whatever the slice says of itself", () => {
    expect(only({ grant: NOTHING, slices: [granted] })).toMatchObject({
      decision: { verdict: "Accepted", resources: NOTHING, nodeLabels: {} },
      cordon: true,
    });
    const forged = slice({
      status: { conditions: [AUTHENTICATED, { type: "Resources", status: "Denied" }], resources: { cpu: "99" } },
    });
    expect(only({ grant: NOTHING, slices: [forged] })?.decision).toMatchObject({
      verdict: "Accepted",
      resources: NOTHING,
    });
  });

  test("bought again: the cordon that is ours goes, one by hand stays", () => {
    const annotations = { "liqo.io/cordon": "true", "the-catalog.io/cordoned": "true" };
    expect(only({ slices: [{ ...granted, metadata: { ...granted.metadata, annotations } }] })?.cordon).toBe(false);
    const byHand = { ...granted, metadata: { ...granted.metadata, annotations: { "liqo.io/cordon": "true" } } };
    expect(only({ slices: [byHand] })?.cordon).toBeUndefined();
  });

  test("several slices share, the older first, whatever order they come in", () => {
    const young = slice({}, { name: "a-young", creationTimestamp: "2026-02-01T00:00:00Z" });
    const grant = { cpu: 3n * U, pods: 15n * U };
    for (const slices of [
      [slice(), young],
      [young, slice()],
    ]) {
      const steps = stepsOf(observed({ slices, grant }));
      expect(steps.map(({ slice: { metadata }, decision }) => [metadata.name, decision])).toMatchObject([
        ["s", { resources: { cpu: 2n * U, pods: 10n * U } }],
        ["a-young", { resources: { cpu: U, pods: 5n * U } }],
      ]);
    }
  });

  test("a slice that waits keeps its share, and one that is being deleted too", () => {
    const old = slice({ status: undefined }, { name: "old", creationTimestamp: "2025-01-01T00:00:00Z" });
    expect(stepsOf(observed({ slices: [old, slice()] }))[0]?.decision).toMatchObject({ verdict: "Denied" });
    const leaving = slice(
      {},
      { name: "old", creationTimestamp: "2025-01-01T00:00:00Z", deletionTimestamp: "2026-01-01T00:00:00Z" },
    );
    expect(stepsOf(observed({ slices: [leaving, slice()] })).map(({ decision }) => decision.verdict)).toEqual([
      "Accepted",
      "Denied",
    ]);
  });

  test("a Quota that has outlived its slice holds what it says; the others are those of the slices", () => {
    const quota = (name: string, cpu: string): KubeObject => ({
      apiVersion: "offloading.liqo.io/v1beta1",
      kind: "Quota",
      metadata: { name, namespace: "liqo-tenant-paris" },
      spec: { user: name, resources: { cpu, pods: "4" } },
    });
    const own = quota(sliceUserOf(slice().metadata.name, "paris"), "2");
    const shareWith = (...quotas: KubeObject[]): unknown => {
      const [step] = stepsOf(observed({ slices: [granted], quotas }));
      return step?.decision.verdict === "Accepted" ? step.decision.resources : step?.decision;
    };
    expect(shareWith(own)).toMatchObject({ cpu: 2n * U, pods: 10n * U });
    expect(shareWith(own, quota(sliceUserOf("gone", "paris"), "1"))).toMatchObject({ cpu: U, pods: 6n * U });
    expect(shareWith(quota("gone", "9"))).toMatchObject({ cpu: 0n });
  });

  describe("while Liqo has not lowered the Quota of a slice that is to have less", () => {
    const quotaOf = (name: string, cpu: string): KubeObject => ({
      apiVersion: "offloading.liqo.io/v1beta1",
      kind: "Quota",
      metadata: { name: sliceUserOf(name, "paris"), namespace: "liqo-tenant-paris" },
      spec: { user: name, resources: { cpu, memory: "0", pods: "5" } },
    });
    const withStatus = (cpu: string): Partial<KubeObject> => ({
      spec: { class: "catalog", resources: { cpu: "1", pods: "5" } },
      status: {
        conditions: [AUTHENTICATED, { type: "Resources", status: "Accepted" }],
        resources: { cpu, memory: "0", pods: "5" },
      },
    });
    const shrunk = slice(withStatus("1"));
    const later = { creationTimestamp: "2026-02-01T00:00:00Z" };
    const asks2 = { spec: { class: "catalog", resources: { cpu: "2", pods: "5" } } };
    const grant = { cpu: 3n * U, memory: 0n, pods: 10n * U };
    const decided = (other: KubeObject, quota: string): unknown => {
      const steps = stepsOf(observed({ slices: [shrunk, other], quotas: [quotaOf("s", quota)], grant }));
      return steps.find(({ slice: { metadata } }) => metadata.name === other.metadata.name)?.decision;
    };

    test("another keeps what it has, is told why, and gets the rest afterwards", () => {
      const other = slice({ ...withStatus("1"), ...asks2 }, { name: "other", ...later });
      expect(decided(other, "2")).toMatchObject({
        resources: { cpu: U },
        message: expect.stringContaining("as soon as Liqo has taken it back"),
      });
      expect(decided(other, "1")).toMatchObject({ resources: { cpu: 2n * U }, message: "Granted as bought." });
    });

    test("a new one for which there is no room yet is not decided about, rather than denied", () => {
      const fresh = slice(asks2, { name: "fresh", ...later });
      expect(decided(fresh, "3")).toBeUndefined();
      expect(decided(fresh, "1")).toMatchObject({ verdict: "Accepted", resources: { cpu: 2n * U } });
    });

    test("the Quotas that are waited for are known, and only while somebody waits", () => {
      const other = slice({ ...withStatus("1"), ...asks2 }, { name: "other", ...later });
      const awaited = (quota: string, slices: readonly KubeObject[]): readonly string[] =>
        planSlices(observed({ slices, quotas: [quotaOf("s", quota)], grant })).awaitedQuotas;
      expect(awaited("2", [shrunk, other])).toEqual([`liqo-tenant-paris/${sliceUserOf("s", "paris")}`]);
      expect(awaited("1", [shrunk, other])).toEqual([]);
      expect(awaited("2", [shrunk])).toEqual([]);
    });
  });

  test("what grows is known", () => {
    const step = only({ slices: [granted] });
    expect(step && grows(step)).toBe(true); // pods: from nothing
    const same = slice({ status: { conditions: [AUTHENTICATED], resources: { cpu: "2", pods: "10" } } });
    const unchanged = only({ slices: [same] });
    expect(unchanged && grows(unchanged)).toBe(false);
    const denied = only({ grant: NOTHING });
    expect(denied && grows(denied)).toBe(false);
  });
});

test("whose a namespace is", () => {
  expect(consumerOf([tenant()], "liqo-tenant-paris")).toBe("paris");
  expect(consumerOf([tenant()], "elsewhere")).toBeUndefined();
  expect(consumerOf([tenant(), tenant({ clusterID: "milan" })], "liqo-tenant-paris")).toBeUndefined();
  expect(consumerOf([tenant({ clusterID: 7 })], "liqo-tenant-paris")).toBeUndefined();
});
