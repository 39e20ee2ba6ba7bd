import { describe, expect, it } from "vitest";
import type { PeeringCondition, PeeringTask } from "../../services/peerings/peering-ports.js";
import { sampleContract } from "../../testing/sample-contract.js";
import type { CustomerObservation, TokenView } from "./customer-observation.js";
import { planCustomer } from "./customer-plan.js";
import type { ForeignClusterView } from "./foreign-cluster-view.js";
import type { PeeringPlan } from "./peering-action.js";

const NOW = 1_700_000_000_000;
const contract = sampleContract({ contractID: "c1", state: "ACTIVE", activatedAt: 1 });

const up: PeeringTask = {
  side: "CUSTOMER",
  peer: { fingerprint: "fp", clusterID: "cluster-turin", clusterName: "turin", liqo: { mode: "v0.8", version: null } },
  contracts: [contract],
  ending: [],
  wanted: true,
  network: false,
  isAllowed: false,
  isOtherUp: false,
  state: null,
};
const down: PeeringTask = { ...up, contracts: [], ending: [contract], wanted: false };

const token: TokenView = {
  isOwned: true,
  uid: "uid-token",
  isDeleting: false,
  contractID: "c1",
  authUrl: "https://turin.example.com",
  clusterName: "turin",
  digest: "d1",
};

const cluster: ForeignClusterView = {
  name: "turin",
  uid: "uid-fc",
  clusterID: "cluster-turin",
  maker: "CONNECTOR",
  authUrl: "https://turin.example.com",
  outgoing: "Yes",
  incoming: "Auto",
  outgoingBefore: null,
  incomingBefore: null,
  tokenDigest: "d1",
  isDeleting: false,
  conditions: [],
};

const seen: CustomerObservation = {
  liqoNamespace: "liqo",
  own: { clusterID: "cluster-paris", authUrl: "https://paris.example.com", problem: null },
  foreignClusters: [],
  token: null,
  node: "ABSENT",
  materialFailure: null,
  now: NOW,
};

function condition(type: string, status: string, reason = "", message = ""): PeeringCondition {
  return { type, status, reason, message };
}

/** The actions in short: what is done to what, with what. */
function short({ actions }: PeeringPlan): string[] {
  return actions.map((action) => {
    switch (action.kind) {
      case "create":
        return `create ${action.object.metadata.name}`;
      case "patch":
        return `patch ${action.ref.name} ${JSON.stringify(action.patch)}`;
      case "remove":
        return `remove ${action.ref.name} ${action.uid}`;
      case "fetch-material":
      case "ask-for-new-identity":
        return `${action.kind} ${action.contract.contractID}`;
    }
  });
}

const withCluster = (
  change: Partial<ForeignClusterView>,
  more: Partial<CustomerObservation> = {},
): CustomerObservation => ({
  ...seen,
  token,
  foreignClusters: [{ ...cluster, ...change }],
  ...more,
});

describe("on the way up", () => {
  it.each<[string, Partial<PeeringTask>, CustomerObservation, string, string[]]>([
    ["nothing yet", {}, seen, "CONNECTING", ["fetch-material c1"]],
    [
      "no own address",
      {},
      { ...seen, own: { ...seen.own, authUrl: null, problem: { message: "none", whatToDo: "make one" } } },
      "WAITING",
      [],
    ],
    ["own cluster id", {}, { ...seen, own: { ...seen.own, clusterID: "cluster-turin" } }, "FAILED", []],
    ["a token", {}, { ...seen, token }, "CONNECTING", ["create turin"]],
    [
      "a token that was emptied",
      {},
      { ...seen, token: { ...token, digest: null } },
      "CONNECTING",
      ["fetch-material c1"],
    ],
    ["a token that is being deleted", {}, { ...seen, token: { ...token, isDeleting: true } }, "CONNECTING", []],
    ["a token by hand", {}, { ...seen, token: { ...token, isOwned: false } }, "FAILED", []],
    [
      "the provider away",
      {},
      { ...seen, materialFailure: { message: "away", whatToDo: "wait", isDefinitive: false } },
      "WAITING",
      [],
    ],
    [
      "the provider lying",
      {},
      { ...seen, materialFailure: { message: "lie", whatToDo: "ask", isDefinitive: true } },
      "FAILED",
      [],
    ],
    [
      "another peer with that name",
      {},
      { ...seen, token, foreignClusters: [{ ...cluster, clusterID: "x" }] },
      "CONNECTING",
      ["create turin-cluster-turin"],
    ],
    ["as wanted, no conditions", {}, withCluster({}), "CONNECTING", []],
    ["being deleted", {}, withCluster({ isDeleting: true }), "CONNECTING", []],
    [
      "established, no node",
      {},
      withCluster({ conditions: [condition("OutgoingPeering", "Established")] }),
      "CONNECTING",
      [],
    ],
    [
      "established, node not ready",
      {},
      withCluster({ conditions: [condition("OutgoingPeering", "Established")] }, { node: "NOT_READY" }),
      "CONNECTING",
      [],
    ],
    [
      "established and ready",
      {},
      withCluster({ conditions: [condition("OutgoingPeering", "Established")] }, { node: "READY" }),
      "ESTABLISHED",
      [],
    ],
    [
      "established, nodes unknown",
      {},
      withCluster({ conditions: [condition("OutgoingPeering", "Established")] }, { node: "UNKNOWN" }),
      "ESTABLISHED",
      [],
    ],
    [
      "established though the own address is gone",
      {},
      withCluster(
        { conditions: [condition("OutgoingPeering", "Established")] },
        { node: "READY", own: { ...seen.own, authUrl: null } },
      ),
      "ESTABLISHED",
      [],
    ],
    [
      "pending",
      {},
      withCluster({ conditions: [condition("OutgoingPeering", "Pending", "ResourceRequestPending")] }),
      "CONNECTING",
      [],
    ],
    ["failed", {}, withCluster({ conditions: [condition("OutgoingPeering", "Error", "x", "y")] }), "FAILED", []],
    [
      "not processed",
      {},
      withCluster({ conditions: [condition("ProcessForeignClusterStatus", "Error", "ClusterIDRepetition")] }),
      "FAILED",
      [],
    ],
    [
      "login refused",
      {},
      withCluster({ conditions: [condition("AuthenticationStatus", "Error", "IdentityError")] }),
      "CONNECTING",
      ["fetch-material c1"],
    ],
    [
      "login refused, asked just now",
      { state: { materialAt: NOW - 1_000 } },
      withCluster({ conditions: [condition("AuthenticationStatus", "Error")] }),
      "CONNECTING",
      [],
    ],
    [
      "identity lost",
      {},
      withCluster({
        conditions: [condition("AuthenticationStatus", "Error", "", "stored and provided CSR do not match")],
      }),
      "CONNECTING",
      ["ask-for-new-identity c1"],
    ],
    [
      "identity lost, asked just now",
      { state: { identityAskedAt: NOW - 1 } },
      withCluster({
        conditions: [condition("AuthenticationStatus", "Error", "", "stored and the provided CSR do not match")],
      }),
      "CONNECTING",
      [],
    ],
    [
      "token of an ended contract",
      {},
      withCluster({}, { token: { ...token, contractID: "c0" } }),
      "CONNECTING",
      ["fetch-material c1"],
    ],
    [
      "switched off by hand",
      {},
      withCluster({ outgoing: "No" }),
      "CONNECTING",
      [
        'patch turin {"metadata":{"labels":{"discovery.liqo.io/cluster-id":"cluster-turin","catalog.liqo/token-digest":"d1"}},"spec":{"foreignAuthUrl":"https://turin.example.com","outgoingPeeringEnabled":"Yes"}}',
      ],
    ],
    [
      "made by Liqo",
      {},
      withCluster({ maker: "LIQO", outgoing: "Auto", tokenDigest: null }),
      "CONNECTING",
      [
        'patch turin {"metadata":{"labels":{"discovery.liqo.io/cluster-id":"cluster-turin","catalog.liqo/token-digest":"d1"},"annotations":{"catalog.liqo/outgoing":"Auto"}},"spec":{"foreignAuthUrl":"https://turin.example.com","outgoingPeeringEnabled":"Yes"}}',
      ],
    ],
    [
      "made by hand, established",
      {},
      withCluster({ maker: "ADMIN", conditions: [condition("OutgoingPeering", "Established")] }, { node: "READY" }),
      "ESTABLISHED",
      [],
    ],
    ["made by hand, not established", {}, withCluster({ maker: "ADMIN", outgoing: "No" }), "WAITING", []],
    ["a cluster id that is no name", { peer: { ...up.peer, clusterID: "Turin_1" } }, seen, "FAILED", []],
    ["a cluster name that is no name", { peer: { ...up.peer, clusterName: "../turin" } }, seen, "FAILED", []],
  ])("%s", (_what, change, observation, phase, actions) => {
    const plan = planCustomer({ ...up, ...change }, observation);
    expect(plan.report.phase).toBe(phase);
    expect(short(plan)).toEqual(actions);
    expect(plan.report.message).toMatch(/\S/);
    if (phase === "FAILED") expect(plan.report.whatToDo).toMatch(/\S/);
  });

  it("asks under the contract that was activated last, and remembers when", () => {
    const older = { ...contract, contractID: "c9" };
    const newer = { ...contract, contractID: "c2", activatedAt: 2 };
    const plan = planCustomer({ ...up, contracts: [older, newer, contract] }, seen);
    expect(short(plan)).toEqual(["fetch-material c2"]);
    expect(plan.report.state).toEqual({ materialAt: NOW, identityAskedAt: null });
  });

  it("releases at once what ended beside a contract that goes on", () => {
    expect(planCustomer({ ...up, ending: [{ ...contract, contractID: "c0" }] }, seen).report.released).toEqual(["c0"]);
  });

  it("takes a stored state of any shape for an empty one", () => {
    for (const state of [undefined, 7, "x", [], { materialAt: "soon" }, { materialAt: Number.NaN }])
      expect(short(planCustomer({ ...up, state }, seen))).toEqual(["fetch-material c1"]);
  });
});

describe("on the way down", () => {
  const out = (status: string, incoming = "None") => [
    condition("OutgoingPeering", status),
    condition("IncomingPeering", incoming),
  ];
  it.each<[string, CustomerObservation, string, string[]]>([
    ["nothing there", seen, "GONE", []],
    [
      "still reaching out",
      withCluster({ conditions: out("Established") }),
      "TAKING_DOWN",
      ['patch turin {"spec":{"outgoingPeeringEnabled":"No"}}'],
    ],
    ["disconnecting", withCluster({ outgoing: "No", conditions: out("Disconnecting") }), "TAKING_DOWN", []],
    ["disconnected", withCluster({ outgoing: "No", conditions: out("None") }), "TAKING_DOWN", ["remove turin uid-fc"]],
    ["never connected", withCluster({ outgoing: "No" }), "TAKING_DOWN", ["remove turin uid-fc"]],
    ["being removed", withCluster({ outgoing: "No", isDeleting: true }), "TAKING_DOWN", []],
    [
      "used in the other direction",
      withCluster({ outgoing: "No", conditions: out("None", "Established") }),
      "TAKING_DOWN",
      [
        'patch turin {"metadata":{"labels":{"discovery.liqo.io/discovery-type":"IncomingPeering","catalog.liqo/owner":null,"catalog.liqo/token-digest":null},"annotations":{"catalog.liqo/contract":null}}}',
      ],
    ],
    [
      "Liqo's own",
      withCluster({ maker: "LIQO", outgoing: "No", outgoingBefore: "Auto", conditions: out("None", "Established") }),
      "TAKING_DOWN",
      [
        'patch turin {"metadata":{"labels":{"catalog.liqo/token-digest":null},"annotations":{"catalog.liqo/outgoing":null}},"spec":{"outgoingPeeringEnabled":"Auto"}}',
      ],
    ],
    ["Liqo's own, never used", withCluster({ maker: "LIQO" }, { token: null }), "GONE", []],
    ["made by hand", withCluster({ maker: "ADMIN", conditions: out("Established") }, { token: null }), "GONE", []],
    ["only the token left", { ...seen, token }, "TAKING_DOWN", ["remove remote-token-cluster-turin uid-token"]],
    ["the token being removed", { ...seen, token: { ...token, isDeleting: true } }, "TAKING_DOWN", []],
    ["a token by hand", { ...seen, token: { ...token, isOwned: false } }, "GONE", []],
  ])("%s", (_what, observation, phase, actions) => {
    const plan = planCustomer(down, observation);
    expect(plan.report.phase).toBe(phase);
    expect(short(plan)).toEqual(actions);
    expect(plan.report.released).toEqual(phase === "GONE" ? ["c1"] : []);
  });

  it("comes down when the admin does not want it, though a contract entitles to it", () => {
    expect(short(planCustomer({ ...up, wanted: false }, withCluster({})))).toEqual([
      'patch turin {"spec":{"outgoingPeeringEnabled":"No"}}',
    ]);
  });
});
