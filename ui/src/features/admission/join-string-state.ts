import type { Tone } from "../../lib/format/words.ts";
import type { JoinStringRow } from "./documents.ts";

/** Whether a join string can still be used. @param now Unix seconds */
export function stateOf(
  { usedBy, revokedAt, expiresAt }: Pick<JoinStringRow, "usedBy" | "revokedAt" | "expiresAt">,
  now: number,
): { readonly text: string; readonly tone: Tone; readonly isOpen: boolean } {
  if (usedBy !== null) return { text: "Used", tone: "good", isOpen: false };
  if (revokedAt !== null) return { text: "Revoked", tone: "over", isOpen: false };
  if (expiresAt <= now) return { text: "Expired", tone: "over", isOpen: false };
  return { text: "Waiting to be used", tone: "wait", isOpen: true };
}
