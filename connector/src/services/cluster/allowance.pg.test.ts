import { CatalogError } from "@catalog/schema/errors";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { ManualDriver } from "../../liqo/manual/manual-driver.js";
import { sampleOffer } from "../../testing/sample-offers.js";
import { TestCell } from "../../testing/test-cell.js";

const N = 1_000_000_000n;
let cell: TestCell;
let buyer: TestCell;

beforeAll(async () => {
  const neighbours = new Map<string, TestCell>();
  cell = await TestCell.open({ name: "turin", neighbours });
  buyer = await TestCell.open({ name: "paris", neighbours });
});
afterAll(() => Promise.all([cell.close(), buyer.close()]));

describe("allowances", () => {
  it("are granted at once, and leave zeros behind when they are taken away", async () => {
    const woken: string[] = [];
    const stop = cell.ledger.grants.onChange((id) => woken.push(id));
    await cell.ledger.allowances.set({ clusterID: "old-friend", resources: { cpu: "2", gpu: "1" } }, "admin");
    expect(await cell.ledger.grants.grantOf("old-friend")).toEqual({
      cpu: 2n * N,
      memory: 0n,
      pods: 0n,
      "nvidia.com/gpu": N,
    });
    await cell.ledger.allowances.set({ clusterID: "old-friend" }, "admin");
    expect(await cell.ledger.grants.grantOf("old-friend")).toEqual({
      cpu: 0n,
      memory: 0n,
      pods: 0n,
      "nvidia.com/gpu": 0n,
    });
    await cell.ledger.allowances.set({ clusterID: "old-friend", isUnlimited: true }, "admin");
    expect((await cell.ledger.grants.grantOf("old-friend"))["cpu"]).toBe(1_000_000n * N);
    stop();
    expect(woken).toEqual(["old-friend", "old-friend", "old-friend"]);
    expect(await cell.ledger.allowances.list()).toMatchObject([{ clusterID: "old-friend", isUnlimited: true }]);
  });

  it.each([
    ["clusterID", { clusterID: "a b" }],
    ["resources.cpu", { clusterID: "c", resources: { cpu: "-1" } }],
    ["resources", { clusterID: "c", resources: { cpu: "1" }, isUnlimited: true }],
  ])("are refused with a wrong %s", async (path, input) => {
    await expect(cell.ledger.allowances.set(input, "admin")).rejects.toMatchObject({
      details: { problems: [{ path }] },
    });
  });
});

/** A cluster with these peers, which cannot be read the first time. */
class PeeredDriver extends ManualDriver {
  failures = 1;
  readonly peers = ["old-friend", "paris-peer"];

  override async existingPeers(): Promise<never> {
    if (this.failures-- > 0) throw new CatalogError("UNAVAILABLE", "the API server is away");
    return this.peers as never;
  }
}

describe("peers that were there before", () => {
  it("keep what they have until the admin decides, and strangers are answered nothing before they are known", async () => {
    const parameters = { clusterID: "cluster-milan", clusterName: "milan", endpoint: null, token: null };
    const driver = new PeeredDriver({ ...parameters, liqoVersion: null });
    const milan = await TestCell.open({
      name: "milan",
      neighbours: new Map(),
      driver: () => driver,
      hasListedPeers: false,
    });
    try {
      const { allowances, findings, existingPeers, grants } = milan.ledger;
      await expect(grants.grantOf("old-friend")).rejects.toMatchObject({ code: "UNAVAILABLE" });
      await allowances.set({ clusterID: "paris-peer" }, "admin");
      await expect(existingPeers.list()).rejects.toMatchObject({ code: "UNAVAILABLE" });
      await expect(grants.grantOf("old-friend")).rejects.toMatchObject({ code: "UNAVAILABLE" });
      const woken: string[] = [];
      milan.ledger.grants.onChange((id) => woken.push(id));
      await existingPeers.list();
      expect(woken).toEqual(["old-friend"]);
      expect((await grants.grantOf("old-friend"))["cpu"]).toBe(1_000_000n * N);
      expect((await grants.grantOf("paris-peer"))["cpu"]).toBe(0n);
      expect((await grants.grantOf("stranger"))["cpu"]).toBe(0n);
      expect((await findings.look(null)).undecided).toEqual(["old-friend"]);
      await allowances.set({ clusterID: "old-friend", resources: { cpu: "2" } }, "admin");
      expect((await findings.look(null)).undecided).toEqual([]);
      expect((await grants.grantOf("old-friend"))["cpu"]).toBe(2n * N);
      driver.peers.push("latecomer");
      await existingPeers.list();
      expect((await grants.grantOf("old-friend"))["cpu"]).toBe(2n * N);
      expect((await grants.grantOf("latecomer"))["cpu"], "who peers later is nobody's old friend").toBe(0n);
    } finally {
      await milan.close();
    }
  });
});

describe("capacity", () => {
  it("tells what is declared, sold and left for each resource, in Kubernetes quantities", async () => {
    await cell.ledger.offers.save(sampleOffer({ quantity: 4 }), "admin");
    const input = { clusterID: cell.clusterID, offerID: "general", planID: "small" };
    const { contractID } = await buyer.ledger.purchases.buy(input, "admin");
    for (let i = 0; i < 5; i++) await buyer.work();
    expect((await buyer.ledger.contracts.get(contractID)).state).toBe("ACTIVE");
    const unknown = {
      allocatable: null,
      used: null,
      free: null,
      overcommitted: null,
      overdeclared: null,
      pools: [],
    };
    expect(await cell.ledger.capacity.capacity()).toEqual([
      { resource: "cpu", ...unknown, declared: "8", sold: "2", left: "6" },
      { resource: "ephemeral-storage", ...unknown, declared: "80Gi", sold: "20Gi", left: "60Gi" },
      { resource: "memory", ...unknown, declared: "16Gi", sold: "4Gi", left: "12Gi" },
    ]);
  });
});
