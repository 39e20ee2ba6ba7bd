import type { ContractState } from "@catalog/schema/contract";

/** How a state looks: something is well, waits, is wrong, is over, or simply is. */
export type Tone = "good" | "wait" | "bad" | "over" | "plain";

interface Said {
  readonly text: string;
  readonly tone: Tone;
}

const CONTRACTS: Readonly<Record<ContractState, Said>> = {
  REQUESTED: { text: "Waiting for provider", tone: "wait" },
  PENDING_APPROVAL: { text: "Waiting for approval", tone: "wait" },
  RESERVED: { text: "Reserved", tone: "wait" },
  CONFIRMING: { text: "Confirming", tone: "wait" },
  CONFIRMED: { text: "Confirmed", tone: "wait" },
  ACTIVE: { text: "Active", tone: "good" },
  REJECTED: { text: "Refused", tone: "bad" },
  EXPIRED: { text: "Expired", tone: "over" },
  TERMINATED: { text: "Ended", tone: "over" },
  RENEWED: { text: "Renewed", tone: "over" },
};

const OTHERS: Readonly<Record<string, Said>> = {
  // peerings
  CONNECTING: { text: "Connecting", tone: "wait" },
  ESTABLISHED: { text: "Peered", tone: "good" },
  FAILED: { text: "Failed", tone: "bad" },
  GONE: { text: "Gone", tone: "over" },
  TAKING_DOWN: { text: "Being taken down", tone: "wait" },
  WAITING: { text: "Waiting", tone: "wait" },
  TODO: { text: "To do", tone: "plain" },
  DOING: { text: "Being done", tone: "wait" },
  DONE: { text: "Done", tone: "good" },
  // namespaces that are offloaded
  BY_HAND: { text: "By hand", tone: "plain" },
  READY: { text: "Ready", tone: "good" },
  REMOVING: { text: "Being taken back", tone: "wait" },
  // members of a Broker
  ADMITTED: { text: "Member", tone: "good" },
  PENDING: { text: "Waiting for the operator", tone: "wait" },
  REVOKED: { text: "Revoked", tone: "bad" },
  // severities
  ERROR: { text: "Error", tone: "bad" },
  WARNING: { text: "Warning", tone: "wait" },
  INFO: { text: "Note", tone: "plain" },
  // offers and connections
  ON_SALE: { text: "On sale", tone: "good" },
  PAUSED: { text: "Paused", tone: "over" },
  WITHDRAWN: { text: "Withdrawn", tone: "over" },
  STALE: { text: "Provider away", tone: "over" },
  ONLINE: { text: "Connected", tone: "good" },
  AWAY: { text: "Away", tone: "bad" },
  OFF: { text: "Off", tone: "over" },
  OK: { text: "Healthy", tone: "good" },
  DEGRADED: { text: "Degraded", tone: "wait" },
};

/** A state as people say it; its own name where nobody has another word. */
export function sayState(state: string): Said {
  if (Object.hasOwn(CONTRACTS, state)) return CONTRACTS[state as ContractState];
  const known = Object.hasOwn(OTHERS, state) ? OTHERS[state] : undefined;
  return known ?? { text: state.toLowerCase().replaceAll("_", " "), tone: "plain" };
}

/** Customer or Provider, from this cluster's side: what was bought or sold. */
export function sayRole(role: "BUYER" | "SELLER"): string {
  return role === "BUYER" ? "Bought" : "Sold";
}

/** A message as a sentence of its own: with a capital letter. */
export function capitalised(message: string): string {
  return `${message[0]?.toUpperCase() ?? ""}${message.slice(1)}`;
}
