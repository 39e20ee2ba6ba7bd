const TIME = 1_795_363_130;
const COMPACT_JOSE = /eyJ[\w-]{20,}(\.[\w-]*){1,4}/g;
const JOIN_SECRET = /(catalog-join:[^#\s]+#[\w-]{43})\.[\w-]+\.[\w-]+/g;
const TOKEN_ID = "x9ZgSv51kGacYQSO";
const OPAQUE = "MTc5NTM2MzEzMA…";
const GENERAL_JWS = /^\{"payload":.*\}$/s;
const UUID_V7 = /\b[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12}\b/g;
const UUID_V4 = /\b(?!0b5c9e0e)[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}\b/g;

/** What another run would say otherwise, replaced by what stands in the documentation. */
export type Steady = (value: unknown) => unknown;

/**
 * Replaces everything that is random or depends on the time by fixed values, so that two runs of one example can be compared and
 * a page does not change with each run: known `names` (identities, addresses) by their fixed ones, then times, numbers made of
 * times, signed documents, and any other long opaque text.
 */
export function steadying(names: ReadonlyMap<string, string>): Steady {
  const known = [...names].sort(([a], [b]) => b.length - a.length);
  const steady = (value: unknown): unknown => {
    if (typeof value === "string") return steadyText(value, known);
    if (typeof value === "number") return steadyNumber(value);
    if (Array.isArray(value)) return value.map(steady);
    if (value === null || typeof value !== "object") return value;
    const members = Object.entries(value).filter(([name]) => name !== "requestId");
    return Object.fromEntries(
      members.map(([name, member]) => [steadyText(name, known), secretOr(name, member) ?? steady(member)]),
    );
  };
  return steady;
}

function steadyText(value: string, known: readonly (readonly [string, string])[]): string {
  if (GENERAL_JWS.test(value)) return '{"payload":"eyJ2IjoxLC…","signatures":[…]}';
  const kept = known.map(([, fixed]) => fixed);
  let text = value.replace(COMPACT_JOSE, "eyJhbGciOiJFZERTQSIs…").replace(JOIN_SECRET, `$1.${TOKEN_ID}.${OPAQUE}`);
  for (const [name, fixed] of known) text = text.replaceAll(name, fixed);
  return text
    .replace(UUID_V7, (id) => (kept.includes(id) ? id : "01a20403-b6a6-7bcc-9610-930f18865d0e"))
    .replace(UUID_V4, (id) => (kept.includes(id) ? id : "7d0c2c55-3f0e-4b8e-9a51-2f1c9d6a1b42"))
    .replace(/\b\d{13}\b/g, (digits) => String(steadyNumber(Number(digits))))
    .replace(/\b\d{10}\b/g, (digits) => String(steadyNumber(Number(digits))))
    .replace(/[\w+/=-]{20,}/g, (run) => (isOpaque(run) && !kept.some((fixed) => fixed.includes(run)) ? OPAQUE : run));
}

/** Random text rather than a word: it has lower and upper case, and digits or is very long. */
function isOpaque(run: string): boolean {
  return /[a-z]/.test(run) && /[A-Z]/.test(run) && (/\d/.test(run) || run.length > 60);
}

/** A time near now, in seconds or milliseconds; a time of an example's own stays. */
function steadyNumber(value: number): number {
  const isNear = (seconds: number): boolean => Math.abs(seconds - Date.now() / 1_000) < 2 * 86_400;
  if (isNear(value)) return TIME;
  return isNear(value / 1_000) ? TIME * 1_000 : value;
}

/** Ids and texts of tokens, which are too short to be known by their looks. */
function secretOr(name: string, value: unknown): string | undefined {
  if (typeof value !== "string" || value.startsWith("eyJ")) return undefined;
  if (name === "tokenID") return TOKEN_ID;
  return name === "token" ? `${TOKEN_ID}.${OPAQUE}` : undefined;
}

/** Whether two answers have one shape; what is null or empty in one of them may be anything in the other. */
export function isAlike(a: unknown, b: unknown): boolean {
  if (a === null || b === null) return true;
  if (Array.isArray(a) && Array.isArray(b)) return a.length === 0 || b.length === 0 || isAlike(a[0], b[0]);
  if (typeof a !== typeof b || Array.isArray(a) !== Array.isArray(b)) return false;
  if (typeof a !== "object" || typeof b !== "object") return true;
  const [one, other] = [Object.entries(a), new Map(Object.entries(b))];
  return one.length === other.size && one.every(([name, value]) => other.has(name) && isAlike(value, other.get(name)));
}
