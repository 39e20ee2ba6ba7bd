import type { Descriptor } from "@catalog/schema/documents/descriptor";

/** Nobody in particular: no proof and no token was given. */
export interface AnonymousPrincipal {
  readonly kind: "anonymous";
}

/** A party that proved its key with this request. */
export interface MachinePrincipal {
  readonly kind: "machine";
  readonly fingerprint: string;
  /** The descriptor that the key was taken from, where the party is not known here yet. Proven by itself, pinned by nobody. */
  readonly firstContact?: FirstContact;
}

export interface FirstContact {
  readonly descriptor: Descriptor;
  /** The exact document. */
  readonly jws: string;
}

/** The operator of a Broker or the admin of a cluster. */
export interface AdminPrincipal {
  readonly kind: "admin";
}

/** The holder of a token that only reads. */
export interface ReaderPrincipal {
  readonly kind: "reader";
  readonly tokenId: string;
  readonly name: string;
}

export type Principal = AnonymousPrincipal | MachinePrincipal | AdminPrincipal | ReaderPrincipal;

export const ANONYMOUS: AnonymousPrincipal = { kind: "anonymous" };

/** Key under which a principal's sockets and requests are counted; undefined for those that share no identity. */
export function principalKey(principal: Principal): string | undefined {
  if (principal.kind === "machine") return `machine:${principal.fingerprint}`;
  return principal.kind === "reader" ? `reader:${principal.tokenId}` : undefined;
}
