import { MAX_AMOUNT, parseQuantity, QuantityInvalidError, type Amount } from "@catalog/schema/quantity";
import { amountOf, canonicalName, type Amounts } from "@catalog/schema/resource-list";

/** What a slice asks for: `spec.resources` as the customer wrote it. */
export type SliceAsk = Readonly<Record<string, unknown>>;

const ABSURD = /^[+]?[0-9.]+([eE][+]?[0-9]+|[numkMGTPE]|[KMGTPE]i)?$/;

/**
 * Divides the grant of one customer among its slices, first come first served: each gets what it asks for, clipped to what is left.
 *
 * - the sum of what is given is never more than the grant, for any resource, and nothing is negative;
 * - each answer names every resource of the grant and every one that is asked for, with an explicit zero where there is none;
 * - an ask that is empty takes everything that is left; one that names no pods takes the pods that are left, without which nothing runs;
 * - an amount that is no quantity counts as zero, one that is larger than Kubernetes can hold as all that is left.
 */
export function shareGrant(grant: Amounts, asks: readonly SliceAsk[]): readonly Amounts[] {
  const left = new Map(Object.entries(grant).map(([name, amount]) => [name, amount > 0n ? amount : 0n]));
  return asks.map((ask) => {
    const asked = askedAmounts(ask);
    const takesAll = Object.keys(ask).length === 0;
    const names = new Set([...left.keys(), ...Object.keys(asked)]);
    return Object.fromEntries(
      [...names].map((name): [string, Amount] => {
        const available = left.get(name) ?? 0n;
        const takesRest = takesAll || (name === "pods" && !Object.hasOwn(asked, "pods"));
        const given = takesRest ? available : smaller(available, amountOf(asked, name));
        left.set(name, available - given);
        return [name, given];
      }),
    );
  });
}

/** The names of which a slice asks for more than it gets, in order. */
export function clippedNames(ask: SliceAsk, given: Amounts): readonly string[] {
  const asked = askedAmounts(ask);
  return Object.keys(asked)
    .filter((name) => amountOf(asked, name) > amountOf(given, name))
    .sort();
}

/** Whether nothing at all is granted. */
export function isNothing(amounts: Amounts): boolean {
  return Object.entries(amounts).every(([name, amount]) => amount <= 0n || name === "pods");
}

/** Exact amounts of a list as it stands in a slice, under canonical names. */
export function askedAmounts(ask: SliceAsk): Amounts {
  const amounts = new Map<string, Amount>();
  for (const [name, value] of Object.entries(ask)) {
    const canonical = canonicalName(name);
    amounts.set(canonical, smaller(MAX_AMOUNT, (amounts.get(canonical) ?? 0n) + askedAmount(value)));
  }
  return Object.fromEntries(amounts);
}

/** Kubernetes gives quantities as texts, and small whole ones as numbers too. */
function askedAmount(value: unknown): Amount {
  if (typeof value !== "string" && typeof value !== "number") return 0n;
  const text = String(value);
  try {
    return parseQuantity(text);
  } catch (error) {
    if (!(error instanceof QuantityInvalidError)) throw error;
    return /more than/.test(error.message) && ABSURD.test(text) ? MAX_AMOUNT : 0n;
  }
}

function smaller(a: Amount, b: Amount): Amount {
  return a < b ? a : b;
}
