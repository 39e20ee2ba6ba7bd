import { afterAll, beforeAll, expect, test } from "vitest";
import { confirmCall, noticeCall, receiptCall, reserveCall } from "../../testing/buyer-calls.js";
import { sampleOffer } from "../../testing/sample-offers.js";
import { TestCell } from "../../testing/test-cell.js";

const neighbours = new Map<string, TestCell>();
const offerID = "general";
let paris: TestCell;

beforeAll(async () => {
  paris = await TestCell.open({ name: "paris", neighbours });
});
afterAll(() => paris.close());

test("reserves and activates nothing while the cluster is open, and waits with the stock until the resources are back", async () => {
  let isBack = false;
  let isSellingAllowed = true;
  const driver = {
    mode: "test",
    releasesAtOnce: false,
    parameters: async () => ({ clusterID: "cluster-slow", clusterName: "slow", endpoint: null, token: null }),
    liqo: () => ({ mode: "test", version: null }),
    safety: () => ({ isSellingAllowed, risks: [] }),
    reclaim: async () => isBack,
    existingPeers: async () => [],
    capacity: async () => null,
  };
  const slow = await TestCell.open({ name: "slow", neighbours, driver: () => driver });
  const seconds = (): number => Math.floor(slow.now().getTime() / 1000);
  try {
    await slow.ledger.offers.save(sampleOffer({ offerID }), "admin");
    const { termsRev } = await slow.ledger.offers.get(offerID);
    const asked = await reserveCall(paris, { offerID, termsRev });
    isSellingAllowed = false;
    await expect(slow.ledger.sales.reserve(paris.caller, asked)).rejects.toMatchObject({
      code: "UNAVAILABLE",
      details: { reason: "SELLER_NOT_READY" },
    });
    expect(await slow.query("SELECT 1 FROM contracts")).toEqual([]);
    isSellingAllowed = true;
    const reserved = await slow.ledger.sales.reserve(paris.caller, asked);
    isSellingAllowed = false;
    expect(await slow.ledger.sales.reserve(paris.caller, asked), "what is reserved stays so").toEqual(reserved);
    const confirmed = await slow.ledger.closings.confirm(
      paris.caller,
      await confirmCall(reserved, paris.identity.signer),
    );
    await expect(
      slow.ledger.closings.activate(
        paris.caller,
        await receiptCall(confirmed, paris.identity.signer, { iat: seconds() }),
      ),
    ).rejects.toMatchObject({
      code: "UNAVAILABLE",
    });
    expect((await slow.ledger.grants.grantOf(paris.clusterID))["cpu"]).toBe(0n);
    isSellingAllowed = true;
    const active = await slow.ledger.closings.activate(
      paris.caller,
      await receiptCall(confirmed, paris.identity.signer, { iat: seconds() }),
    );
    expect(active.peering).toBeNull();
    await slow.ledger.terminations.terminatedByPeer(
      paris.caller,
      await noticeCall(active.contractID, paris, seconds()),
    );
    await slow.work();
    expect((await slow.ledger.offers.get(offerID)).stock[0]?.held).toBe(1);
    expect((await slow.ledger.grants.grantOf(paris.clusterID))["cpu"]).toBe(0n);
    isBack = true;
    slow.offsetMs += 10_000;
    await slow.work();
    expect((await slow.ledger.offers.get(offerID)).stock[0]?.held).toBe(0);
    expect((await slow.ledger.contracts.get(active.contractID)).releasedAt).not.toBeNull();
  } finally {
    await slow.close();
  }
});
