import type { Contract } from "../../domain/contract.js";
import type { BrokerState } from "../brokers/broker.service.js";
import type { Diagnosis, Severity } from "../cluster/diagnosis.js";
import type { PeeringView } from "../peerings/peering.service.js";
import type { Equivocation } from "@catalog/schema/replica-message";

/** What somebody should look at. */
export const ATTENTION_KINDS = [
  "APPROVAL_WAITING",
  "PEERING_FAILED",
  "CONTRACT_EXPIRING",
  "BROKER_AWAY",
  "EQUIVOCATION",
  "PEER_UNDECIDED",
  "WARNING",
] as const;
export type AttentionKind = (typeof ATTENTION_KINDS)[number];

/** One thing, with where it is shown and what can be done at once. */
export interface AttentionItem {
  readonly kind: AttentionKind;
  readonly severity: Severity;
  /** Id of what it is about. */
  readonly subject: string;
  readonly title: string;
  readonly message: string;
  /** Path of the page that shows it. */
  readonly link: string;
  /** The mutation that settles it; null where there is none. */
  readonly action: string | null;
  /** Since when, or when it happens; Unix seconds. */
  readonly at: number | null;
}

const DAY = 86_400;
const RANK: Readonly<Record<Severity, number>> = { ERROR: 0, WARNING: 1, INFO: 2 };

/** The most urgent first; what is equally urgent as given. */
export function mostUrgentFirst(items: readonly AttentionItem[]): readonly AttentionItem[] {
  return items.toSorted((a, b) => RANK[a.severity] - RANK[b.severity]);
}

export function approvalWaiting(contract: Contract): AttentionItem {
  const { contractID, buyer, request, approveBy, offer } = contract;
  return {
    kind: "APPROVAL_WAITING",
    severity: "WARNING",
    subject: contractID,
    title: `${buyer.prettyName} asks to buy`,
    message: `${request.units} × ${offer?.offerName ?? request.offerID} wait for your approval.`,
    link: `/contracts/${contractID}`,
    action: "approveContract",
    at: approveBy,
  };
}

export function contractExpiring(contract: Contract, now: number): AttentionItem {
  const { contractID, role, seller, buyer, validUntil, offer, request } = contract;
  const left = (validUntil ?? now) - now;
  const other = role === "BUYER" ? `bought from ${seller.prettyName}` : `sold to ${buyer.prettyName}`;
  return {
    kind: "CONTRACT_EXPIRING",
    severity: left < DAY ? "ERROR" : "WARNING",
    subject: contractID,
    title: left < DAY ? "A contract ends within a day" : "A contract ends within a week",
    message: `${offer?.offerName ?? request.offerID}, ${other}: what runs on it ends with it.`,
    link: `/contracts/${contractID}`,
    action: null,
    at: validUntil,
  };
}

/** Undefined for a peering that goes on without the admin. */
export function peeringFailed({ peering, contracts }: PeeringView): AttentionItem | undefined {
  if (peering.report?.phase !== "FAILED") return undefined;
  const [contract] = contracts;
  return {
    kind: "PEERING_FAILED",
    severity: "ERROR",
    subject: peering.peeringID,
    title: `The peering with ${peering.peer.prettyName} failed`,
    message: peering.report.whatToDo ?? peering.report.message,
    link: contract === undefined ? "/peerings" : `/peerings/${contract.contractID}`,
    action: peering.side === "CUSTOMER" && contract !== undefined ? "createPeering" : null,
    at: peering.phaseSince,
  };
}

/** Undefined for a Broker that is there, or that the admin has turned off. */
export function brokerAway({ broker, health }: BrokerState): AttentionItem | undefined {
  if (!broker.isSubscribed || health.isConnected) return undefined;
  return {
    kind: "BROKER_AWAY",
    severity: "WARNING",
    subject: broker.brokerID,
    title: `${broker.brokerName} is away`,
    message: health.lastError ?? "The connection does not stand yet.",
    link: "/brokers",
    action: null,
    at: health.lastErrorAt === null ? null : Math.floor(health.lastErrorAt.getTime() / 1_000),
  };
}

export function equivocation({ fingerprint, seenAt }: Equivocation): AttentionItem {
  return {
    kind: "EQUIVOCATION",
    severity: "ERROR",
    subject: fingerprint,
    title: "A cluster signed two different documents with one number",
    message: `The cluster with the fingerprint ${fingerprint} tells different things to different parties. Ask its admin.`,
    link: "/trust",
    action: null,
    at: seenAt,
  };
}

export function peerUndecided(clusterID: string): AttentionItem {
  return {
    kind: "PEER_UNDECIDED",
    severity: "WARNING",
    subject: clusterID,
    title: "A peer from before",
    message: `The cluster ${clusterID} was peered before this Connector came; it keeps what it has until you decide.`,
    link: "/settings",
    action: "setAllowance",
    at: null,
  };
}

/** Undefined for a check that found nothing, or only something good to know. */
export function warning({ check, ok, severity, message, whatToDo }: Diagnosis): AttentionItem | undefined {
  if (ok || severity === "INFO") return undefined;
  return {
    kind: "WARNING",
    severity,
    subject: check,
    title: message,
    message: whatToDo ?? message,
    link: "/settings",
    action: null,
    at: null,
  };
}
