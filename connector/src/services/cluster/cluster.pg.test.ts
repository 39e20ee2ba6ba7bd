import { verifyDescriptor } from "@catalog/schema/documents/descriptor";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { sampleOffer } from "../../testing/sample-offers.js";
import { TestCell } from "../../testing/test-cell.js";

let cell: TestCell;
let buyer: TestCell;

beforeAll(async () => {
  const neighbours = new Map<string, TestCell>();
  cell = await TestCell.open({ name: "turin", neighbours });
  buyer = await TestCell.open({ name: "paris", neighbours });
});
afterAll(() => Promise.all([cell.close(), buyer.close()]));

describe("the own cluster", () => {
  it("signs its descriptor anew only when something in it has changed", async () => {
    const first = await cell.ledger.cluster.descriptor();
    await cell.ledger.cluster.refreshDescriptor();
    await cell.ledger.cluster.initialise(
      { prettyName: "turin", contractEndpoint: "http://turin.example:6003" },
      "admin",
    );
    expect(await cell.ledger.cluster.descriptor()).toBe(first);
    await cell.ledger.cluster.setContractEndpoint("https://turin.example", "admin");
    const before = await verifyDescriptor(first);
    const after = await verifyDescriptor(await cell.ledger.cluster.descriptor());
    expect(after).toMatchObject({
      clusterContractEndpoint: "https://turin.example",
      created: before.created,
      iss: cell.fingerprint,
    });
    expect(after.seq).toBeGreaterThan(before.seq);
  });

  it("carries a new name into every offer, without changing their terms", async () => {
    const before = await cell.ledger.offers.save(sampleOffer(), "admin");
    await cell.ledger.cluster.setPrettyName("Torino", "admin");
    const after = await cell.ledger.offers.get("general");
    expect(after.offer.clusterPrettyName).toBe("Torino");
    expect(after.rev).toBeGreaterThan(before.rev);
    expect(after.termsRev).toBe(before.termsRev);
  });

  it.each([
    ["prettyName", { prettyName: " ", contractEndpoint: "https://turin.example" }],
    ["contractEndpoint", { prettyName: "Turin", contractEndpoint: "turin.example:6003" }],
    ["contractEndpoint", { prettyName: "Turin", contractEndpoint: "https://admin:pw@turin.example" }],
  ])("refuses a wrong %s and keeps what it had", async (path, names) => {
    const before = await cell.ledger.cluster.profile();
    await expect(cell.ledger.cluster.initialise(names, "admin")).rejects.toMatchObject({
      details: { problems: [{ path }] },
    });
    expect(await cell.ledger.cluster.profile()).toEqual(before);
  });

  it("begins a new incarnation when its database is found to be another, with every sold contract stamped anew", async () => {
    const input = { clusterID: cell.clusterID, offerID: "general", planID: "small" };
    const { contractID } = await buyer.ledger.purchases.buy(input, "admin");
    for (let i = 0; i < 5; i++) await buyer.work();
    const before = await cell.ledger.contracts.get(contractID);
    await cell.ledger.cluster.checkIncarnation();
    expect(await cell.ledger.contracts.get(contractID)).toEqual(before);
    await cell.query("UPDATE cluster SET database_mark = gen_random_uuid()");
    await cell.ledger.cluster.checkIncarnation();
    const after = await cell.ledger.contracts.get(contractID);
    expect(after.incarnation > before.incarnation).toBe(true);
    expect(after.version).toBeGreaterThan(before.version);
    await buyer.ledger.reconciliation.reconcile(new AbortController().signal);
    expect(await buyer.ledger.contracts.get(contractID)).toMatchObject({
      state: "ACTIVE",
      incarnation: after.incarnation,
      version: after.version,
    });
  });

  it("writes down who did what", async () => {
    const entries = await cell.ledger.activity.list(200);
    expect(entries.map((entry) => entry.action)).toEqual(
      expect.arrayContaining([
        "cluster.initialised",
        "cluster.renamed",
        "offer.saved",
        "contract.active",
        "database.restored",
      ]),
    );
    expect(entries.find((entry) => entry.action === "contract.active")?.actor).toBe(`peer ${buyer.fingerprint}`);
    const ids = entries.map((entry) => Number(entry.id));
    expect(ids).toEqual([...ids].sort((a, b) => b - a));
    expect(await cell.ledger.activity.list(2, entries[1]?.id)).toEqual(entries.slice(2, 4));
  });
});

describe("before initCatalog", () => {
  it("nothing is announced, sold or bought, and the errors say what to do", async () => {
    const neighbours = new Map<string, TestCell>();
    const fresh = await TestCell.open({ name: "fresh", neighbours });
    try {
      await fresh.query("UPDATE cluster SET pretty_name = NULL, descriptor = NULL");
      const { cluster, offers, publisher, purchases } = fresh.ledger;
      for (const refused of [
        () => cluster.descriptor(),
        () => cluster.setPrettyName("x", "admin"),
        () => offers.save(sampleOffer(), "admin"),
        () => publisher.snapshot(),
        () => purchases.buy({ clusterID: "c", offerID: "o", planID: "p" }, "admin"),
      ]) {
        await expect(refused()).rejects.toMatchObject({ code: "NOT_INITIALISED" });
      }
    } finally {
      await fresh.close();
    }
  });
});
