import { textProblems } from "@catalog/schema/field-checks";
import { requireNoProblems } from "@catalog/schema/problem";
import type { Role } from "./access.js";

/** A token for a script, as stored: its text only as a hash. Times are Unix seconds; `expiresAt` null = until revoked. */
export interface ScriptToken {
  readonly tokenID: string;
  readonly name: string;
  readonly role: Role;
  readonly tokenHash: string;
  readonly created: number;
  /** Who made it. */
  readonly createdBy: string;
  readonly expiresAt: number | null;
  readonly lastUsedAt: number | null;
  readonly revokedAt: number | null;
}

/** What an admin asks for. */
export interface ScriptTokenInput {
  readonly name: string;
  readonly role: Role;
  readonly expiresAt: number | null;
}

const NAME_LENGTH = 64;

/** Whether the token opens anything at `now` (Unix s). */
export function isLive({ revokedAt, expiresAt }: ScriptToken, now: number): boolean {
  return revokedAt === null && (expiresAt === null || now < expiresAt);
}

/** Takes the token back; the same object when it was already. */
export function revoked(token: ScriptToken, now: number): ScriptToken {
  return token.revokedAt === null ? { ...token, revokedAt: now } : token;
}

/** @throws BAD_USER_INPUT */
export function requireScriptToken({ name, expiresAt }: ScriptTokenInput, now: number): void {
  requireNoProblems([
    ...(name.trim() === "" ? [{ path: "name", message: "must say what the token is for" }] : []),
    ...textProblems(name, "name", NAME_LENGTH),
    ...(/[\p{C}\p{Zl}\p{Zp}]/u.test(name)
      ? [{ path: "name", message: "must be one line of printable characters" }]
      : []),
    ...(expiresAt !== null && expiresAt <= now ? [{ path: "expiresAt", message: "must be in the future" }] : []),
  ]);
}
