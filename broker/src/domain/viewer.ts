import { CatalogError } from "@catalog/schema/errors";

import { MemberPendingError, MemberRevokedError, MemberUnknownError } from "./member-errors.js";
import type { MemberStatus } from "./member.js";

/** A proven identity that is not (or no longer) a member. It may enrol, nothing else. */
export interface ApplicantViewer {
  readonly kind: "APPLICANT";
  readonly fingerprint: string;
  readonly status: Exclude<MemberStatus, "ADMITTED"> | null;
}

/** An admitted cluster, known by its request proof. */
export interface MemberViewer {
  readonly kind: "MEMBER";
  readonly fingerprint: string;
  readonly clusterID: string;
  readonly status: "ADMITTED";
}

/** A holder of a read token. */
export interface ReaderViewer {
  readonly kind: "READER";
  readonly tokenID: string;
  readonly name: string | null;
  readonly expiresAt: number | null;
}

/** The operator, by the admin token or in a session that was begun with it. */
export interface OperatorViewer {
  readonly kind: "OPERATOR";
  /** Names the session. */
  readonly sessionID?: string;
  /** When the session ends, Unix s. */
  readonly expiresAt?: number;
}

/** Who asks. It comes from the proof or the token only, never from an argument. */
export type Viewer = { readonly kind: "ANONYMOUS" } | OperatorViewer | ApplicantViewer | MemberViewer | ReaderViewer;

/** What an operation needs: to read the catalog, to act as a member, to enrol, or to operate the Broker. */
export type Permission = "READ" | "MEMBER" | "ENROL" | "OPERATE";

/** How the request came in: a socket may read, but never change anything as a member. */
export type Transport = "http" | "ws";

/** What the decision depends on besides the viewer. */
export interface AccessSetting {
  readonly isCatalogPublic: boolean;
  readonly transport: Transport;
}

/** Throws UNAUTHENTICATED, FORBIDDEN, NOT_A_MEMBER, MEMBER_PENDING or MEMBER_REVOKED unless the viewer has the permission. */
export function requirePermission(viewer: Viewer, permission: Permission, setting: AccessSetting): void {
  if (permission === "MEMBER") requireMember(viewer, setting);
  else if (permission === "ENROL") requireProven(viewer, setting);
  else if (permission === "OPERATE" ? viewer.kind !== "OPERATOR" : !canRead(viewer, setting))
    throw refusal(viewer, permission);
}

/** The viewer as a member that may change what is its own. Throws as {@link requirePermission}. */
export function requireMember(viewer: Viewer, setting: AccessSetting): MemberViewer {
  if (viewer.kind !== "MEMBER") throw refusal(viewer, "MEMBER");
  requireHttp(setting.transport);
  return viewer;
}

/** The viewer as a proven cluster, member or not. Throws as {@link requirePermission}. */
export function requireProven(viewer: Viewer, setting: AccessSetting): MemberViewer | ApplicantViewer {
  if (viewer.kind !== "MEMBER" && viewer.kind !== "APPLICANT") throw refusal(viewer, "ENROL");
  requireHttp(setting.transport);
  return viewer;
}

function canRead(viewer: Viewer, setting: AccessSetting): boolean {
  return setting.isCatalogPublic || viewer.kind === "MEMBER" || viewer.kind === "OPERATOR" || viewer.kind === "READER";
}

function requireHttp(transport: Transport): void {
  if (transport === "ws") {
    throw new CatalogError(
      "FORBIDDEN",
      "A WebSocket may read and subscribe only. Send this mutation as an HTTP POST with its own request proof.",
    );
  }
}

function refusal(viewer: Viewer, permission: Permission): CatalogError {
  if (viewer.kind === "ANONYMOUS") return new CatalogError("UNAUTHENTICATED", NEEDED[permission]);
  if (viewer.kind === "APPLICANT" && permission !== "OPERATE") return standing(viewer);
  return new CatalogError("FORBIDDEN", NEEDED[permission]);
}

/** The error that tells a proven identity why it is not a member. */
export function standing(applicant: Pick<ApplicantViewer, "fingerprint" | "status">): CatalogError {
  if (applicant.status === "PENDING") return new MemberPendingError(applicant.fingerprint);
  if (applicant.status === "REVOKED") return new MemberRevokedError(applicant.fingerprint);
  return new MemberUnknownError(applicant.fingerprint);
}

const NEEDED: Readonly<Record<Permission, string>> = {
  READ: "Reading the catalog of this Broker needs a member's request proof, a read token or the admin token.",
  MEMBER: "This is for members: sign the request with the cluster's key (Authorization: Catalog <proof>).",
  ENROL: "Enrolling needs a request proof with the header Catalog-Descriptor.",
  OPERATE: "This is for the operator of the Broker: send the admin token (Authorization: Bearer <token>).",
};
