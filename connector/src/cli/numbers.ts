import { InvalidArgumentError } from "commander";

const UNITS: Readonly<Record<string, number>> = { s: 1, m: 60, h: 3_600, d: 86_400 };

/** Reads a whole number of 1 or more. */
export function count(text: string): number {
  if (/^[1-9]\d{0,8}$/.test(text)) return Number(text);
  throw new InvalidArgumentError("It must be a whole number of 1 or more.");
}

/** Reads a length of time such as 30s, 10m, 24h or 7d; seconds. */
export function seconds(text: string): number {
  const [, amount, unit] = /^(\d{1,9})([smhd])$/.exec(text) ?? [];
  const size = UNITS[unit ?? ""];
  if (size === undefined) throw new InvalidArgumentError("It must be a length of time such as 30s, 10m, 24h or 7d.");
  return Number(amount) * size;
}

/** Reads a moment: Unix seconds, a date such as 2027-01-31 or 2027-01-31T12:00:00Z, or +7d from now. @returns Unix seconds. */
export function momentFrom(now: () => number): (text: string) => number {
  return (text) => {
    if (/^\d{9,12}$/.test(text)) return Number(text);
    if (text.startsWith("+")) return Math.floor(now() / 1000) + seconds(text.slice(1));
    const parsed = /^\d{4}-\d{2}-\d{2}/.test(text) ? Date.parse(text) : Number.NaN;
    if (Number.isNaN(parsed))
      throw new InvalidArgumentError(
        "It must be a moment such as 2027-01-31, 2027-01-31T12:00:00Z, +7d or Unix seconds.",
      );
    return Math.floor(parsed / 1000);
  };
}

/** Collects key=value into a record. */
export function pair(text: string, before: Readonly<Record<string, string>> = {}): Readonly<Record<string, string>> {
  const at = text.indexOf("=");
  if (at < 1) throw new InvalidArgumentError("It must be NAME=VALUE.");
  return { ...before, [text.slice(0, at)]: text.slice(at + 1) };
}

/** Collects values of an option that may be repeated. */
export function several(text: string, before: readonly string[] = []): readonly string[] {
  return [...before, text];
}
