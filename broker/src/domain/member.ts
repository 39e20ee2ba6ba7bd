import {
  ClusterIdTakenError,
  JoinTokenMissingError,
  MemberNotPendingError,
  MemberRevokedError,
} from "./member-errors.js";

/** Where a cluster stands with this Broker. LEFT keeps the cluster id reserved for the identity that left; REVOKED frees it. */
export const MEMBER_STATUSES = ["PENDING", "ADMITTED", "LEFT", "REVOKED"] as const;
export type MemberStatus = (typeof MEMBER_STATUSES)[number];

/** How a cluster that asks is let in: with a join string, by the operator's approval, or always. */
export const ENROLMENT_MODES = ["TOKEN", "APPROVAL", "OPEN"] as const;
export type EnrolmentMode = (typeof ENROLMENT_MODES)[number];

/** A cluster as this Broker knows it. Times are Unix seconds; `descriptor` is the exact JWS with the highest `seq` seen. */
export interface Member {
  readonly fingerprint: string;
  readonly clusterID: string;
  readonly clusterName: string;
  readonly clusterPrettyName: string;
  readonly status: MemberStatus;
  readonly descriptor: string;
  readonly seq: number;
  readonly requestedAt: number;
  readonly admittedAt: number | null;
  readonly endedAt: number | null;
}

/** What a verified descriptor says of a cluster. */
export interface ClusterClaim {
  readonly fingerprint: string;
  readonly clusterID: string;
  readonly clusterName: string;
  readonly clusterPrettyName: string;
  readonly descriptor: string;
  readonly seq: number;
}

/**
 * Decides where an enrolling cluster stands afterwards.
 * Throws {@link MemberRevokedError} for an identity the operator has shut out and {@link JoinTokenMissingError} where a join string is needed.
 */
export function enrolmentStatus(
  before: Member | undefined,
  mode: EnrolmentMode,
  hasValidToken: boolean,
): "ADMITTED" | "PENDING" {
  if (before?.status === "REVOKED") throw new MemberRevokedError(before.fingerprint);
  if (before?.status === "ADMITTED" || hasValidToken || mode === "OPEN") return "ADMITTED";
  if (mode === "APPROVAL") return "PENDING";
  throw new JoinTokenMissingError();
}

/** The member after a decision at `now` (Unix s). Keeps the date of the first request and of an admission that goes on. */
export function enrolled(
  before: Member | undefined,
  claim: ClusterClaim,
  status: "ADMITTED" | "PENDING",
  now: number,
): Member {
  const isSame = before !== undefined && before.status === status;
  const hasAsked = isSame || before?.status === "PENDING";
  return {
    ...claim,
    status,
    requestedAt: hasAsked ? before.requestedAt : now,
    admittedAt: status === "PENDING" ? null : isSame ? before.admittedAt : now,
    endedAt: null,
  };
}

/** Admits a cluster on the operator's word; the same object for one that is a member. Throws {@link MemberNotPendingError} for one that left. */
export function approved(member: Member, now: number): Member {
  if (member.status === "ADMITTED") return member;
  if (member.status === "LEFT") throw new MemberNotPendingError(member.fingerprint, member.status);
  return { ...member, status: "ADMITTED", admittedAt: now, endedAt: null };
}

/** Shuts a cluster out for good; the same object when it is already. */
export function revoked(member: Member, now: number): Member {
  return member.status === "REVOKED" ? member : { ...member, status: "REVOKED", endedAt: now };
}

/** Ends a membership by the member's own wish; the same object when it is not a member. */
export function departed(member: Member, now: number): Member {
  return member.status === "ADMITTED" ? { ...member, status: "LEFT", endedAt: now } : member;
}

/** Whether this standing reserves the cluster id for the identity. */
export function holdsClusterId(status: MemberStatus): boolean {
  return status === "ADMITTED" || status === "LEFT";
}

/** Throws {@link ClusterIdTakenError} when another identity was admitted with this cluster id first. */
export function requireFreeClusterId(claim: ClusterClaim, holder: string | undefined): void {
  if (holder !== undefined && holder !== claim.fingerprint) throw new ClusterIdTakenError(claim.clusterID);
}
