import type { Change } from "./vectors.js";

/** Values that no member of type text, key or hash may have. */
const NO_TEXT: readonly unknown[] = [undefined, null, 7, "", {}, []];
/** Values that no number may have. */
const NO_NUMBER: readonly unknown[] = [undefined, null, "1", -1, 1.5, 2 ** 53, true];

/** One change for each value. */
export function changes(member: string, values: readonly unknown[]): readonly Change[] {
  return values.map((value) => ({ [member]: value }));
}

/** Wrong texts for each of `members`. */
export function wrongTexts(...members: readonly string[]): readonly Change[] {
  return members.flatMap((member) => changes(member, NO_TEXT));
}

/** Wrong numbers for each of `members`. */
export function wrongNumbers(...members: readonly string[]): readonly Change[] {
  return members.flatMap((member) => changes(member, NO_NUMBER));
}
