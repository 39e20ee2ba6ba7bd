import { expect, it } from "vitest";
import type { PeeringSide, PeeringTask } from "../../services/peerings/peering-ports.js";
import { sampleContract } from "../../testing/sample-contract.js";
import { DISCOVERY_TYPE_LABEL, FOREIGN_CLUSTER, INCOMING_DISCOVERY } from "../forge/foreign-cluster.js";
import type { KubeObject } from "../kube/kube-api.js";
import { merge } from "../testing/fake-kube.js";
import type { CustomerObservation, TokenView } from "./customer-observation.js";
import { planCustomer } from "./customer-plan.js";
import { viewOf } from "./foreign-cluster-view.js";
import type { PeeringAction } from "./peering-action.js";
import { planProvider } from "./provider-plan.js";

/** One cluster that buys from a peer and sells to it: one ForeignCluster serves both. Everything that the next step depends on. */
interface Here {
  readonly cluster: KubeObject | null;
  readonly hasToken: boolean;
  /** Our request at the peer, and the peer's here. */
  readonly isAsking: boolean;
  readonly isAsked: boolean;
  readonly buys: boolean;
  readonly sells: boolean;
  /** What a side has decided by what it saw, and has not written yet. */
  readonly customer: readonly PeeringAction[];
  readonly provider: readonly PeeringAction[];
  readonly made: number;
}

const PEER = { clusterID: "id-of-milan", clusterName: "milan" };
const BOUGHT = sampleContract({ contractID: "bought", state: "ACTIVE", activatedAt: 1 });
const SOLD = sampleContract({ contractID: "sold", state: "ACTIVE", activatedAt: 1 });
const TOKEN: TokenView = {
  isOwned: true,
  uid: "uid-token",
  isDeleting: false,
  contractID: "bought",
  authUrl: "https://milan.example.com",
  clusterName: "milan",
  digest: "d1",
};
const START: Here = {
  cluster: null,
  hasToken: false,
  isAsking: false,
  isAsked: false,
  buys: true,
  sells: true,
  customer: [],
  provider: [],
  made: 0,
};

function task(side: PeeringSide, isInForce: boolean): PeeringTask {
  const contract = side === "CUSTOMER" ? BOUGHT : SOLD;
  return {
    side,
    peer: { fingerprint: "fp", ...PEER, liqo: { mode: "v0.8", version: null } },
    contracts: isInForce ? [contract] : [],
    ending: isInForce ? [] : [contract],
    wanted: isInForce,
    network: false,
    isAllowed: false,
    isOtherUp: false,
    state: null,
  };
}

function planOf(side: PeeringSide, here: Here): readonly PeeringAction[] {
  const foreignClusters = here.cluster === null ? [] : [viewOf(here.cluster)];
  if (side === "PROVIDER") {
    const offers = statusOf(here, "IncomingPeering") === "Established" ? [{}] : [];
    const seen = { foreignClusters, requests: [], offers, grant: {}, now: 0 };
    return planProvider(task(side, here.sells), seen).actions;
  }
  const seen: CustomerObservation = {
    liqoNamespace: "liqo",
    own: { clusterID: "id-of-rome", authUrl: "https://rome.example.com", problem: null },
    foreignClusters,
    token: here.hasToken ? TOKEN : null,
    node: "READY",
    materialFailure: null,
    now: 0,
  };
  return planCustomer(task(side, here.buys), seen).actions;
}

function statusOf({ cluster }: Here, type: string): string {
  return (cluster && viewOf(cluster).conditions.find((one) => one.type === type)?.status) ?? "None";
}

function withStatus(here: Here, type: string, status: string): Here {
  const { cluster } = here;
  if (cluster === null || statusOf(here, type) === status) return here;
  const others = viewOf(cluster).conditions.filter((one) => one.type !== type);
  const peeringConditions = [...others, { type, status, reason: "", message: "" }];
  return { ...here, cluster: { ...cluster, status: { peeringConditions } } };
}

function withCluster(here: Here, object: KubeObject): Here {
  // Every one is another object, and the number of states stays finite.
  const made = (here.made + 1) % 4;
  return { ...here, made, cluster: { ...object, metadata: { ...object.metadata, uid: `uid-${made}` } } };
}

/** One write; what was changed by somebody else meanwhile is found at the next look. */
function written(here: Here, action: PeeringAction): Here {
  const { cluster } = here;
  switch (action.kind) {
    case "fetch-material":
      return { ...here, hasToken: true };
    case "ask-for-new-identity":
      return here;
    case "create":
      return cluster === null ? withCluster(here, action.object) : here;
    case "patch":
      return cluster === null ? here : { ...here, cluster: merge(cluster, action.patch) as KubeObject };
    case "remove":
      if (action.ref.kind === "Secret") return { ...here, hasToken: false };
      return cluster?.metadata.uid === action.uid ? { ...here, cluster: null } : here;
  }
}

function side(name: "customer" | "provider"): (here: Here) => Here {
  return (here) => {
    const [next, ...rest] = here[name];
    if (next !== undefined) return { ...written(here, next), [name]: rest };
    return { ...here, [name]: planOf(name === "customer" ? "CUSTOMER" : "PROVIDER", here) };
  };
}

/** What Liqo does, each of its controllers for itself. */
const LIQO: readonly ((here: Here) => Here)[] = [
  (here) => {
    const isWanted = here.cluster !== null && viewOf(here.cluster).outgoing === "Yes";
    if (isWanted) return withStatus({ ...here, isAsking: true }, "OutgoingPeering", "Established");
    if (here.cluster === null) return here;
    if (!here.isAsking) return withStatus(here, "OutgoingPeering", "None");
    if (statusOf(here, "OutgoingPeering") !== "Disconnecting")
      return withStatus(here, "OutgoingPeering", "Disconnecting");
    return withStatus({ ...here, isAsking: false }, "OutgoingPeering", "None");
  },
  (here) => {
    if (!here.isAsked) return withStatus(here, "IncomingPeering", "None");
    if (here.cluster === null)
      return withCluster(here, {
        ...FOREIGN_CLUSTER,
        metadata: { name: "milan", labels: { [DISCOVERY_TYPE_LABEL]: INCOMING_DISCOVERY } },
        spec: { clusterIdentity: PEER, outgoingPeeringEnabled: "Auto", incomingPeeringEnabled: "Auto" },
      });
    const { incoming } = viewOf(here.cluster);
    return withStatus(
      here,
      "IncomingPeering",
      incoming === "Yes" ? "Established" : incoming === "No" ? "None" : "Pending",
    );
  },
  (here) => {
    const isLiqos = here.cluster?.metadata.labels?.[DISCOVERY_TYPE_LABEL] === INCOMING_DISCOVERY;
    const isUsed = ["OutgoingPeering", "IncomingPeering"].some((type) => statusOf(here, type) !== "None");
    return isLiqos && !isUsed && !here.isAsked ? { ...here, cluster: null } : here;
  },
];

const MOVES: readonly ((here: Here) => Here)[] = [
  side("customer"),
  side("provider"),
  ...LIQO,
  (here) => ({ ...here, buys: false }),
  (here) => ({ ...here, sells: false }),
  // The peer's half: it asks while it may, and lets go some time after its contract has ended.
  (here) => (here.sells ? { ...here, isAsked: true } : here),
  (here) => (here.sells ? here : { ...here, isAsked: false }),
];

/** Every state that any order of the moves leads to, with those that follow it. */
function explore(start: Here): ReadonlyMap<string, readonly string[]> {
  const known = new Map<string, readonly string[]>();
  const open = [start];
  for (let here = open.pop(); here !== undefined; here = open.pop()) {
    const key = JSON.stringify(here);
    if (known.has(key)) continue;
    const next = MOVES.map((move) => move(here));
    known.set(
      key,
      [...new Set(next.map((one) => JSON.stringify(one)))].filter((one) => one !== key),
    );
    open.push(...next);
  }
  return known;
}

/** The states from which one of `goals` can be reached. */
function leadingTo(goals: ReadonlySet<string>, states: ReadonlyMap<string, readonly string[]>): ReadonlySet<string> {
  const before = new Map<string, string[]>();
  for (const [key, next] of states)
    for (const one of next) {
      const known = before.get(one);
      if (known === undefined) before.set(one, [key]);
      else known.push(key);
    }
  const found = new Set(goals);
  for (const key of found) for (const one of before.get(key) ?? []) found.add(one);
  return found;
}

it("leaves nothing of two directions that share a ForeignCluster, whatever ends first and whoever is faster", () => {
  const states = explore(START);
  const isClean = ({ cluster, hasToken, isAsking }: Here): boolean => cluster === null && !hasToken && !isAsking;
  const ended = [...states].filter(([, next]) => next.length === 0).map(([key]) => JSON.parse(key) as Here);
  expect(ended.length).toBeGreaterThan(0);
  expect(ended.filter((here) => !isClean(here))).toEqual([]);

  const saved = leadingTo(new Set(ended.map((here) => JSON.stringify(here))), states);
  expect([...states.keys()].filter((key) => !saved.has(key))).toEqual([]);
  expect(states.size).toBeGreaterThan(200);
});
