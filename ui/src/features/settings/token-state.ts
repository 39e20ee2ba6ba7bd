import type { Tone } from "../../lib/format/words.ts";
import type { Role, TokenRow } from "./documents.ts";

/** Whether a script token counts. @param now Unix seconds */
export function stateOf({ expiresAt, revokedAt }: TokenRow, now: number): { text: string; tone: Tone } {
  if (revokedAt !== null) return { text: "Revoked", tone: "over" };
  if (expiresAt !== null && expiresAt <= now) return { text: "Expired", tone: "over" };
  return { text: "In use", tone: "good" };
}

/** What each role may do, as one chooses it. */
export const ROLES: readonly { readonly value: Role; readonly text: string; readonly about: string }[] = [
  { value: "VIEWER", text: "Viewer", about: "Sees everything but secrets, changes nothing." },
  {
    value: "CUSTOMER",
    text: "Customer",
    about: "Sees everything, and buys: contracts, their peerings, what runs there.",
  },
  { value: "PROVIDER", text: "Provider", about: "Sees everything, and sells: own offers, contracts sold." },
  { value: "ADMIN", text: "Admin", about: "Everything, other tokens too." },
];

const DAY_S = 86_400;

/** How long a token can live, as one chooses it. Key → seconds; undefined: until it is revoked. */
export const LIVES: readonly { readonly value: string; readonly text: string; readonly seconds: number | undefined }[] =
  [
    { value: "90d", text: "90 days", seconds: 90 * DAY_S },
    { value: "1d", text: "1 day", seconds: DAY_S },
    { value: "7d", text: "7 days", seconds: 7 * DAY_S },
    { value: "30d", text: "30 days", seconds: 30 * DAY_S },
    { value: "365d", text: "1 year", seconds: 365 * DAY_S },
    { value: "never", text: "Until it is revoked", seconds: undefined },
  ];

/** When a token made now ends, Unix seconds; null: never. @param life a value of {@link LIVES} */
export function endOf(life: string, now: number): number | null {
  const seconds = LIVES.find(({ value }) => value === life)?.seconds;
  return seconds === undefined ? null : now + seconds;
}
