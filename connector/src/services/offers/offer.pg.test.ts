import { type Descriptor, signDescriptor, verifyDescriptor } from "@catalog/schema/documents/descriptor";
import { peekJws } from "@catalog/schema/documents/jws";
import { type OfferDocument, signOffer, verifyOffer, verifyWithdrawal } from "@catalog/schema/documents/offer-document";
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

async function document(offerID: string): Promise<OfferDocument> {
  const { jws } = await cell.ledger.offers.get(offerID);
  return verifyOffer(jws, await verifyDescriptor(await cell.ledger.cluster.descriptor()));
}

async function outbox(): Promise<string[]> {
  const rows = await cell.query<{ work: string }>("SELECT kind || ' ' || subject AS work FROM outbox ORDER BY 1");
  return rows.map((row) => row.work);
}

const workUntilIdle = async (): Promise<void> => {
  for (let i = 0; i < 20 && (await outbox()).length > 0; i++) {
    cell.offsetMs += 1_000;
    await cell.work();
  }
};

describe("own offers", () => {
  it("are signed, kept with their stock, and announced in the same transaction", async () => {
    await workUntilIdle();
    const saved = await cell.ledger.offers.save(sampleOffer({ offerID: "signed" }), "admin");
    const signed = await document("signed");
    expect(signed).toMatchObject({ iss: cell.fingerprint, rev: saved.rev, termsRev: saved.rev, stock: { small: 4 } });
    expect(signed.offer).toEqual(saved.offer);
    expect(await outbox()).toContain("announce ");
  });

  it("get a new termsRev only when the terms change, and no new number when nothing does", async () => {
    const input = sampleOffer({ offerID: "terms" });
    const first = await cell.ledger.offers.save(input, "admin");
    const same = await cell.ledger.offers.save(input, "admin");
    expect(same).toEqual(first);
    const paused = await cell.ledger.offers.setStatus("terms", false, "admin");
    expect(paused.rev).toBeGreaterThan(first.rev);
    expect(paused.termsRev).toBe(first.termsRev);
    const more = await cell.ledger.offers.save(
      { ...input, plans: input.plans.map((plan) => ({ ...plan, planQuantity: 9 })) },
      "admin",
    );
    expect(more.termsRev).toBe(first.termsRev);
    expect(more.offer.status).toBe(false);
    const dearer = await cell.ledger.offers.save(
      { ...input, plans: input.plans.map((plan) => ({ ...plan, planCost: 13 })) },
      "admin",
    );
    expect(dearer.termsRev).toBe(dearer.rev);
    expect(dearer.termsRev).toBeGreaterThan(more.rev);
  });

  it("are refused with every problem at once, and nothing changes", async () => {
    const before = await cell.ledger.offers.list();
    const wrong = { offerName: "", plans: [{ ...sampleOffer().plans[0], planCost: -1, planCostCurrency: "XXY" }] };
    const error = await cell.ledger.offers.save(wrong as never, "admin").catch((cause: unknown) => cause);
    expect(error).toMatchObject({ code: "BAD_USER_INPUT" });
    const { problems } = (error as { details: { problems: { path: string }[] } }).details;
    expect(problems.map((one) => one.path)).toEqual(
      expect.arrayContaining(["offerName", "plans[0].planCost", "plans[0].planCostCurrency"]),
    );
    expect(await cell.ledger.offers.list()).toEqual(before);
  });

  it("sell nothing more when less exists than is held, until enough has come back", async () => {
    const input = sampleOffer({ offerID: "shrunk", quantity: 4 });
    await cell.ledger.offers.save(input, "admin");
    const bought = await buyer.ledger.purchases.buy(
      { clusterID: cell.clusterID, offerID: "shrunk", planID: "small", units: 3 },
      "admin",
    );
    for (let i = 0; i < 5; i++) await buyer.work();
    expect((await buyer.ledger.contracts.get(bought.contractID)).state).toBe("ACTIVE");
    const shrunk = await cell.ledger.offers.save(
      { ...input, plans: input.plans.map((plan) => ({ ...plan, planQuantity: 1 })) },
      "admin",
    );
    expect(shrunk.stock).toMatchObject([{ quantity: 1, held: 3, available: 0, overcommitted: 2 }]);
    expect((await document("shrunk")).stock).toEqual({ small: 0 });
    await cell.ledger.terminations.terminate(bought.contractID, { reason: null, force: false }, "admin");
    expect((await cell.ledger.offers.get("shrunk")).stock).toMatchObject([
      { quantity: 1, held: 0, available: 1, overcommitted: 0 },
    ]);
  });

  it("leave with a signed withdrawal, twice is once, and come back under their id", async () => {
    await cell.ledger.offers.save(sampleOffer({ offerID: "leaving" }), "admin");
    const gone = await cell.ledger.offers.withdraw("leaving", "admin");
    const descriptor = await verifyDescriptor(await cell.ledger.cluster.descriptor());
    expect(await verifyWithdrawal(gone.jws, descriptor)).toMatchObject({ offerID: "leaving", rev: gone.rev });
    expect((await cell.ledger.offers.withdraw("leaving", "admin")).jws).toBe(gone.jws);
    expect((await cell.ledger.offers.list()).map((one) => one.offer.offerID)).not.toContain("leaving");
    await expect(cell.ledger.offers.setStatus("leaving", true, "admin")).rejects.toMatchObject({
      code: "OFFER_NOT_FOUND",
    });
    await expect(cell.ledger.offers.withdraw("never", "admin")).rejects.toMatchObject({ code: "OFFER_NOT_FOUND" });
    const back = await cell.ledger.offers.save(sampleOffer({ offerID: "leaving" }), "admin");
    expect(back).toMatchObject({ isWithdrawn: false });
    expect(back.termsRev).toBeGreaterThan(gone.rev);
    expect(back.stock).toMatchObject([{ quantity: 4, available: 4 }]);
  });

  it("are numbered without gaps in time: concurrent changes get different, rising numbers", async () => {
    const saved = await Promise.all(
      Array.from({ length: 8 }, (_, i) => cell.ledger.offers.save(sampleOffer({ offerID: `many-${i}` }), "admin")),
    );
    expect(new Set(saved.map((one) => one.rev)).size).toBe(8);
    const { asOf, documents } = await cell.ledger.publisher.snapshot();
    expect(Math.max(...documents.map((one) => one.rev))).toBe(asOf);
  });
});

describe("publishing what is left", () => {
  it("happens at once, and then at most once a second", async () => {
    await workUntilIdle();
    await cell.ledger.offers.save(sampleOffer({ offerID: "busy", quantity: 4 }), "admin");
    const first = await cell.ledger.offers.get("busy");
    await cell.transact((unit) => unit.stock.take("busy", "small", 1));
    const tooEarly = await cell.ledger.publisher.restock("busy");
    expect(tooEarly).toBe(first.signedAt + 1_000);
    expect((await document("busy")).stock).toEqual({ small: 4 });
    cell.offsetMs += 1_000;
    expect(await cell.ledger.publisher.restock("busy")).toBeNull();
    const second = await document("busy");
    expect(second).toMatchObject({ stock: { small: 3 }, termsRev: first.termsRev });
    expect(second.rev).toBeGreaterThan(first.rev);
    expect(await cell.ledger.publisher.restock("busy")).toBeNull();
    expect((await document("busy")).rev).toBe(second.rev);
  });
});

describe("a Broker that knows higher numbers", () => {
  it("is believed when it shows an own signature, and everything is signed above it", async () => {
    const { offer, rev } = await cell.ledger.offers.save(sampleOffer({ offerID: "ahead" }), "admin");
    const higher = rev + 1_000_000_000;
    const content = { rev: higher, termsRev: higher, iat: 1, offer, stock: { small: 4 } };
    const forged = await signOffer(buyer.identity.signer, { ...content, iss: cell.fingerprint });
    expect(await cell.ledger.publisher.outdated([forged, "no document"])).toBe(false);
    const proof = await signOffer(cell.identity.signer, { ...content, iss: cell.fingerprint });
    expect(await cell.ledger.publisher.outdated([proof])).toBe(true);
    const { documents } = await cell.ledger.publisher.snapshot();
    expect(documents.every((one) => one.rev > higher)).toBe(true);
    expect(documents.every((one) => peekJws<{ rev: number }>(one.jws).payload.rev === one.rev)).toBe(true);
  });

  it("is believed about one offer although the counter has moved on, and about the descriptor", async () => {
    const before = await cell.ledger.offers.save(sampleOffer({ offerID: "restored" }), "admin");
    const lost = { iss: cell.fingerprint, rev: before.rev + 1, termsRev: before.rev + 1, iat: 1, offer: before.offer };
    const proof = await signOffer(cell.identity.signer, { ...lost, stock: { small: 4 } });
    await cell.transact((unit) => unit.cluster.raiseNumber(before.rev + 1_000));
    expect(await cell.ledger.publisher.outdated([proof])).toBe(true);
    expect((await cell.ledger.offers.get("restored")).rev).toBeGreaterThan(before.rev + 1_000);
    expect(await cell.ledger.publisher.outdated([proof])).toBe(false);
    const own = peekJws<Descriptor>((await cell.ledger.publisher.snapshot()).descriptor).payload;
    const newer = await signDescriptor(cell.identity.signer, { ...own, seq: own.seq + 1_000_000_000 });
    expect(await cell.ledger.publisher.outdated([newer])).toBe(true);
    const { seq } = peekJws<Descriptor>((await cell.ledger.publisher.snapshot()).descriptor).payload;
    expect(seq).toBeGreaterThan(own.seq + 1_000_000_000);
    expect(await cell.ledger.publisher.outdated([newer])).toBe(false);
  });
});
