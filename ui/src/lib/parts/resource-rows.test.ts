import { expect, it } from "vitest";
import { listOf, rowsOf } from "./resource-rows.ts";

it("makes rows of resources and back, with the usual ones to fill in", () => {
  const rows = rowsOf({ "nvidia.com/gpu": "1", ram: "4Gi" }, ["cpu", "memory"]);
  expect(rows).toEqual([
    { name: "cpu", quantity: "" },
    { name: "memory", quantity: "4Gi" },
    { name: "nvidia.com/gpu", quantity: "1" },
  ]);
  expect(listOf(rows)).toEqual({ memory: "4Gi", "nvidia.com/gpu": "1" });
});
