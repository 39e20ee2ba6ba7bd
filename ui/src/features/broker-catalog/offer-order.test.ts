import { expect, it } from "vitest";
import { type ListOrder, orderOf, sortingOf } from "./offer-order.ts";

it.each(["NAME_ASC", "NAME_DESC", "COST_ASC", "COST_DESC"] as const)(
  "finds the header of %s and back",
  (order: ListOrder) => {
    expect(orderOf(sortingOf(order))).toBe(order);
  },
);

it("has no header for the newest first, and names where none is chosen", () => {
  expect(sortingOf("CREATED_DESC")).toBeUndefined();
  expect(orderOf(undefined)).toBe("NAME_ASC");
});
