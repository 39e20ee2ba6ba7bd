import { CatalogError } from "./errors.js";
import type { Problem } from "./problem.js";
import { parseQuantity, QuantityInvalidError, type Amount } from "./quantity.js";

/** Resource name → Kubernetes quantity, kept as written. */
export type ResourceList = Readonly<Record<string, string>>;
/** Canonical resource name → exact amount; "ram" is read as "memory". */
export type Amounts = Readonly<Record<string, Amount>>;

/** A resource name is not one that Kubernetes accepts, or one resource is named twice. */
export class ResourceNameInvalidError extends CatalogError {
  constructor(name: string, reason: string) {
    super("RESOURCE_NAME_INVALID", `${JSON.stringify(name.slice(0, 80))}: ${reason}`, { resource: name.slice(0, 320) });
  }
}

/** How many resources one list may name. */
export const MAX_RESOURCES = 32;

const NAME = /^(?:[A-Za-z0-9][-A-Za-z0-9_.]{0,61})?[A-Za-z0-9]$/;
const DNS_LABEL = /^[a-z0-9](?:[-a-z0-9]{0,61}[a-z0-9])?$/;
const MAX_PREFIX = 253;

/** Whether Kubernetes accepts `name` as a qualified name: `name` or `dns.prefix/name`. */
export function isQualifiedName(name: string): boolean {
  if (name.length > MAX_PREFIX + 64) return false;
  const slash = name.indexOf("/");
  const prefix = slash < 0 ? undefined : name.slice(0, slash);
  return NAME.test(name.slice(slash + 1)) && (prefix === undefined || isDnsSubdomain(prefix));
}

function isDnsSubdomain(text: string): boolean {
  return text.length <= MAX_PREFIX && text.split(".").every((label) => DNS_LABEL.test(label));
}

/** The name under which a resource is counted: "ram" is "memory", everything else is itself. */
export function canonicalName(name: string): string {
  return name === "ram" ? "memory" : name;
}

/**
 * Reads every quantity of a list.
 * @throws {@link QuantityInvalidError}, {@link ResourceNameInvalidError}: also if "ram" and "memory" stand side by side.
 */
export function toAmounts(resources: ResourceList): Amounts {
  const amounts = new Map<string, Amount>();
  for (const [name, quantity] of Object.entries(resources)) {
    if (!isQualifiedName(name)) throw new ResourceNameInvalidError(name, NAME_RULE);
    if (amounts.has(canonicalName(name))) throw new ResourceNameInvalidError(name, TWICE_RULE);
    amounts.set(canonicalName(name), parseQuantity(quantity));
  }
  return Object.fromEntries(amounts);
}

/** Sum by resource; a name that only one side has is kept. */
export function addAmounts(a: Amounts, b: Amounts): Amounts {
  const names = new Set([...Object.keys(a), ...Object.keys(b)]);
  return Object.fromEntries([...names].map((name) => [name, amountOf(a, name) + amountOf(b, name)]));
}

/** Every amount times `units`, a non-negative integer. */
export function scaleAmounts(a: Amounts, units: number): Amounts {
  return Object.fromEntries(Object.entries(a).map(([name, amount]) => [name, amount * BigInt(units)]));
}

/** Whether `have` holds at least `need` of everything that `need` names; a name that `have` lacks counts as zero. */
export function covers(have: Amounts, need: Amounts): boolean {
  return Object.entries(need).every(([name, amount]) => amountOf(have, name) >= amount);
}

/** The amount under a canonical name, zero where the list does not name it. */
export function amountOf(amounts: Amounts, name: string): Amount {
  return Object.hasOwn(amounts, name) ? (amounts[name] ?? 0n) : 0n;
}

/** Everything that is wrong with a list of any runtime type, with paths such as `path.cpu`. An empty list has no problem. */
export function resourceListProblems(resources: unknown, path: string): Problem[] {
  if (typeof resources !== "object" || resources === null || Array.isArray(resources)) {
    return [{ path, message: 'must be an object from resource name to quantity, such as {"cpu": "2"}.' }];
  }
  const entries = Object.entries(resources);
  if (entries.length > MAX_RESOURCES) return [{ path, message: `names more than ${MAX_RESOURCES} resources.` }];
  const seen = new Set<string>();
  return entries.flatMap(([name, quantity]): Problem[] => {
    const messages = [...nameMessages(name, seen), ...quantityMessages(quantity)];
    return messages.map((message) => ({ path: `${path}.${name.slice(0, 80)}`, message }));
  });
}

const NAME_RULE = "is not a resource name that Kubernetes accepts, such as cpu or nvidia.com/gpu.";
const TWICE_RULE = "names the same resource twice: ram and memory are one.";

function nameMessages(name: string, seen: Set<string>): string[] {
  if (!isQualifiedName(name)) return [NAME_RULE];
  const canonical = canonicalName(name);
  if (seen.has(canonical)) return [TWICE_RULE];
  seen.add(canonical);
  return [];
}

function quantityMessages(quantity: unknown): string[] {
  if (typeof quantity !== "string") return ['must be a quantity written as a text, such as "2" or "1Gi".'];
  try {
    parseQuantity(quantity);
    return [];
  } catch (error) {
    if (error instanceof QuantityInvalidError) return [error.message];
    throw error;
  }
}
