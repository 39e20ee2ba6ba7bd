import { formatAmount, resourceName, resourceOrder } from "../../../lib/format/quantity.ts";
import { sayState, type Tone } from "../../../lib/format/words.ts";
import type { FederationEdge, FederationNode, FederationShown } from "../documents.ts";

/** What somebody is to this cluster. */
export type PartyKind = "broker" | "provider" | "customer";

/** One line of the map: somebody, and what ties this cluster to them. Who both buys and sells is there twice. */
export interface Party {
  readonly key: string;
  readonly kind: PartyKind;
  readonly name: string;
  /** The page of it. */
  readonly href: string;
  readonly contracts: number;
  readonly resources: FederationEdge["resources"];
  /** The worse of how they and the tie are doing. */
  readonly health: FederationNode["health"];
  /** The same in words: "Peered", "Peering failed". */
  readonly state: { readonly text: string; readonly tone: Tone };
}

const KINDS: Readonly<Record<FederationEdge["kind"], PartyKind>> = {
  MEMBERSHIP: "broker",
  PURCHASE: "provider",
  SALE: "customer",
};
const WORSE: readonly FederationNode["health"][] = ["OK", "DEGRADED", "AWAY"];
const KIND_WORDS: Readonly<Record<PartyKind, string>> = {
  broker: "Broker",
  provider: "Provider",
  customer: "Customer",
};

/** Everybody around this cluster, by name. */
export function partiesOf({ nodes, edges }: FederationShown): readonly Party[] {
  const byID = new Map(nodes.map((node) => [node.id, node]));
  const self = nodes.find(({ kind }) => kind === "SELF")?.id;
  return edges
    .flatMap((edge) => {
      const other = byID.get(edge.from === self ? edge.to : edge.from);
      return other === undefined ? [] : [partyOf(edge, other)];
    })
    .sort((a, b) => a.name.localeCompare(b.name) || (a.key < b.key ? -1 : 1));
}

/** "Provider", "Customer" or "Broker". */
export function sayKind(kind: PartyKind): string {
  return KIND_WORDS[kind];
}

/** "2 contracts · 4 CPU, 16 Gi Memory"; empty for a Broker. */
export function sayTrade({ kind, contracts, resources }: Party, most = 3): string {
  if (kind === "broker") return "";
  const names = Object.keys(resources).sort(resourceOrder).slice(0, most);
  const amounts = names.map((name) => `${formatAmount(name, resources[name] ?? "")} ${resourceName(name)}`);
  const count = `${contracts} ${contracts === 1 ? "contract" : "contracts"}`;
  return [count, amounts.join(", ")].filter((part) => part !== "").join(" · ");
}

/** Everything about a party in a sentence, for who does not see the map. */
export function sayParty(party: Party): string {
  return [party.name, sayKind(party.kind), sayTrade(party), party.state.text].filter((part) => part !== "").join(", ");
}

function partyOf(edge: FederationEdge, other: FederationNode): Party {
  const kind = KINDS[edge.kind];
  const role = kind === "provider" ? "BUYER" : "SELLER";
  return {
    key: edge.id,
    kind,
    name: other.name,
    href: kind === "broker" ? "/brokers" : `/contracts?role=${role}&peer=${encodeURIComponent(other.id)}`,
    contracts: edge.contracts,
    resources: edge.resources,
    health: worse(edge.health, other.health),
    state: stateOf(edge, other),
  };
}

function stateOf(edge: FederationEdge, other: FederationNode): Party["state"] {
  if (edge.kind === "MEMBERSHIP") {
    if (other.health === "AWAY") return { text: "Away", tone: "bad" };
    return edge.health === "OK" ? { text: "Connected", tone: "good" } : { text: "Not publishing", tone: "wait" };
  }
  if (edge.peeringPhase === "FAILED") return { text: "Peering failed", tone: "bad" };
  if (other.health === "AWAY") return { text: "Cluster away", tone: "bad" };
  if (edge.peeringPhase === null) return { text: "Not peered", tone: "plain" };
  const { text, tone } = sayState(edge.peeringPhase);
  return { text: edge.peeringPhase === "ESTABLISHED" ? text : `Peering: ${text.toLowerCase()}`, tone };
}

function worse(a: FederationNode["health"], b: FederationNode["health"]): FederationNode["health"] {
  return WORSE.indexOf(a) >= WORSE.indexOf(b) ? a : b;
}
