import type { Problem } from "./problem.js";

/** An object of which nothing is known yet. */
export type Fields = Readonly<Record<string, unknown>>;

/** The bounds of an id. */
export const ID_LENGTH = 63;

const ID = /^[A-Za-z0-9][A-Za-z0-9._-]*$/;

/** An id that may stand in a URL, a file name or a Kubernetes label: at most 63 of A-Z a-z 0-9 . _ - */
export function idProblems(value: unknown, path: string): Problem[] {
  const valid = typeof value === "string" && value.length <= ID_LENGTH && ID.test(value);
  if (valid) return [];
  const message = `must begin with a letter or digit and hold at most ${ID_LENGTH} of A-Z a-z 0-9 . _ -`;
  return [{ path, message }];
}

/** One line of text that is not blank, at most `maxLength` characters (code points). */
export function nameProblems(value: unknown, path: string, maxLength: number): Problem[] {
  const problems = textProblems(value, path, maxLength);
  if (problems.length > 0 || typeof value !== "string" || value.trim() !== "") return problems;
  return [{ path, message: "must not be blank." }];
}

/** What a line of text may not hold: control characters, marks that reorder what is shown, halves of a surrogate pair. */
const LINE = /[\p{Cc}\u2028-\u202e\u2066-\u2069\p{Cs}]/u;
/** The same for texts that keep tabs and line breaks. */
export const LAYOUT = /[^\P{Cc}\t\n\r]|[\u2028-\u202e\u2066-\u2069\p{Cs}]/u;

/** A text of at most `maxLength` characters (code points) without those that `refused` names. */
export function textProblems(value: unknown, path: string, maxLength: number, refused: RegExp = LINE): Problem[] {
  if (typeof value !== "string") return [{ path, message: "must be a text." }];
  if (value.length > 2 * maxLength || Array.from(value).length > maxLength) {
    return [{ path, message: `is longer than ${maxLength} characters.` }];
  }
  return refused.test(value)
    ? [{ path, message: "holds characters that cannot be shown, such as control characters." }]
    : [];
}

/** A whole number from 0 to `max`. */
export function integerProblems(value: unknown, path: string, max: number, unit = ""): Problem[] {
  const valid = typeof value === "number" && Number.isInteger(value) && value >= 0 && value <= max;
  return valid ? [] : [{ path, message: `must be a whole number${unit && ` of${unit}`} from 0 to ${max}.` }];
}

/** One of a list of words. */
export function choiceProblems(value: unknown, path: string, choices: readonly string[]): Problem[] {
  const known = choices.some((choice) => choice === value);
  return known ? [] : [{ path, message: `must be one of ${choices.join(", ")}.` }];
}

/** Nothing is wrong with what is absent or null; anything else is checked. */
export function optional(value: unknown, path: string, check: (value: unknown, path: string) => Problem[]): Problem[] {
  return value === undefined || value === null ? [] : check(value, path);
}

/** A JSON object, not null and not a list. */
export function isObject(value: unknown): value is Fields {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
