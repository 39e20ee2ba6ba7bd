/** Seconds of each unit, the largest first. */
const UNITS = [
  ["w", 604_800],
  ["d", 86_400],
  ["h", 3600],
  ["m", 60],
  ["s", 1],
] as const;

const FORM = /^(?:\d+(?:\.\d+)?[wdhms])+$/;
const PART = /(\d+(?:\.\d+)?)([wdhms])/g;

/**
 * Reads a length as people write it: `30d`, `12h`, `1h 30m`, `90 min`, `2 weeks`; a bare number is seconds.
 * @returns seconds; null for an empty text, undefined for one that is no length.
 */
export function readDuration(text: string): number | null | undefined {
  const compact = text
    .toLowerCase()
    .replaceAll(/(weeks?|days?|hours?|hrs?|min(?:ute)?s?|sec(?:ond)?s?)\b/g, (word) => word[0] ?? "")
    .replaceAll(/\s+/g, "");
  if (compact === "") return null;
  if (/^\d+$/.test(compact)) return Number(compact);
  if (!FORM.test(compact)) return undefined;
  let seconds = 0;
  for (const [, amount, unit] of compact.matchAll(PART)) {
    seconds += Number(amount) * (UNITS.find(([name]) => name === unit)?.[1] ?? 0);
  }
  return Math.round(seconds);
}

const LONG = { d: "day", h: "hour", m: "minute", s: "second" } as const;

/** Seconds in words, nothing left out: "1 hour 30 minutes". */
export function sayDuration(seconds: number): string {
  const parts = writeDuration(seconds).matchAll(PART);
  return [...parts]
    .map(([, amount, unit]) =>
      new Intl.NumberFormat(undefined, {
        style: "unit",
        unit: LONG[unit as keyof typeof LONG],
        unitDisplay: "long",
      }).format(Number(amount)),
    )
    .join(" ");
}

/** Seconds in the same form, exactly: 5400 is `1h 30m`. Null is empty. */
export function writeDuration(seconds: number | null | undefined): string {
  if (seconds === null || seconds === undefined) return "";
  if (seconds === 0) return "0s";
  const parts: string[] = [];
  let rest = seconds;
  for (const [name, size] of UNITS) {
    // Weeks are read, and written as days: nobody says "4w 2d".
    if (name === "w" || rest < size) continue;
    parts.push(`${Math.floor(rest / size)}${name}`);
    rest %= size;
  }
  return parts.join(" ");
}
