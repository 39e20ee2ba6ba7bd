import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { OfferEntry } from "../../domain/declaration.js";
import { sampleOffer } from "../../testing/sample-offers.js";
import { TestCell } from "../../testing/test-cell.js";
import { OfferChanges } from "../offers/offer-changes.js";
import { DeclaredOffers } from "./declared-offers.js";

let cell: TestCell;
let declared: DeclaredOffers;

beforeAll(async () => {
  cell = await TestCell.open({ name: "turin", neighbours: new Map() });
  declared = new DeclaredOffers(cell.transact, cell.ledger.offerChanges);
});
afterAll(() => cell.close());

const entry = (offerID: string, change: object = {}, adopt = false): OfferEntry => ({
  input: { ...sampleOffer({ ...change }), offerID },
  adopt,
  place: `file: ${offerID}`,
});
const listed = async () =>
  (await cell.ledger.offers.list()).map(({ offer, isDeclared }) => `${offer.offerID}${isDeclared ? "*" : ""}`).sort();
const revOf = async (offerID: string) => (await cell.ledger.offers.get(offerID)).rev;

describe("declared offers", () => {
  it("are made, kept as they are, changed and withdrawn; those made by hand are left alone", async () => {
    await cell.ledger.offers.save(sampleOffer({ offerID: "by-hand" }), "admin");
    await declared.apply([entry("a"), entry("b")]);
    expect(await listed()).toEqual(["a*", "b*", "by-hand"]);
    const before = await revOf("a");
    await declared.apply([entry("a"), entry("b", { quantity: 9 })]);
    expect(await revOf("a")).toBe(before);
    expect((await cell.ledger.offers.get("b")).offer.plans[0]?.planQuantity).toBe(9);
    await declared.apply([entry("a")]);
    expect(await listed()).toEqual(["a*", "by-hand"]);
    expect(await cell.ledger.offers.get("b")).toMatchObject({ isWithdrawn: true, isDeclared: false });
  });

  it("go on sale unless the declaration says otherwise", async () => {
    await declared.apply([entry("a", { status: false })]);
    expect((await cell.ledger.offers.get("a")).offer.status).toBe(false);
    await declared.apply([entry("a")]);
    expect((await cell.ledger.offers.get("a")).offer.status).toBe(true);
  });

  it("are not changed by hand", async () => {
    const { offers } = cell.ledger;
    const refused = { code: "OFFER_DECLARED" };
    await expect(offers.save(sampleOffer({ offerID: "a", quantity: 1 }), "admin")).rejects.toMatchObject(refused);
    await expect(offers.setStatus("a", false, "admin")).rejects.toMatchObject(refused);
    await expect(offers.withdraw("a", "admin")).rejects.toMatchObject(refused);
    expect((await offers.get("a")).offer).toMatchObject({ status: true, plans: [{ planQuantity: 4 }] });
  });

  it("stay declared through a change of the cluster's name and of the stock", async () => {
    await cell.ledger.cluster.setPrettyName("Torino", "admin");
    await cell.transact((unit) => unit.stock.take("a", "small", 1));
    cell.offsetMs += 2_000;
    await cell.ledger.publisher.restock("a");
    expect(await cell.ledger.offers.get("a")).toMatchObject({
      isDeclared: true,
      offer: { clusterPrettyName: "Torino" },
    });
  });

  it("take over one that was made by hand only if they say so", async () => {
    await expect(declared.apply([entry("new"), entry("by-hand")])).rejects.toThrow(/file: by-hand.*made by hand/);
    expect(await listed()).toEqual(["a*", "by-hand"]);
    await declared.apply([entry("a"), entry("by-hand", {}, true)]);
    expect(await listed()).toEqual(["a*", "by-hand*"]);
  });

  it("are made all or none", async () => {
    const few = new DeclaredOffers(cell.transact, new OfferChanges(cell.identity.signer, 3));
    const tooMany = ["a", "by-hand", "first", "second"].map((offerID) => entry(offerID));
    await expect(few.apply(tooMany)).rejects.toThrow(/^file: second: .*lists 3 offers/);
    expect(await listed()).toEqual(["a*", "by-hand*"]);
  });

  it("become the admin's where nothing is declared any more", async () => {
    const before = await revOf("a");
    await declared.release();
    expect(await listed()).toEqual(["a", "by-hand"]);
    expect(await revOf("a")).toBe(before);
    await cell.ledger.offers.withdraw("a", "admin");
    await declared.apply([entry("a")]);
    expect(await listed()).toEqual(["a*", "by-hand"]);
  });
});
