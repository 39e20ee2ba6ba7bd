import { type Offer, offerProblems } from "@catalog/schema/offer";
import { offerFrom } from "@catalog/schema/offer-defaults";
import { covers, scaleAmounts, addAmounts, toAmounts } from "@catalog/schema/resource-list";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { samplePool } from "../testing/sample-pools.js";
import type { KnownCapacity } from "./capacity.js";
import { promiseProblems } from "./capacity-rules.js";
import { GRANT_DEFAULTS } from "./grant.js";
import type { NodePool } from "./node-pools.js";
import { type SuggestedOffer, suggestOffers } from "./suggest-offers.js";

const { resourceNames } = GRANT_DEFAULTS;
const known = (...pools: NodePool[]): KnownCapacity => ({ pools, commitments: [], resourceNames });

/** What an admin makes of a proposal: prices, and nothing else. */
function priced(suggested: SuggestedOffer): Offer {
  const { pool: _pool, plans, ...offer } = suggested;
  const input = {
    ...offer,
    plans: plans.map((plan) => ({
      ...plan,
      planCost: plan.planCost ?? 1,
      planCostCurrency: plan.planCostCurrency ?? "EUR",
      planCostPeriod: plan.planCostPeriod ?? ("month" as const),
    })),
  };
  expect(offerProblems(input)).toEqual([]);
  return offerFrom(input, { offerID: "unused", clusterPrettyName: "Turin", created: 1 });
}

describe("suggestOffers", () => {
  it("says why there is nothing to suggest", () => {
    expect(suggestOffers("with LIQO_MODE=manual nobody looks.", [], [])).toEqual({
      offers: [],
      reason: "What is free in the cluster is not known: with LIQO_MODE=manual nobody looks.",
    });
    expect(suggestOffers(known(), [], []).reason).toContain("No node takes new pods");
    const full = samplePool({ cpu: "4", memory: "8Gi" }, { used: { cpu: "4" } });
    expect(suggestOffers(known(full), [], []).reason).toContain("Nothing is left");
  });

  it("makes small, medium and large of general nodes, and keeps a fifth", () => {
    const labels = { architecture: "amd64", zone: "eu-1" };
    const pool = samplePool(
      { cpu: "100", memory: "400Gi", pods: "500" },
      { name: "general / amd64", labels, nodes: 5, perNode: { cpu: "20", memory: "80Gi", pods: "100" } },
    );
    const { offers, reason } = suggestOffers(known(pool), [], []);
    expect(reason).toBeNull();
    expect(offers).toEqual([
      {
        pool: "general / amd64",
        offerID: "compute-general-amd64",
        offerName: "General purpose, eu-1",
        offerType: "compute",
        description: 'Made from what the node pool "general / amd64" (5 nodes) has free.',
        labels,
        approval: "AUTO",
        capacity: "MEASURED",
        plans: [
          ...[
            ["small", "Small", 14, "2", "8Gi"],
            ["medium", "Medium", 7, "4", "16Gi"],
            ["large", "Large", 3, "8", "32Gi"],
          ].map(([planID, planName, planQuantity, cpu, memory]) => ({
            planID,
            planName,
            planQuantity,
            resources: { cpu, memory },
            planCost: null,
            planCostCurrency: null,
            planCostPeriod: null,
          })),
        ],
      },
    ]);
  });

  it("knows memory and GPU nodes, and names the model", () => {
    const heavy = samplePool({ cpu: "10", memory: "100Gi" }, { name: "mem", labels: { "node-pool": "mem" } });
    const gpu = samplePool(
      { cpu: "64", memory: "256Gi", "nvidia.com/gpu": "8" },
      { name: "gpu", labels: { "gpu-model": "NVIDIA-A100" } },
    );
    const { offers } = suggestOffers(known(gpu, heavy), [], []);
    expect(offers.map(({ offerType, offerName }) => [offerType, offerName])).toEqual([
      ["gpu", "GPU, NVIDIA-A100"],
      ["memory", "Memory heavy"],
    ]);
    expect(offers[0]?.labels).toEqual({ "gpu-model": "NVIDIA-A100" });
    expect(offers[0]?.plans[0]?.resources).toEqual({ cpu: "8", memory: "34Gi", "nvidia.com/gpu": "1" });
    expect(offers[1]?.plans[0]?.resources).toEqual({ cpu: "2", memory: "16Gi" });
  });

  it("takes the price of an own plan that gives the same, and otherwise the usual currency", () => {
    const pool = samplePool({ cpu: "100", memory: "400Gi" });
    const [first] = suggestOffers(known(pool), [], []).offers;
    const own = first === undefined ? undefined : priced({ ...first, offerID: "mine" });
    const priced2 = own && {
      ...own,
      plans: own.plans.slice(0, 1).map((plan) => ({ ...plan, planQuantity: 0, planCost: 7 })),
    };
    const { offers } = suggestOffers(known(pool), priced2 ? [priced2] : [], []);
    expect(
      offers[0]?.plans.map(({ planID, planCost, planCostCurrency }) => [planID, planCost, planCostCurrency]),
    ).toEqual([
      ["small", 7, "EUR"],
      ["medium", null, "EUR"],
      ["large", null, "EUR"],
    ]);
  });

  it("proposes what saveOffer takes, that fits, together and on a node, and once only", () => {
    const pool = fc
      .record({
        nodes: fc.integer({ min: 1, max: 5 }),
        cpu: fc.integer({ min: 1, max: 96 }),
        memory: fc.integer({ min: 1, max: 512 }),
        gpu: fc.constantFrom(0, 0, 1, 8),
        used: fc.integer({ min: 0, max: 100 }),
      })
      .map(({ nodes, cpu, memory, gpu, used }) => (i: number): NodePool => {
        const of = (count: number) => ({
          cpu: String(cpu * count),
          memory: `${memory * count}Gi`,
          ...(gpu === 0 ? {} : { "nvidia.com/gpu": String(gpu * count) }),
        });
        const facts = { name: `pool ${i}`, labels: { "node-pool": `pool-${i}` }, nodes, perNode: of(1) };
        return samplePool(of(nodes), { ...facts, used: { cpu: `${cpu * nodes * used * 10}m` } });
      });
    fc.assert(
      fc.property(fc.array(pool, { minLength: 1, maxLength: 3 }), (make) => {
        const cluster = known(...make.map((one, i) => one(i)));
        const { offers } = suggestOffers(cluster, [], []);
        const saved = offers.map(priced);
        for (const [i, offer] of saved.entries()) {
          const from = cluster.pools.find(({ name }) => name === offers[i]?.pool);
          const units = offer.plans.map((plan) => toAmounts(plan.resources));
          for (const unit of units) expect(covers(from?.perNode ?? {}, unit)).toBe(true);
          const all = units.reduce(
            (sum, unit, at) => addAmounts(sum, scaleAmounts(unit, offer.plans[at]?.planQuantity ?? 0)),
            {},
          );
          expect(covers(scaleAmounts(from?.allocatable ?? {}, 4), scaleAmounts(all, 5))).toBe(true);
          for (const after of [offer, { ...offer, capacity: "DECLARED" as const }]) {
            const others = saved.slice(0, i).map((one) => ({ ...one, capacity: after.capacity }));
            const change = { before: undefined, after, others, stocks: [] };
            expect(promiseProblems(change, { known: cluster, problem: "", isRefusing: true })).toEqual([]);
          }
        }
        const again = suggestOffers(cluster, saved, []).offers;
        expect(again.every(({ offerID }) => saved.every((one) => one.offerID !== offerID))).toBe(true);
      }),
    );
  });
});
