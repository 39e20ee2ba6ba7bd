import { verifyContract } from "@catalog/schema/documents/contract-document";
import { decryptMaterial } from "@catalog/schema/documents/peering-material";
import { waitFor } from "@catalog/server/testing/wait-for";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { sampleOffer } from "../../testing/sample-offers.js";
import { TestCell } from "../../testing/test-cell.js";

describe("a purchase between two clusters", () => {
  const neighbours = new Map<string, TestCell>();
  let turin: TestCell;
  let paris: TestCell;
  const stop = new AbortController();
  const running: Promise<void>[] = [];

  beforeAll(async () => {
    turin = await TestCell.open({ name: "turin", neighbours });
    paris = await TestCell.open({ name: "paris", neighbours, settings: { buyWaitMs: 5_000 } });
    for (const cell of [turin, paris]) running.push(cell.ledger.outbox.run(stop.signal));
  });
  afterAll(async () => {
    stop.abort();
    await Promise.all(running);
    await Promise.all([turin, paris].map((cell) => cell.close()));
  });

  it("is active on both sides with identical signed bytes, granted, and taken from the stock", async () => {
    await turin.ledger.offers.save(sampleOffer(), "admin");
    const bought = await paris.ledger.purchases.buy(
      { clusterID: turin.clusterID, offerID: "general", planID: "small", units: 2 },
      "admin",
    );
    expect(bought.state).toBe("ACTIVE");
    const sold = await turin.ledger.contracts.get(bought.contractID);
    expect(sold.state).toBe("ACTIVE");
    expect(bought.documents.contract).toBe(sold.documents.contract);
    expect(bought.documents.activation).toBe(sold.documents.activation);
    expect(bought.version).toBe(sold.version);
    const key = (cell: TestCell) => () => cell.identity.keys.signing.publicJwk;
    const terms = await verifyContract(bought.documents.contract ?? "", key(turin), key(paris));
    expect(terms).toMatchObject({
      units: 2,
      cost: 12.5,
      currency: "EUR",
      planID: "small",
      contractID: bought.contractID,
    });
    expect(await turin.ledger.grants.grantOf(paris.clusterID)).toEqual({
      cpu: 4_000_000_000n,
      memory: 8n * 2n ** 30n * 1_000_000_000n,
      "ephemeral-storage": 40n * 2n ** 30n * 1_000_000_000n,
      pods: 110_000_000_000n,
    });
    expect((await turin.ledger.offers.get("general")).stock).toMatchObject([{ held: 2, available: 2 }]);
    const material = await decryptMaterial(bought.documents.peering ?? "", paris.identity.keys.encryption, {
      iss: turin.fingerprint,
      aud: paris.fingerprint,
      contractID: bought.contractID,
      keyOf: key(turin),
    });
    expect(material.parameters).toMatchObject({ clusterID: turin.clusterID, token: "token of turin" });
    const timeline = await paris.ledger.contracts.timeline(bought.contractID);
    expect(timeline.map((entry) => entry.state)).toEqual([
      "REQUESTED",
      "RESERVED",
      "CONFIRMING",
      "CONFIRMED",
      "ACTIVE",
    ]);
  });

  it("publishes what is left, and what comes back after the end", async () => {
    const stockInDocument = async () => {
      const { documents } = await turin.ledger.publisher.snapshot();
      return JSON.parse(Buffer.from(documents[0]?.jws.split(".")[1] ?? "", "base64url").toString()).stock
        .small as number;
    };
    await waitFor(async () => (await stockInDocument()) === 2);
    const [contract] = await paris.ledger.contracts.list({ role: "BUYER", state: "ACTIVE", first: 1 });
    const ended = await paris.ledger.terminations.terminate(
      contract?.contractID ?? "",
      { reason: "no longer needed", force: false },
      "admin",
    );
    expect(ended.state).toBe("TERMINATED");
    const sold = await waitFor(async () => {
      const one = await turin.ledger.contracts.get(ended.contractID);
      return one.state === "TERMINATED" && one;
    });
    expect(sold).toMatchObject({ message: "no longer needed", isHolding: false, isBreach: false });
    expect(await turin.ledger.grants.grantOf(paris.clusterID)).toMatchObject({
      cpu: 0n,
      memory: 0n,
      "ephemeral-storage": 0n,
      pods: 0n,
    });
    await waitFor(async () => (await stockInDocument()) === 4);
    await waitFor(async () => (await paris.ledger.contracts.get(ended.contractID)).isToldOfEnd);
  });

  it("gives the same contract for the same requestID, and refuses the key for another purchase", async () => {
    const input = { clusterID: turin.clusterID, offerID: "general", planID: "small", requestID: "run-7" };
    const [first, second] = await Promise.all([
      paris.ledger.purchases.buy(input, "admin"),
      paris.ledger.purchases.buy(input, "admin"),
    ]);
    expect(second.contractID).toBe(first.contractID);
    await expect(paris.ledger.purchases.buy({ ...input, units: 2 }, "admin")).rejects.toMatchObject({
      code: "IDEMPOTENCY_MISMATCH",
    });
  });

  it("is refused by the seller when fewer units are left", async () => {
    const contract = await paris.ledger.purchases.buy(
      { clusterID: turin.clusterID, offerID: "general", planID: "small", units: 4 },
      "admin",
    );
    expect(contract).toMatchObject({ state: "REJECTED", code: "OUT_OF_STOCK" });
    expect(await turin.ledger.contracts.get(contract.contractID)).toMatchObject({
      state: "REJECTED",
      isHolding: false,
    });
  });

  it.each([
    [{ clusterID: "nobody", offerID: "general", planID: "small" }, "CLUSTER_NOT_FOUND"],
    [{ offerID: "general", planID: "small" }, "BAD_USER_INPUT"],
    [{ clusterID: "cluster-turin", offerID: "other", planID: "small" }, "OFFER_NOT_FOUND"],
    [{ clusterID: "cluster-turin", offerID: "general", planID: "large" }, "PLAN_NOT_FOUND"],
    [{ clusterID: "cluster-turin", offerID: "general", planID: "small", units: 0 }, "BAD_USER_INPUT"],
    [{ clusterID: "cluster-turin", offerID: "general", planID: "small", validUntil: 1 }, "DURATION_TOO_SHORT"],
    [{ clusterID: "cluster-turin", offerID: "general", planID: "small", termsRev: 1 }, "OFFER_CHANGED"],
    [{ clusterID: "cluster-paris", offerID: "general", planID: "small" }, "SELF_PURCHASE"],
  ])("refuses the input %j with %s and keeps nothing", async (input, code) => {
    const before = await paris.ledger.contracts.list({ first: 200 });
    await expect(paris.ledger.purchases.buy(input, "admin")).rejects.toMatchObject({ code });
    expect(await paris.ledger.contracts.list({ first: 200 })).toHaveLength(before.length);
  });
});
