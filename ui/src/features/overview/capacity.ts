import { formatQuantity } from "@catalog/schema/quantity";
import { amountOf, formatAmount, isBytes, resourceOrder, share } from "../../lib/format/quantity.ts";
import type { ResourceCapacity } from "./documents.ts";

/** One stretch of a bar. */
interface BarPart {
  readonly name: string;
  /** 0 to 1 of the bar. */
  readonly share: number;
  readonly text: string;
  readonly color: 1 | 2 | 3 | 4;
}

/** One resource as bar and figures. */
interface CapacityBar {
  readonly resource: string;
  readonly parts: readonly BarPart[];
  /** Where what the nodes have ends, 0 to 1; undefined where that is the bar's end or not known. */
  readonly limit: number | undefined;
  /** What the server tells of it; those that stand in the bar have its colour. */
  readonly figures: readonly { readonly name: string; readonly text: string; readonly color?: BarPart["color"] }[];
  /** What is wrong with it, in words. */
  readonly problem: string | undefined;
}

/** The bars of a cluster, in the usual order of resources. Resources of which there is nothing are left out. */
export function barsOf(capacity: readonly ResourceCapacity[]): readonly CapacityBar[] {
  return capacity
    .toSorted((a, b) => resourceOrder(a.resource, b.resource))
    .filter((row) => [row.allocatable, row.declared, row.sold].some((text) => amount(text) > 0n))
    .map(barOf);
}

/** A bar from what is taken to what is left: own pods, sold, for sale, and the rest of what the nodes have. What customers run is sold, not used. */
function barOf(row: ResourceCapacity): CapacityBar {
  const { resource } = row;
  const [allocatable, sold, left] = [amount(row.allocatable), amount(row.sold), amount(row.left)];
  const isMeasured = row.allocatable !== null && row.free !== null;
  const own = isMeasured ? atLeast0(allocatable - amount(row.free) - sold) : 0n;
  const rest = atLeast0(allocatable - own - sold - left);
  const whole = own + sold + left + rest;
  const part = (name: string, value: bigint, color: BarPart["color"]): BarPart => ({
    name,
    share: share(value, whole),
    text: said(resource, value),
    color,
  });
  return {
    resource,
    parts: [...(isMeasured ? [part("Used", own, 4)] : []), part("Sold", sold, 2), part("Left", left, 1)],
    limit: isMeasured && whole > allocatable ? share(allocatable, whole) : undefined,
    figures: [
      { name: "Allocatable", text: told(resource, row.allocatable) },
      { name: "Used", text: told(resource, row.used), ...(isMeasured ? { color: 4 as const } : {}) },
      { name: "Declared", text: told(resource, row.declared) },
      { name: "Sold", text: told(resource, row.sold), color: 2 },
      { name: "Left", text: told(resource, row.left), color: 1 },
    ],
    problem: problemOf(row),
  };
}

function problemOf({ resource, overcommitted, overdeclared }: ResourceCapacity): string | undefined {
  if (amount(overcommitted) > 0n) {
    return `Sold ${told(resource, overcommitted)} more than the nodes have beside your own pods.`;
  }
  if (amount(overdeclared) > 0n) {
    return `Your offers promise ${told(resource, overdeclared)} more than the nodes have.`;
  }
  return undefined;
}

function told(resource: string, quantity: string | null): string {
  return quantity === null ? "not known" : formatAmount(resource, quantity);
}

function said(resource: string, value: bigint): string {
  return formatAmount(resource, formatQuantity(value, isBytes(resource) ? "binary" : "decimal"));
}

/** What is free may be negative, which a quantity to sell never is. */
function amount(quantity: string | null): bigint {
  if (quantity === null) return 0n;
  return quantity.startsWith("-") ? -(amountOf(quantity.slice(1)) ?? 0n) : (amountOf(quantity) ?? 0n);
}

function atLeast0(value: bigint): bigint {
  return value > 0n ? value : 0n;
}
