import { type Amounts, addAmounts, amountOf } from "@catalog/schema/resource-list";

/** A pod on bought or sold resources. */
export interface UsingPod {
  readonly namespace: string;
  readonly name: string;
  /** The virtual node at the customer, a node of its own at the provider. */
  readonly node: string;
  /** What the scheduler counts for it; canonical Kubernetes names. */
  readonly requests: Amounts;
}

/** A volume whose data is at the provider. */
export interface UsingVolume {
  readonly namespace: string;
  /** Of the claim. */
  readonly name: string;
  readonly storageClass: string | null;
  /** Quantity that is claimed; null if the claim names none. */
  readonly size: string | null;
}

/** A service with endpoints on the provider's resources. */
export interface UsingService {
  readonly namespace: string;
  readonly name: string;
  readonly endpoints: number;
  /** Endpoints elsewhere, which go on. */
  readonly otherEndpoints: number;
}

/** Everything that runs on the resources of one peer. */
export interface PeerUsage {
  readonly pods: readonly UsingPod[];
  readonly volumes: readonly UsingVolume[];
  readonly services: readonly UsingService[];
}

/** A namespace that is bound to the contract. */
export interface BoundNamespace {
  readonly namespace: string;
  /** Other contracts that it is offloaded through, and that go on. */
  readonly otherContractIDs: readonly string[];
}

/** Everything that decides what the end of a contract would leave. */
export interface EndFacts {
  readonly contractID: string;
  readonly role: "BUYER" | "SELLER";
  /** Name of the other party, for people. */
  readonly partyName: string;
  /** False for a contract that gives nothing (any more). */
  readonly isInForce: boolean;
  /** Null where nobody can look. */
  readonly usage: PeerUsage | null;
  readonly namespaces: readonly BoundNamespace[];
  /** Other contracts in force with the same party, and what they give together. */
  readonly others: readonly { readonly contractID: string; readonly gives: Amounts }[];
}

/** A list that shows its beginning, and how long it is in all. */
export interface Bounded<T> {
  readonly total: number;
  readonly items: readonly T[];
}

/** What would be left or lost if the contract ended now. */
export interface EndRehearsal {
  readonly contractID: string;
  readonly role: "BUYER" | "SELLER";
  /** False where the cluster could not be looked at: the lists of pods, volumes and services say nothing then. */
  readonly isLooked: boolean;
  readonly message: string;
  readonly whatToDo: string | null;
  /** Other contracts with the same party: the peering stays while one is in force. */
  readonly otherContractIDs: readonly string[];
  /** What the pods ask for now. */
  readonly inUse: Amounts;
  /** What the other contracts give. */
  readonly remaining: Amounts;
  /** What is asked for beyond that. */
  readonly excess: Amounts;
  readonly pods: Bounded<UsingPod>;
  readonly volumes: Bounded<UsingVolume>;
  readonly services: Bounded<UsingService>;
  readonly namespaces: Bounded<BoundNamespace>;
}

/** How many entries of each list are shown. */
export const REHEARSAL_ENTRIES = 100;

const NOTHING: PeerUsage = { pods: [], volumes: [], services: [] };

/** Says what the end of a contract would leave. */
export function rehearseEnd(facts: EndFacts): EndRehearsal {
  const { pods, volumes, services } = facts.usage ?? NOTHING;
  const inUse = pods.map((pod) => pod.requests).reduce(addAmounts, {});
  const remaining = facts.others.map((other) => other.gives).reduce(addAmounts, {});
  const excess = beyond(inUse, remaining);
  return {
    contractID: facts.contractID,
    role: facts.role,
    isLooked: facts.usage !== null,
    ...told(facts, Object.keys(excess)),
    otherContractIDs: facts.others.map((other) => other.contractID),
    inUse,
    remaining,
    excess,
    pods: bounded(pods),
    volumes: bounded(volumes),
    services: bounded(services),
    namespaces: bounded(facts.namespaces),
  };
}

/** What of `use` is not covered; names that are covered are left out. */
function beyond(use: Amounts, have: Amounts): Amounts {
  const over = Object.entries(use).map(([name, amount]) => [name, amount - amountOf(have, name)] as const);
  return Object.fromEntries(over.filter(([, amount]) => amount > 0n));
}

function bounded<T extends { readonly namespace: string; readonly name?: string }>(all: readonly T[]): Bounded<T> {
  const key = ({ namespace, name = "" }: T): string => `${namespace}/${name}`;
  const sorted = [...all].sort((a, b) => (key(a) < key(b) ? -1 : key(a) > key(b) ? 1 : 0));
  return { total: all.length, items: sorted.slice(0, REHEARSAL_ENTRIES) };
}

type Told = Pick<EndRehearsal, "message" | "whatToDo">;

function told(facts: EndFacts, excessNames: readonly string[]): Told {
  const { contractID, partyName, usage, others, role } = facts;
  if (!facts.isInForce)
    return { message: `Contract ${contractID} is not in force: its end takes nothing away.`, whatToDo: null };
  if (usage === null)
    return {
      message: "This Connector does not see into the cluster (LIQO_MODE=manual), so it cannot say what runs there.",
      whatToDo: handwork(role),
    };
  const count = [counted(usage.pods, "pod"), counted(usage.volumes, "volume"), counted(usage.services, "service")];
  const found = count.filter((text) => text !== undefined).join(", ");
  if (found === "") return { message: `Nothing is found that uses the contract with ${partyName}.`, whatToDo: null };
  if (others.length > 0) return shrunk(partyName, others.length, found, excessNames);
  return role === "BUYER"
    ? {
        message: `The peering with ${partyName} would go, and with it what is there: ${found}.`,
        whatToDo:
          "Move them first: offload their namespaces through another contract or bring them home with strategy LOCAL, make the pods again, and copy what is in the volumes.",
      }
    : {
        message: `${partyName} would lose what it runs here: ${found}.`,
        whatToDo: "Tell the customer first, so that it can move.",
      };
}

function shrunk(partyName: string, others: number, found: string, excessNames: readonly string[]): Told {
  const goesOn = `The peering with ${partyName} goes on through ${others === 1 ? "another contract" : `${others} other contracts`}`;
  if (excessNames.length === 0)
    return { message: `${goesOn}, which cover all that is there: ${found}.`, whatToDo: null };
  return {
    message: `${goesOn}, but what is there asks for more ${excessNames.join(", ")} than they give: ${found}.`,
    whatToDo:
      "Remove or move some of it first: what runs may stay, but nothing new starts until it fits, and what is made again may not start.",
  };
}

function handwork(role: EndFacts["role"]): string {
  return role === "BUYER"
    ? "Look with kubectl at the pods on the provider's virtual node, and at the volumes and services of the namespaces listed here."
    : "Look with kubectl at the pods in the namespaces that Liqo made for this customer.";
}

function counted(list: readonly unknown[], noun: string): string | undefined {
  if (list.length === 0) return undefined;
  return list.length === 1 ? `1 ${noun}` : `${list.length} ${noun}s`;
}
