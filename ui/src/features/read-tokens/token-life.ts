import type { Tone } from "../../lib/format/words.ts";
import type { ReadTokenRow } from "./documents.ts";

/** Whether a read token counts. @param now Unix seconds */
export function stateOf(
  { expiresAt, revokedAt }: Pick<ReadTokenRow, "expiresAt" | "revokedAt">,
  now: number,
): { readonly text: string; readonly tone: Tone; readonly isOpen: boolean } {
  if (revokedAt !== null) return { text: "Revoked", tone: "over", isOpen: false };
  if (expiresAt !== null && expiresAt <= now) return { text: "Expired", tone: "over", isOpen: false };
  return { text: "In use", tone: "good", isOpen: true };
}

const DAY_S = 86_400;
const DAYS = { "30": 30, "90": 90, "365": 365, "": undefined } as const;
export type Life = keyof typeof DAYS;

/** How long a token can live, as one chooses it. */
export const LIVES: readonly { readonly value: Life; readonly text: string }[] = [
  { value: "90", text: "in 90 days" },
  { value: "30", text: "in 30 days" },
  { value: "365", text: "in a year" },
  { value: "", text: "when it is revoked" },
];

/** When a token made at `now` ends, Unix seconds; null: when it is revoked. */
export function endOf(life: Life, now: number): number | null {
  const days = DAYS[life];
  return days === undefined ? null : now + days * DAY_S;
}
