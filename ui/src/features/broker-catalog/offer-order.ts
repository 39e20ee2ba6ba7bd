import type { Sorting } from "../../lib/parts/column.ts";

/** The orders in which the Broker gives its offers here. */
export type ListOrder = "NAME_ASC" | "NAME_DESC" | "COST_ASC" | "COST_DESC" | "CREATED_DESC";

/** The order that a click on a header asks for. */
export function orderOf(sorting: Sorting | undefined): ListOrder {
  if (sorting?.key === "price") return sorting.isDescending ? "COST_DESC" : "COST_ASC";
  return sorting?.isDescending === true ? "NAME_DESC" : "NAME_ASC";
}

/** The header that stands for an order; none for the newest first. */
export function sortingOf(order: ListOrder): Sorting | undefined {
  if (order === "CREATED_DESC") return undefined;
  return { key: order.startsWith("COST") ? "price" : "name", isDescending: order.endsWith("DESC") };
}
