import { isEnded } from "@catalog/schema/contract";
import { CatalogError } from "@catalog/schema/errors";
import { type Contract, isInForce } from "./contract.js";

/** Where the pods of an offloaded namespace run: here, on what was bought, or wherever the scheduler finds room. */
export const POD_STRATEGIES = ["LOCAL", "REMOTE", "LOCAL_AND_REMOTE"] as const;
export type PodStrategy = (typeof POD_STRATEGIES)[number];

/** How the namespace is called at the provider. */
export const NAMESPACE_MAPPINGS = ["DEFAULT_NAME", "ENFORCE_SAME_NAME", "SELECTED_NAME"] as const;
export type NamespaceMapping = (typeof NAMESPACE_MAPPINGS)[number];

/** How a namespace is offloaded: Liqo knows one way for a namespace, whatever contracts it is offloaded through. */
export interface OffloadingShape {
  readonly strategy: PodStrategy;
  readonly mapping: NamespaceMapping;
  /** With SELECTED_NAME only. */
  readonly remoteNamespace: string | null;
}

export const OFFLOADING_PHASES = ["WAITING", "READY", "BY_HAND", "FAILED", "REMOVING"] as const;
/** WAITING: for something outside; BY_HAND: an admin applies it; FAILED: an admin has to do something. */
export type OffloadingPhase = (typeof OFFLOADING_PHASES)[number];

/** One contract on which the pods of one namespace may run, as the admin wants it and as it stands. Times in Unix seconds. */
export interface Offloading extends OffloadingShape {
  readonly contractID: string;
  readonly namespace: string;
  /** False once the admin has stopped it; it is forgotten when nothing is left of it in the cluster. */
  readonly isWanted: boolean;
  readonly phase: OffloadingPhase;
  /** One sentence for an admin. */
  readonly message: string;
  readonly whatToDo: string | null;
  /** Why the last attempt failed for a reason that passes; null after a success. */
  readonly lastError: string | null;
  readonly created: number;
  readonly changed: number;
}

/** An offloading and what decides whether it holds. */
export interface OffloadingFacts {
  readonly offloading: Offloading;
  readonly contract: Contract;
  /** Whether the admin wants the peering of the contract. */
  readonly isPeeringWanted: boolean;
}

/** WANTED: pods may go there now. PAUSED: later perhaps. OVER: not any more. */
export type OffloadingStanding = "WANTED" | "PAUSED" | "OVER";

/** Whether pods may go there at `now` (Unix seconds). */
export function standingOf(
  { offloading, contract, isPeeringWanted }: OffloadingFacts,
  now: number,
): OffloadingStanding {
  if (!offloading.isWanted || isEnded(contract.state)) return "OVER";
  if (!isInForce(contract, now)) return "OVER";
  return contract.isRestored || !isPeeringWanted ? "PAUSED" : "WANTED";
}

const NAMESPACE = /^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/;
/** What stands in a label of Kubernetes, and in a shell without being read as anything else. */
const LABEL_VALUE = /^[A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?$/;

/** What the admin asks for. */
export interface OffloadInput extends OffloadingShape {
  readonly contractID: string;
  readonly namespace: string;
}

/** Kubernetes' own, and what Liqo makes for itself; `liqo-demo` of its tutorials is an application like any other. */
const OF_THE_SYSTEM = /^(kube-.*|liqo|liqo-storage|liqo-system|liqo-tenant-.*)$/;

/**
 * Refuses what can never be offloaded.
 * @param reserved namespaces of Liqo and of the Connector itself.
 * @throws BAD_USER_INPUT, NAMESPACE_REFUSED.
 */
export function requireOffloadable(input: OffloadInput, reserved: readonly string[]): void {
  const problems = [
    ...nameProblems("namespace", input.namespace),
    ...(input.mapping === "SELECTED_NAME" ? nameProblems("remoteNamespace", input.remoteNamespace ?? "") : []),
    ...(input.mapping !== "SELECTED_NAME" && input.remoteNamespace !== null
      ? [{ path: "remoteNamespace", message: "is given with mapping SELECTED_NAME only." }]
      : []),
  ];
  if (problems.length > 0) {
    const text = problems.map(({ path, message }) => `${path} ${message}`).join(" ");
    throw new CatalogError("BAD_USER_INPUT", text, { problems });
  }
  const { namespace } = input;
  if (!OF_THE_SYSTEM.test(namespace) && !reserved.includes(namespace)) return;
  throw new CatalogError(
    "NAMESPACE_REFUSED",
    `Namespace ${namespace} belongs to Kubernetes, Liqo or the Connector itself and is never offloaded. Take one of your applications.`,
    { namespace },
  );
}

function nameProblems(path: string, name: string): readonly { readonly path: string; readonly message: string }[] {
  if (NAMESPACE.test(name)) return [];
  const message = `must be the name of a namespace: 1 to 63 lower-case letters, digits and hyphens, with a letter or digit at both ends.`;
  return [{ path, message }];
}

/** @throws CONTRACT_STATE_INVALID unless it was bought here and is in force at `now` (Unix seconds). */
export function requireUsable(contract: Contract, now: number): void {
  const { contractID, state, role, seller } = contract;
  const refuse = (message: string): never => {
    throw new CatalogError("CONTRACT_STATE_INVALID", message, { contractID, state, role });
  };
  if (role === "SELLER")
    refuse(
      `Contract ${contractID} was sold here: only its customer can run pods on it. Name a contract that you bought.`,
    );
  if (!isInForce(contract, now))
    refuse(`Contract ${contractID} is ${state}; only an active contract gives resources to run pods on.`);
  if (contract.isRestored)
    refuse(
      `Contract ${contractID} was brought back after a loss of the database and grants nothing before it is confirmed.`,
    );
  if (!LABEL_VALUE.test(seller.clusterID))
    refuse(
      `The provider's cluster id ${JSON.stringify(seller.clusterID.slice(0, 80))} cannot be the label of a node, so no namespace can be bound to it.`,
    );
}

/**
 * Refuses a way of offloading that does not go together with how the namespace is offloaded already. Called again for the same contract it
 * may change where pods run, for all contracts of the namespace; how the namespace is called over there cannot be changed in Liqo.
 * @param others of the same namespace, in force.
 * @throws OFFLOADING_CONFLICT that says what to do.
 */
export function requireTogether(input: OffloadInput, others: readonly Offloading[]): void {
  const { namespace, contractID } = input;
  const [first] = others;
  if (first === undefined) return;
  const refuse = (message: string): never => {
    throw new CatalogError("OFFLOADING_CONFLICT", message, { namespace, contractID: first.contractID });
  };
  if (first.mapping !== input.mapping || first.remoteNamespace !== input.remoteNamespace)
    refuse(
      `Namespace ${namespace} is offloaded with mapping ${first.mapping}, and Liqo cannot change how it is called at the provider. Use the same, or stopOffloading first and wait until it is gone.`,
    );
  if (first.strategy !== input.strategy && !others.some((other) => other.contractID === contractID))
    refuse(
      `Namespace ${namespace} is offloaded with strategy ${first.strategy} through contract ${first.contractID}, and Liqo knows one strategy for a namespace. Use the same here, or change it there first.`,
    );
}
