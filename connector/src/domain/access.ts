import { CatalogError } from "@catalog/schema/errors";
import type { ContractRole } from "@catalog/schema/contract";

/** What a person or a script is let do. */
export const ROLES = ["VIEWER", "CUSTOMER", "PROVIDER", "ADMIN"] as const;
export type Role = (typeof ROLES)[number];

/** What an operation needs. */
export const PERMISSIONS = ["VIEW", "BUY", "SELL", "TRADE", "ADMINISTER"] as const;
export type Permission = (typeof PERMISSIONS)[number];

const GRANTED: Readonly<Record<Role, readonly Permission[]>> = {
  VIEWER: ["VIEW"],
  CUSTOMER: ["VIEW", "BUY", "TRADE"],
  PROVIDER: ["VIEW", "SELL", "TRADE"],
  ADMIN: PERMISSIONS,
};

const SIDE: Readonly<Record<ContractRole, Permission>> = { BUYER: "BUY", SELLER: "SELL" };

/** Who uses the admin API. It comes from the token or the session only, never from an argument. */
export interface AdminViewer {
  /** As the activity list names it. */
  readonly actor: string;
  readonly role: Role;
  /** Whether it signed in with a browser. */
  readonly isSession: boolean;
  /** Unix seconds; null where its token ends only when it is revoked. */
  readonly expiresAt: number | null;
}

/** What a role is let do. */
export function permissionsOf(role: Role): readonly Permission[] {
  return GRANTED[role];
}

/** Whether a role is let do something. */
export function isGranted(role: Role, permission: Permission): boolean {
  return GRANTED[role].includes(permission);
}

/** Throws UNAUTHENTICATED for a viewer whose time is over at `now` (Unix s), FORBIDDEN for one whose role does not allow it. */
export function requirePermission(viewer: AdminViewer, permission: Permission, now: number): void {
  if (viewer.expiresAt !== null && now >= viewer.expiresAt) {
    throw new CatalogError("UNAUTHENTICATED", "The session or token has expired; sign in again.");
  }
  if (!isGranted(viewer.role, permission)) throw forbidden(viewer.role, permission);
}

/** Throws FORBIDDEN where the role does not let act on this side of contracts. */
export function requireSide(role: Role, side: ContractRole): void {
  if (!isGranted(role, SIDE[side])) throw forbidden(role, SIDE[side]);
}

function forbidden(role: Role, permission: Permission): CatalogError {
  const needed = ROLES.filter((one) => isGranted(one, permission));
  return new CatalogError("FORBIDDEN", `This needs the role ${needed.join(" or ")}; yours is ${role}.`, {
    role,
    needed,
  });
}
