import { randomUUID } from "node:crypto";
import type { Negotiation, ReserveInput } from "@catalog/schema/operations";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { confirmCall, noticeCall, reserveCall } from "../../testing/buyer-calls.js";
import { sampleOffer } from "../../testing/sample-offers.js";
import { TestCell } from "../../testing/test-cell.js";

let cells: TestCell[] = [];
let seller: TestCell;
let buyer: TestCell;

beforeEach(async () => {
  const neighbours = new Map<string, TestCell>();
  cells = await Promise.all(["turin", "paris"].map((name) => TestCell.open({ name, neighbours })));
  [seller, buyer] = cells as [TestCell, TestCell];
  await seller.ledger.offers.save(sampleOffer({ quantity: 20 }), "admin");
});
afterEach(() => Promise.all(cells.map((cell) => cell.close())));

async function input(change: Partial<ReserveInput> = {}, from = buyer): Promise<ReserveInput> {
  const offerID = change.offerID ?? "general";
  const { termsRev } = await seller.ledger.offers.get(offerID);
  return reserveCall(from, { offerID, termsRev }, change);
}

async function reserve(change: Partial<ReserveInput> = {}): Promise<Negotiation> {
  return seller.ledger.sales.reserve(buyer.caller, await input(change));
}

const notice = (contractID: string) => noticeCall(contractID, buyer, 1);

function minuteLater(): void {
  seller.offsetMs += 61_000;
}

describe("what one buyer may do at a seller", () => {
  it("has at most five contracts on their way, those that wait for approval included", async () => {
    await seller.ledger.offers.save(sampleOffer({ offerID: "approved", approval: "MANUAL", quantity: 20 }), "admin");
    const first = await reserve();
    for (let i = 0; i < 2; i++) expect((await reserve()).state).toBe("RESERVED");
    for (let i = 0; i < 2; i++) expect((await reserve({ offerID: "approved" })).state).toBe("PENDING_APPROVAL");
    expect(await reserve()).toMatchObject({ state: "REJECTED", code: "BUYER_LIMIT_REACHED" });
    await seller.ledger.terminations.terminatedByPeer(buyer.caller, await notice(first.contractID));
    expect((await reserve()).state).toBe("RESERVED");
  });

  it("takes more than half of a plan on its way only with its first contract", async () => {
    expect((await reserve({ units: 15 })).state).toBe("RESERVED");
    expect(await reserve({ units: 1 })).toMatchObject({ state: "REJECTED", code: "BUYER_LIMIT_REACHED" });
    minuteLater();
    seller.offsetMs += 120_000;
    await seller.ledger.expiry.sweep();
    seller.offsetMs += 121_000;
    expect((await reserve({ units: 6 })).state).toBe("RESERVED");
    expect((await reserve({ units: 4 })).state).toBe("RESERVED");
    expect(await reserve({ units: 1 })).toMatchObject({ code: "BUYER_LIMIT_REACHED" });
  });

  it("is kept from a plan for 2 min after its reservation lapsed, twice as long each time, a day at most", async () => {
    await seller.ledger.offers.save(sampleOffer({ offerID: "other", quantity: 20 }), "admin");
    const waits = [];
    for (let lapse = 0; lapse < 12; lapse++) {
      expect((await reserve()).state).toBe("RESERVED");
      seller.offsetMs += 121_000;
      await seller.ledger.expiry.sweep();
      const refused = await reserve();
      expect(refused).toMatchObject({ state: "REJECTED", code: "BUYER_BLOCKED" });
      const [block] = await seller.query<{ until: string }>("SELECT blocked_until AS until FROM plan_blocks");
      const until = Number(block?.until) * 1000;
      waits.push(Math.round((until - Date.now() - seller.offsetMs) / 1000 / 60));
      seller.offsetMs = until - Date.now() - 2_000;
      expect((await reserve()).code).toBe("BUYER_BLOCKED");
      const elsewhere = await reserve({ offerID: "other" });
      expect(elsewhere.state).toBe("RESERVED");
      await seller.ledger.terminations.terminatedByPeer(buyer.caller, await notice(elsewhere.contractID));
      seller.offsetMs = until - Date.now() + 61_000;
    }
    expect(waits).toEqual([2, 4, 8, 16, 32, 64, 128, 256, 512, 1024, 1440, 1440]);
  });

  it("is not kept from a plan for what it gave back itself", async () => {
    const view = await reserve();
    await seller.ledger.terminations.terminatedByPeer(buyer.caller, await notice(view.contractID));
    expect((await reserve()).state).toBe("RESERVED");
  });

  it("brings at most ten new ids a minute; retries do not count, ended unknown ids do", async () => {
    const first = await input();
    await seller.ledger.sales.reserve(buyer.caller, first);
    for (let i = 0; i < 20; i++) await seller.ledger.sales.reserve(buyer.caller, first);
    for (let i = 0; i < 5; i++) await reserve({ planID: "nothing" });
    const early = await notice(randomUUID());
    await seller.ledger.terminations.terminatedByPeer(buyer.caller, early);
    for (let i = 0; i < 3; i++)
      await seller.ledger.terminations.terminatedByPeer(buyer.caller, await notice(randomUUID()));
    await expect(reserve()).rejects.toMatchObject({ code: "RATE_LIMITED" });
    await expect(
      seller.ledger.terminations.terminatedByPeer(buyer.caller, await notice(randomUUID())),
    ).rejects.toMatchObject({ code: "RATE_LIMITED" });
    expect((await seller.ledger.terminations.terminatedByPeer(buyer.caller, early)).state).toBe("TERMINATED");
    expect((await seller.ledger.sales.reserve(buyer.caller, first)).state).toBe("RESERVED");
    minuteLater();
    expect((await reserve()).state).toBe("RESERVED");
  });
});

describe("eight buyers of one plan at the same time", () => {
  it("never get more than there is, and all of what there is", async () => {
    const neighbours = seller.options.neighbours;
    const others = await Promise.all(
      ["b1", "b2", "b3", "b4", "b5", "b6", "b7"].map((name) => TestCell.open({ name, neighbours })),
    );
    cells.push(...others);
    await seller.ledger.offers.save(sampleOffer({ offerID: "hot", quantity: 13 }), "admin");
    const buyers = [buyer, ...others];
    const inputs = await Promise.all(
      buyers.map(async (one) => ({
        one,
        calls: await Promise.all([1, 2, 1].map((units) => input({ offerID: "hot", units }, one))),
      })),
    );
    const views = await Promise.all(
      inputs.flatMap(({ one, calls }) =>
        calls.map((call) =>
          seller.ledger.sales.reserve(one.caller, call).then((view) => ({ view, units: call.units, one })),
        ),
      ),
    );
    const reserved = views.filter(({ view }) => view.state === "RESERVED");
    expect(reserved.reduce((sum, { units }) => sum + units, 0)).toBe(13);
    expect(new Set(views.map(({ view }) => view.code))).toEqual(new Set([null, "OUT_OF_STOCK"]));
    expect((await seller.ledger.offers.get("hot")).stock).toMatchObject([{ held: 13, available: 0, overcommitted: 0 }]);
    const closed = await Promise.all(
      reserved.map(async ({ view, one }) =>
        seller.ledger.closings.confirm(one.caller, await confirmCall(view, one.identity.signer)),
      ),
    );
    expect(closed.every(({ state }) => state === "CONFIRMED")).toBe(true);
    seller.offsetMs += 800_000;
    await Promise.all([seller.ledger.expiry.sweep(), seller.ledger.expiry.sweep()]);
    expect((await seller.ledger.offers.get("hot")).stock).toMatchObject([{ held: 0, available: 13 }]);
  });
});
