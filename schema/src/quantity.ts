import { CatalogError } from "./errors.js";

/** Exact amount in nano-units (10^-9). */
export type Amount = bigint;

/** A text is not a quantity that can be sold. */
export class QuantityInvalidError extends CatalogError {
  constructor(text: string, reason: string) {
    super("QUANTITY_INVALID", `${quoted(text)} is not a valid quantity: ${reason}.`, {
      quantity: text.slice(0, SHOWN),
    });
  }
}

/** Nano-units in one unit. */
export const UNIT: Amount = 1_000_000_000n;
/** The largest amount that Kubernetes can hold, 2^63-1 units, in nano-units. */
export const MAX_AMOUNT: Amount = (2n ** 63n - 1n) * UNIT;

const MAX_LENGTH = 128;
const SHOWN = 40;
const NUMBER = /^([+-]?)(\d+(?:\.\d*)?|\.\d+)(.*)$/s;
const EXPONENT = /^[eE]([+-]?\d+)$/;
/** Beyond this, any non-zero mantissa of MAX_LENGTH digits is too fine or too large. */
const MAX_EXPONENT = 256;
const DECIMAL_SUFFIXES = ["n", "u", "m", "", "k", "M", "G", "T", "P", "E"] as const;
const BINARY_SUFFIXES = ["", "Ki", "Mi", "Gi", "Ti", "Pi", "Ei"] as const;
const FACTORS: ReadonlyMap<string, Amount> = new Map([
  ...DECIMAL_SUFFIXES.map((suffix, i): [string, Amount] => [suffix, 1000n ** BigInt(i)]),
  ...BINARY_SUFFIXES.slice(1).map((suffix, i): [string, Amount] => [suffix, UNIT * 1024n ** BigInt(i + 1)]),
]);

/**
 * Reads a Kubernetes quantity exactly.
 *
 * Grammar: `[sign] number [suffix]`, number = `1`, `1.`, `.5` or `1.5`, suffix = n u m k M G T P E, Ki Mi Gi Ti Pi Ei, or
 * an exponent such as `e3`, `E-3` (k8s.io/apimachinery/pkg/api/resource). Where Kubernetes would round up to 1n or cap at
 * 2^63-1, this refuses, because a price is paid for exactly what is written.
 * @throws {@link QuantityInvalidError} if invalid, negative, finer than 1n, above 2^63-1 units, or over 128 characters.
 */
export function parseQuantity(text: string): Amount {
  if (text.length > MAX_LENGTH) throw new QuantityInvalidError(text, `it is longer than ${MAX_LENGTH} characters`);
  const [, sign, number = "", suffix = ""] = NUMBER.exec(text) ?? [];
  if (sign === undefined) throw new QuantityInvalidError(text, "write a number such as 2, 500m or 1Gi");
  const [whole = "", fraction = ""] = number.split(".");
  const mantissa = BigInt(whole + fraction);
  const scale = scaleOf(text, suffix);
  if (mantissa === 0n) return 0n;
  if (sign === "-") throw new QuantityInvalidError(text, "it is negative");
  const amount = exactly(text, mantissa * scale.numerator, scale.denominator * 10n ** BigInt(fraction.length));
  if (amount > MAX_AMOUNT) throw new QuantityInvalidError(text, "it is more than 2^63-1");
  return amount;
}

/** Value of a suffix in nano-units, as a fraction. */
function scaleOf(text: string, suffix: string): { numerator: bigint; denominator: bigint } {
  const factor = FACTORS.get(suffix);
  if (factor !== undefined) return { numerator: factor, denominator: 1n };
  const digits = EXPONENT.exec(suffix)?.[1];
  if (digits === undefined) {
    throw new QuantityInvalidError(
      text,
      `the suffix ${quoted(suffix)} is not one of n u m k M G T P E Ki Mi Gi Ti Pi Ei`,
    );
  }
  // A clamped exponent keeps its sign, so that the comparison below still says too large or too fine, without a huge power.
  const exponent = Math.max(-MAX_EXPONENT, Math.min(MAX_EXPONENT, Number(digits)));
  const power = 10n ** BigInt(Math.abs(exponent));
  return exponent < 0 ? { numerator: UNIT, denominator: power } : { numerator: UNIT * power, denominator: 1n };
}

function exactly(text: string, numerator: bigint, denominator: bigint): Amount {
  if (numerator % denominator !== 0n) throw new QuantityInvalidError(text, "it is finer than 1n");
  return numerator / denominator;
}

/**
 * Writes an amount in the canonical form of Kubernetes: no fraction, the largest suffix that leaves none. With "binary",
 * whole numbers from 1024 on take Ki…Ei, everything else falls back to decimal as in Kubernetes. Reading it back gives the
 * same amount. Negative amounts (a balance) get a minus sign.
 */
export function formatQuantity(amount: Amount, format: "decimal" | "binary" = "decimal"): string {
  if (amount === 0n) return "0";
  if (amount < 0n) return `-${formatQuantity(-amount, format)}`;
  return format === "binary" && amount >= 1024n * UNIT && amount % UNIT === 0n
    ? withSuffix(amount / UNIT, 1024n, BINARY_SUFFIXES)
    : withSuffix(amount, 1000n, DECIMAL_SUFFIXES);
}

function withSuffix(value: bigint, base: bigint, suffixes: readonly string[]): string {
  let rest = value;
  let step = 0;
  while (step < suffixes.length - 1 && rest % base === 0n) {
    rest /= base;
    step += 1;
  }
  return `${rest}${suffixes[step] ?? ""}`;
}

/**
 * Orders two quantities by value: `1` and `1000m` are equal.
 * @throws {@link QuantityInvalidError} if either is invalid.
 */
export function compareQuantities(a: string, b: string): -1 | 0 | 1 {
  const [left, right] = [parseQuantity(a), parseQuantity(b)];
  if (left === right) return 0;
  return left < right ? -1 : 1;
}

function quoted(text: string): string {
  return JSON.stringify(text.length > SHOWN ? `${text.slice(0, SHOWN)}…` : text);
}
