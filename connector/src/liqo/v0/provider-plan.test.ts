import { type Amounts, toAmounts } from "@catalog/schema/resource-list";
import { describe, expect, it } from "vitest";
import type { PeeringTask } from "../../services/peerings/peering-ports.js";
import { sampleContract } from "../../testing/sample-contract.js";
import type { ForeignClusterView } from "./foreign-cluster-view.js";
import { NUDGE_AFTER_MS, NUDGE_AGAIN_MS, planProvider, type ProviderObservation } from "./provider-plan.js";

const NOW = 1_700_000_000_000;
const contract = sampleContract({ contractID: "c1", state: "ACTIVE" });
const GRANT = toAmounts({ cpu: "4", memory: "8Gi" });
const ZERO = toAmounts({ cpu: "0", memory: "0" });

const open: PeeringTask = {
  side: "PROVIDER",
  peer: { fingerprint: "fp", clusterID: "cluster-paris", clusterName: "paris", liqo: { mode: "v0.8", version: null } },
  contracts: [contract],
  ending: [],
  wanted: true,
  network: false,
  isAllowed: false,
  isOtherUp: false,
  state: null,
};
const closed: PeeringTask = { ...open, contracts: [], ending: [contract], wanted: false };

function cluster(
  incoming: ForeignClusterView["incoming"],
  status: string,
  change: Partial<ForeignClusterView> = {},
): ForeignClusterView {
  return {
    name: "paris",
    uid: "uid-fc",
    clusterID: "cluster-paris",
    maker: "LIQO",
    authUrl: "https://paris.example.com",
    outgoing: "Auto",
    incoming,
    outgoingBefore: null,
    incomingBefore: null,
    tokenDigest: null,
    isDeleting: false,
    conditions: [{ type: "IncomingPeering", status, reason: "", message: "" }],
    ...change,
  };
}

function seen(
  found: ForeignClusterView | null,
  grant: Amounts = GRANT,
  offers: readonly (Amounts | null)[] = [grant],
): ProviderObservation {
  return { foreignClusters: found === null ? [] : [found], requests: [], offers, grant, now: NOW };
}

const YES = '{"metadata":{"annotations":{"catalog.liqo/incoming":"Auto"}},"spec":{"incomingPeeringEnabled":"Yes"}}';
const NO = '{"spec":{"incomingPeeringEnabled":"No"}}';
const patches = (task: PeeringTask, observation: ProviderObservation): string[] =>
  planProvider(task, observation).actions.map((action) =>
    action.kind === "patch" ? JSON.stringify(action.patch) : action.kind,
  );

describe("while a contract is in force", () => {
  it.each<[string, ForeignClusterView | null, string, string[]]>([
    ["no customer yet", null, "WAITING", []],
    ["asked, not let in", cluster("Auto", "Pending"), "CONNECTING", [YES]],
    [
      "shut out before",
      cluster("No", "None", { incomingBefore: "Auto" }),
      "WAITING",
      ['{"spec":{"incomingPeeringEnabled":"Yes"}}'],
    ],
    ["let in", cluster("Yes", "Pending", { incomingBefore: "Auto" }), "CONNECTING", []],
    ["established", cluster("Yes", "Established", { incomingBefore: "Auto" }), "ESTABLISHED", []],
    ["disconnecting", cluster("Yes", "Disconnecting"), "CONNECTING", []],
    ["failed", cluster("Yes", "Error"), "FAILED", []],
    ["being deleted", cluster("Auto", "Pending", { isDeleting: true }), "CONNECTING", []],
    ["our own, the other direction", cluster("Auto", "Pending", { maker: "CONNECTOR" }), "CONNECTING", [YES]],
    ["by hand, open", cluster("Auto", "Established", { maker: "ADMIN" }), "ESTABLISHED", []],
    ["by hand, shut", cluster("No", "None", { maker: "ADMIN" }), "FAILED", []],
  ])("%s", (_what, found, phase, actions) => {
    const plan = planProvider(open, seen(found));
    expect(plan.report.phase).toBe(phase);
    expect(patches(open, seen(found))).toEqual(actions);
    if (phase === "FAILED") expect(plan.report.whatToDo).toMatch(/\S/);
  });

  it("releases what ended beside it only when Liqo offers no more than the rest", () => {
    const task = { ...open, ending: [{ ...contract, contractID: "c0" }] };
    const at = (offers: readonly (Amounts | null)[]) =>
      planProvider(task, seen(cluster("Yes", "Established"), GRANT, offers)).report.released;
    expect(at([GRANT])).toEqual(["c0"]);
    expect(at([])).toEqual(["c0"]);
    expect(at([toAmounts({ cpu: "8", memory: "8Gi" })])).toEqual([]);
    expect(at([toAmounts({ cpu: "4", memory: "8Gi", "nvidia.com/gpu": "1" })])).toEqual([]);
    expect(at([null])).toEqual([]);
  });
});

describe("without a contract", () => {
  it.each<[string, ForeignClusterView | null, readonly (Amounts | null)[], string, string[]]>([
    ["nobody", null, [], "GONE", []],
    ["an offer that is left", null, [ZERO], "TAKING_DOWN", []],
    ["let in", cluster("Yes", "Established"), [ZERO], "TAKING_DOWN", [NO]],
    ["come back by itself", cluster("Auto", "Pending"), [], "TAKING_DOWN", [NO]],
    ["shut out, disconnecting", cluster("No", "Disconnecting"), [ZERO], "TAKING_DOWN", []],
    ["shut out", cluster("No", "None"), [], "GONE", []],
    ["being deleted", cluster("Yes", "Disconnecting", { isDeleting: true }), [ZERO], "TAKING_DOWN", []],
    ["by hand, reduced to nothing", cluster("Auto", "Established", { maker: "ADMIN" }), [ZERO], "GONE", []],
    ["by hand, not yet reduced", cluster("Auto", "Established", { maker: "ADMIN" }), [GRANT], "TAKING_DOWN", []],
  ])("%s", (_what, found, offers, phase, actions) => {
    const observation = seen(found, ZERO, offers);
    expect(planProvider(closed, observation).report.phase).toBe(phase);
    expect(patches(closed, observation)).toEqual(actions);
    expect(planProvider(closed, observation).report.released).toEqual(phase === "GONE" ? ["c1"] : []);
  });

  it("leaves the door of an allowed peer as it was, and waits until the offer is what is allowed", () => {
    const allowed = { ...closed, isAllowed: true };
    const observation = seen(cluster("Yes", "Established", { incomingBefore: "Auto" }), GRANT, [
      toAmounts({ cpu: "9", memory: "8Gi" }),
    ]);
    expect(patches(allowed, observation)).toEqual([
      '{"metadata":{"annotations":{"catalog.liqo/incoming":null}},"spec":{"incomingPeeringEnabled":"Auto"}}',
    ]);
    expect(planProvider(allowed, observation).report.released).toEqual([]);
    expect(planProvider(allowed, seen(cluster("Auto", "Established"))).report).toMatchObject({
      phase: "GONE",
      released: ["c1"],
    });
  });
});

describe("an offer that does not follow the grant", () => {
  const ref = { apiVersion: "discovery.liqo.io/v1alpha1", kind: "ResourceRequest", namespace: "t", name: "r" };
  const wrong: ProviderObservation = {
    ...seen(cluster("Yes", "Established", { incomingBefore: "Auto" }), GRANT, [ZERO]),
    requests: [{ ref, isWithdrawn: false }],
  };
  const at = (observation: ProviderObservation, state: unknown) => planProvider({ ...open, state }, observation);

  it("is noticed, touched after a while, and then once a minute at most", () => {
    const first = at(wrong, null);
    expect(first.actions).toEqual([]);
    expect(first.report.retryAfterMs).toBe(NUDGE_AFTER_MS);
    const touched = at({ ...wrong, now: NOW + NUDGE_AFTER_MS }, first.report.state);
    expect(touched.actions).toMatchObject([{ kind: "patch", ref }]);
    const soon = at({ ...wrong, now: NOW + NUDGE_AGAIN_MS }, touched.report.state);
    expect(soon.actions).toEqual([]);
    const later = at({ ...wrong, now: NOW + NUDGE_AFTER_MS + NUDGE_AGAIN_MS }, soon.report.state);
    expect(later.actions).toHaveLength(1);
    expect(JSON.stringify(later.actions)).not.toBe(JSON.stringify(touched.actions));
  });

  it("begins to count anew when the grant changes again", () => {
    const { state } = at(wrong, null).report;
    expect(at({ ...wrong, grant: toAmounts({ cpu: "5" }), now: NOW + NUDGE_AFTER_MS }, state).actions).toEqual([]);
  });

  it("does not make a changed grant wait for the touch of the one before", () => {
    const nudgedAt = NOW - 1_000;
    const first = at(wrong, { mismatch: null, nudgedAt });
    expect(first.actions).toEqual([]);
    expect(at({ ...wrong, now: NOW + NUDGE_AFTER_MS }, first.report.state).actions).toHaveLength(1);
  });

  it.each<[string, Partial<ProviderObservation>]>([
    ["the same", { offers: [GRANT] }],
    ["the same in two pools", { offers: [toAmounts({ cpu: "1", memory: "8Gi" }), toAmounts({ cpu: "3" })] }],
    ["without a request", { requests: [] }],
    ["with a withdrawn request", { requests: [{ ref, isWithdrawn: true }] }],
    ["of nobody who is in", { foreignClusters: [cluster("Yes", "None")] }],
  ])("is none if it is %s", (_what, change) => {
    expect(at({ ...wrong, ...change }, null).report).toMatchObject({ state: { mismatch: null, nudgedAt: null } });
  });
});
