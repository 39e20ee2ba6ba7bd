import { DOCUMENT_LIMITS } from "@catalog/schema/documents/jws";
import type { IdentityKeys } from "@catalog/schema/documents/keys";
import { signTexts } from "./forge.js";

/** Reproducible randomness (mulberry32): the same seed, the same messages. */
export class Dice {
  #state: number;

  constructor(seed: number) {
    this.#state = seed >>> 0;
  }

  /** 0 ≤ n < 1 */
  next(): number {
    this.#state = (this.#state + 0x6d2b79f5) >>> 0;
    let mixed = this.#state;
    mixed = Math.imul(mixed ^ (mixed >>> 15), mixed | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  }

  below(limit: number): number {
    return Math.floor(this.next() * limit);
  }

  of<T>(choices: readonly T[]): T {
    const chosen = choices[this.below(choices.length)];
    if (chosen === undefined) throw new RangeError("nothing to choose from");
    return chosen;
  }

  chance(probability: number): boolean {
    return this.next() < probability;
  }
}

// prettier-ignore
const STRANGE: readonly unknown[] = [
  null, true, false, 0, -0, -1, 1, 0.5, 1e-7, 1e21, 1e308, 2 ** 31, 2 ** 53, -(2 ** 53), 4_294_967_296, 253402300799,
  "", " ", "0", "-1", "NaN", "null", "true", "\u0000", "\ud800", "\udfff\ud800", "\u200b", "\u202e", "\ufeff", "\ufffd", "é", "e\u0301",
  "😀".repeat(70), "x".repeat(63), "x".repeat(64), "x".repeat(254), "x".repeat(5_000), "a.b.c", "...", "==", "'; DROP TABLE members; --", "$1", "%s%n", "${7*7}",
  "../../etc/passwd", "<script>", "http://[::1", "http://169.254.169.254/", "https://a@b", "javascript:1", "1Ki", "1e9999", "-0", "1e-1000000",
  [], [[]], [null], {}, { a: {} }, Array.from({ length: 300 }, () => 1), { __typename: "X" }, { constructor: 1 }, { toString: null }, { length: 1e9 },
];

/** JSON with one to three of its values replaced, removed, repeated or nested. */
export function mutateJson(dice: Dice, value: unknown): unknown {
  let changed = structuredClone(value);
  for (let n = dice.below(3); n >= 0; n--) changed = mutateOnce(dice, changed);
  return changed;
}

function mutateOnce(dice: Dice, value: unknown): unknown {
  const isComposite = typeof value === "object" && value !== null;
  if (!isComposite || dice.chance(0.08)) return strange(dice, value);
  if (Array.isArray(value)) return mutateList(dice, value);
  const entries = Object.entries(value);
  const chosen = dice.below(entries.length + 1);
  const [name, inner] = entries[chosen] ?? ["extra", dice.of(STRANGE)];
  if (dice.chance(0.12)) return Object.fromEntries(entries.filter(([other]) => other !== name));
  if (dice.chance(0.05)) return { ...value, [nameOf(dice.of(STRANGE))]: inner };
  return { ...value, [name]: mutateOnce(dice, inner) };
}

function nameOf(value: unknown): string {
  return typeof value === "string" ? value : JSON.stringify(value).slice(0, 100);
}

function mutateList(dice: Dice, list: readonly unknown[]): unknown {
  if (list.length === 0 || dice.chance(0.1)) return [...list, dice.of(STRANGE)];
  const at = dice.below(list.length);
  if (dice.chance(0.1)) return list.filter((_, n) => n !== at);
  if (dice.chance(0.1)) return [...list, ...Array.from({ length: dice.below(60) }, () => list[at])];
  return list.map((one, n) => (n === at ? mutateOnce(dice, one) : one));
}

function strange(dice: Dice, value: unknown): unknown {
  if (typeof value === "string" && dice.chance(0.5)) return mutateText(dice, value);
  if (typeof value === "number" && dice.chance(0.5))
    return value + dice.of([-1, 1, 0.5, -value, value, 1e9, 6e5, -6e5]);
  if (dice.chance(0.04)) return deep(dice.below(200));
  return dice.of(STRANGE);
}

function deep(depth: number): unknown {
  let value: unknown = 1;
  for (let n = 0; n < depth; n++) value = n % 2 === 0 ? [value] : { a: value };
  return value;
}

/** A text with some characters turned over, cut off, repeated or swapped. */
export function mutateText(dice: Dice, text: string): string {
  const bytes = Buffer.from(text);
  return mutateBytes(dice, bytes).toString(dice.chance(0.2) ? "latin1" : "utf8");
}

/** Bytes with one to four changes. */
export function mutateBytes(dice: Dice, bytes: Buffer): Buffer {
  let changed: Buffer = Buffer.from(bytes);
  for (let n = dice.below(4); n >= 0; n--) {
    const at = dice.below(changed.length + 1);
    const end = Math.min(changed.length, at + dice.below(40));
    const [before, cut, after] = [changed.subarray(0, at), changed.subarray(at, end), changed.subarray(end)];
    changed = dice.of<() => Buffer>([
      () => Buffer.concat([before, Buffer.from([dice.below(256)]), after]),
      () => Buffer.concat([before, after]),
      () => Buffer.concat([before, cut, cut, after]),
      () => Buffer.concat([cut, before, after]),
      () => before,
      () => Buffer.concat([before, Buffer.from(cut.map((byte) => byte ^ (1 << dice.below(8)))), after]),
    ])();
  }
  return changed;
}

/** A signed document that its issuer would never make, though its signature holds; or one that somebody has broken. */
export function mutateDocument(dice: Dice, keys: IdentityKeys, jws: string, others: readonly string[]): string {
  const segments = jws.split(".");
  const other = dice.of(others).split(".");
  const at = dice.below(3);
  if (dice.chance(0.15)) return mutateText(dice, jws);
  if (dice.chance(0.15)) return segments.map((segment, n) => (n === at ? (other[n] ?? "") : segment)).join(".");
  if (dice.chance(0.1)) return [...segments].reverse().join(".");
  const [header, payload] = segments.map((segment) => Buffer.from(segment, "base64url").toString());
  if (dice.chance(0.1)) return signTexts(keys, mutateText(dice, header ?? ""), payload ?? "");
  if (dice.chance(0.1)) return signTexts(keys, header ?? "", mutateText(dice, payload ?? ""));
  const changed = signTexts(keys, header ?? "", JSON.stringify(mutateJson(dice, JSON.parse(payload ?? "{}"))));
  return changed.length > LARGEST ? jws : changed;
}

/** Larger ones are refused by their size, which has tests of its own. */
const LARGEST = Math.max(...Object.values(DOCUMENT_LIMITS));
