import { formatQuantity } from "@catalog/schema/quantity";
import { addAmounts, scaleAmounts, toAmounts, type Amounts, type ResourceList } from "@catalog/schema/resource-list";
import { planOf, type Contract } from "../../domain/contract.js";
import type { BrokerState } from "../brokers/broker.service.js";
import type { PeeringPhase } from "../peerings/peering-ports.js";
import type { PeeringView } from "../peerings/peering.service.js";

export const FEDERATION_NODE_KINDS = ["SELF", "BROKER", "CLUSTER"] as const;
export type FederationNodeKind = (typeof FEDERATION_NODE_KINDS)[number];

export const FEDERATION_EDGE_KINDS = ["MEMBERSHIP", "PURCHASE", "SALE"] as const;
export type FederationEdgeKind = (typeof FEDERATION_EDGE_KINDS)[number];

export const FEDERATION_HEALTHS = ["OK", "DEGRADED", "AWAY"] as const;
export type FederationHealth = (typeof FEDERATION_HEALTHS)[number];

export interface FederationNode {
  /** Key fingerprint. */
  readonly id: string;
  readonly kind: FederationNodeKind;
  readonly name: string;
  /** Null for Brokers, and for this cluster while it is not known. */
  readonly clusterID: string | null;
  readonly health: FederationHealth;
}

export interface FederationEdge {
  readonly id: string;
  readonly kind: FederationEdgeKind;
  readonly from: string;
  readonly to: string;
  /** Contracts in force behind it. */
  readonly contracts: number;
  /** What they give together. */
  readonly resources: ResourceList;
  readonly health: FederationHealth;
  readonly peeringPhase: PeeringPhase | null;
}

export interface Federation {
  readonly nodes: readonly FederationNode[];
  readonly edges: readonly FederationEdge[];
}

/** What the map is drawn from. */
export interface FederationFacts {
  readonly self: { readonly fingerprint: string; readonly name: string; readonly clusterID: string | null };
  readonly brokers: readonly BrokerState[];
  /** In force. */
  readonly contracts: readonly Contract[];
  readonly peerings: readonly PeeringView[];
  /** Whether a Broker has seen this cluster alive lately. */
  readonly isAlive: (fingerprint: string) => boolean;
}

/** This cluster, its Brokers, and those with whom contracts are in force; resources flow from `from` to `to`. */
export function federationOf(facts: FederationFacts): Federation {
  const groups = new Map<string, Contract[]>();
  for (const contract of facts.contracts) {
    const key = `${contract.role} ${contract.counterparty}`;
    groups.set(key, [...(groups.get(key) ?? []), contract]);
  }
  const trades = [...groups.values()].map((contracts) => tradeOf(facts, contracts));
  const { fingerprint, name, clusterID } = facts.self;
  const clusters = new Map(trades.map(({ node }) => [node.id, node]));
  return {
    nodes: [
      { id: fingerprint, kind: "SELF", name, clusterID, health: "OK" },
      ...facts.brokers.map(brokerNode),
      ...clusters.values(),
    ],
    edges: [...facts.brokers.map((state) => membership(fingerprint, state)), ...trades.map(({ edge }) => edge)],
  };
}

function brokerNode({ broker, health }: BrokerState): FederationNode {
  const { brokerID, brokerName, isSubscribed } = broker;
  const isOff = !isSubscribed || !health.isConnected;
  return { id: brokerID, kind: "BROKER", name: brokerName, clusterID: null, health: isOff ? "AWAY" : "OK" };
}

function membership(self: string, { broker, health }: BrokerState): FederationEdge {
  const { brokerID, membership: standing } = broker;
  const present = standing === "PENDING" || health.publishError !== null ? "DEGRADED" : "OK";
  return {
    id: `MEMBERSHIP ${brokerID}`,
    kind: "MEMBERSHIP",
    from: self,
    to: brokerID,
    contracts: 0,
    resources: {},
    health: health.isConnected ? present : "AWAY",
    peeringPhase: null,
  };
}

/** @param contracts of one role with one counterparty; one at least. */
function tradeOf(
  facts: FederationFacts,
  contracts: readonly Contract[],
): { node: FederationNode; edge: FederationEdge } {
  const [{ role, counterparty, seller, buyer }] = contracts as readonly [Contract, ...Contract[]];
  const isSale = role === "SELLER";
  const party = isSale ? buyer : seller;
  const { fingerprint: self } = facts.self;
  const peering = peeringWith(facts.peerings, counterparty, isSale);
  const phase = peering?.peering.report?.phase ?? null;
  const node: FederationNode = {
    id: counterparty,
    kind: "CLUSTER",
    name: party.prettyName,
    clusterID: party.clusterID,
    health: facts.isAlive(counterparty) ? "OK" : "AWAY",
  };
  const edge: FederationEdge = {
    id: `${isSale ? "SALE" : "PURCHASE"} ${counterparty}`,
    kind: isSale ? "SALE" : "PURCHASE",
    from: isSale ? self : counterparty,
    to: isSale ? counterparty : self,
    contracts: contracts.length,
    resources: resourcesOf(contracts),
    health: healthOf(phase),
    peeringPhase: phase,
  };
  return { node, edge };
}

function peeringWith(peerings: readonly PeeringView[], fingerprint: string, isSale: boolean): PeeringView | undefined {
  const side = isSale ? "PROVIDER" : "CUSTOMER";
  return peerings.find(({ peering }) => peering.side === side && peering.peer.fingerprint === fingerprint);
}

function healthOf(phase: PeeringPhase | null): FederationHealth {
  if (phase === "FAILED") return "AWAY";
  return phase === "ESTABLISHED" ? "OK" : "DEGRADED";
}

function resourcesOf(contracts: readonly Contract[]): ResourceList {
  const total = contracts.reduce<Amounts>((sum, contract) => {
    const plan = planOf(contract);
    return plan === undefined ? sum : addAmounts(sum, scaleAmounts(toAmounts(plan.resources), contract.request.units));
  }, {});
  return Object.fromEntries(
    Object.entries(total).map(([name, amount]) => [name, formatQuantity(amount, isBytes(name) ? "binary" : "decimal")]),
  );
}

function isBytes(name: string): boolean {
  return name === "memory" || name.endsWith("storage") || name.startsWith("hugepages-");
}
