import { expect, it } from "vitest";
import { checkCapacity } from "./capacity-check.ts";
import type { CapacityFacts, MyOfferRow } from "./documents.ts";
import { draftOf } from "./offer-draft.ts";

const facts = (resource: string, free: string | null, sold: string): CapacityFacts["capacity"][number] => ({
  resource,
  free,
  sold,
  allocatable: null,
  used: null,
  declared: "0",
  left: "0",
  overcommitted: null,
  overdeclared: null,
});
const plan = (planQuantity: number, resources: Record<string, string>) => ({
  planID: "p",
  planName: "p",
  planCost: 1,
  planCostCurrency: "EUR",
  planCostPeriod: "hour" as const,
  planQuantity,
  resources,
});
const other = { offerID: "other", plans: [plan(2, { cpu: "1500m", ram: "1Gi" })] } as unknown as MyOfferRow;
const draft = draftOf({ offerID: "mine", plans: [plan(3, { cpu: "2", memory: "2Gi", "nvidia.com/gpu": "1" })] });

it("adds up what this and the other offers promise, and says by how much it is too much", () => {
  const [cpu, memory, gpu] = checkCapacity(draft, [other], [facts("cpu", "4", "2"), facts("memory", "8Gi", "0")]);
  expect(cpu).toMatchObject({ own: "6", others: "3", there: "6", beyond: "3" });
  expect(cpu?.limit).toBeCloseTo(2 / 3, 3);
  expect(memory).toMatchObject({ own: "6Gi", others: "2Gi", there: "8Gi", beyond: null, limit: 1 });
  expect(gpu).toMatchObject({ own: "3", others: "0", there: null, beyond: null, limit: undefined });
});

it("does not count the offer itself twice, nor a deficit as room", () => {
  const mine = { ...other, offerID: "mine" };
  expect(checkCapacity(draft, [mine], [facts("cpu", "-3", "2")])[0]).toMatchObject({
    others: "0",
    there: "2",
    beyond: "4",
  });
});

it("takes nothing for what is not typed yet", () => {
  expect(checkCapacity(draftOf({}), [], [facts("cpu", "4", "0")])[0]).toMatchObject({ own: "0", beyond: null });
});

it("counts storage as what nodes have of it, together with offers that call it so", () => {
  const disk = { offerID: "disk", plans: [plan(1, { "ephemeral-storage": "10Gi" })] } as unknown as MyOfferRow;
  const stored = draftOf({ offerID: "mine", plans: [plan(2, { storage: "20Gi" })] });
  expect(checkCapacity(stored, [disk], [facts("ephemeral-storage", "30Gi", "0")])).toMatchObject([
    { resource: "ephemeral-storage", own: "40Gi", others: "10Gi", there: "30Gi", beyond: "20Gi" },
  ]);
  expect(checkCapacity(stored, [], [])).toMatchObject([{ resource: "storage", there: null }]);
});
