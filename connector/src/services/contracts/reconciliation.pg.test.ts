import { CatalogError } from "@catalog/schema/errors";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { sampleOffer } from "../../testing/sample-offers.js";
import { TestCell } from "../../testing/test-cell.js";
import type { PeerClient } from "../ports.js";

let turin: TestCell;
let paris: TestCell;
/** Names of the operations that do not get through. */
let blocked: readonly (keyof PeerClient)[] = [];
let forged: Partial<Awaited<ReturnType<PeerClient["negotiations"]>>[number]> = {};
let offers = 0;
let offerID = "";

function filtered(direct: PeerClient): PeerClient {
  return new Proxy(direct, {
    get:
      (target, name: keyof PeerClient) =>
      async (...call: never[]) => {
        if (blocked.includes(name)) throw new CatalogError("PEER_UNREACHABLE", "no answer");
        const answer: unknown = await (target[name] as (...args: never[]) => Promise<unknown>)(...call);
        return name === "negotiations" ? (answer as object[]).map((one) => ({ ...one, ...forged })) : answer;
      },
  });
}

beforeAll(async () => {
  const neighbours = new Map<string, TestCell>();
  const settings = { newIDsPerMinute: 1_000 };
  turin = await TestCell.open({ name: "turin", neighbours, settings, network: (_, direct) => filtered(direct) });
  paris = await TestCell.open({ name: "paris", neighbours, settings, network: (_, direct) => filtered(direct) });
});
afterAll(() => Promise.all([turin.close(), paris.close()]));
beforeEach(() => {
  blocked = [];
  forged = {};
  offerID = `offer-${++offers}`;
});

const reconcile = (): Promise<void> => paris.ledger.reconciliation.reconcile(new AbortController().signal);

async function work(cell: TestCell): Promise<void> {
  for (let i = 0; i < 6; i++) await cell.work();
}

async function bought(approval: "AUTO" | "MANUAL" = "AUTO", validUntil: number | null = null): Promise<string> {
  await turin.ledger.offers.save(sampleOffer({ offerID, approval }), "admin");
  const input = { clusterID: turin.clusterID, offerID, planID: "small", validUntil };
  const { contractID } = await paris.ledger.purchases.buy(input, "admin");
  await work(paris);
  return contractID;
}

const stateAt = async (cell: TestCell, contractID: string): Promise<string> =>
  (await cell.ledger.contracts.get(contractID)).state;

describe("reconciliation", () => {
  it("learns of an end that the seller could not tell", async () => {
    const contractID = await bought();
    blocked = ["terminate"];
    await turin.ledger.terminations.terminate(contractID, { reason: "moving", force: true }, "admin");
    await work(turin);
    expect(await stateAt(paris, contractID)).toBe("ACTIVE");
    await reconcile();
    expect(await paris.ledger.contracts.get(contractID)).toMatchObject({ state: "TERMINATED", message: "moving" });
  });

  it("acts on an approval that it hears of at once", async () => {
    const contractID = await bought("MANUAL");
    expect(await stateAt(paris, contractID)).toBe("PENDING_APPROVAL");
    await turin.ledger.approvals.approve(contractID, "admin");
    await reconcile();
    await work(paris);
    expect(await stateAt(paris, contractID)).toBe("ACTIVE");
    expect(await stateAt(turin, contractID)).toBe("ACTIVE");
  });

  it("learns that the agreed end was reached on the seller's clock", async () => {
    const contractID = await bought("AUTO", Math.floor(turin.now().getTime() / 1000) + 100);
    expect(await stateAt(turin, contractID)).toBe("ACTIVE");
    expect(await paris.ledger.reconciliation.waitMs()).toBeLessThanOrEqual(36_000);
    paris.offsetMs = 90_000;
    expect(await paris.ledger.reconciliation.waitMs()).toBeLessThanOrEqual(11_500);
    paris.offsetMs = 0;
    turin.offsetMs += 101_000;
    await turin.ledger.expiry.sweep();
    await reconcile();
    expect(await stateAt(paris, contractID)).toBe("EXPIRED");
  });

  it("ends a purchase by itself when the seller stays silent long after the agreed end", async () => {
    const validUntil = Math.floor(Date.now() / 1000) + 1_000;
    const contractID = await bought("AUTO", validUntil);
    blocked = ["negotiations", "terminate"];
    paris.offsetMs = (validUntil + 290) * 1000 - Date.now();
    await paris.ledger.expiry.sweep();
    expect(await stateAt(paris, contractID)).toBe("ACTIVE");
    paris.offsetMs = (validUntil + 300) * 1000 - Date.now();
    await paris.ledger.expiry.sweep();
    expect(await stateAt(paris, contractID)).toBe("EXPIRED");
    paris.offsetMs = 0;
  });

  it("leaves as it is what the seller does not list, and what it says without proof", async () => {
    const contractID = await bought();
    await turin.query("DELETE FROM contracts WHERE contract_id = $1", [contractID]);
    await reconcile();
    expect(await stateAt(paris, contractID)).toBe("ACTIVE");
    const other = await bought();
    forged = { state: "TERMINATED", notice: null, version: Number.MAX_SAFE_INTEGER };
    await reconcile();
    forged = { state: "TERMINATED", notice: "a.b.c", version: Number.MAX_SAFE_INTEGER };
    await reconcile();
    forged = { state: "EXPIRED" };
    await reconcile();
    expect(await stateAt(paris, other)).toBe("ACTIVE");
  });

  it("ignores outdated answers, and those from before the seller's database went back", async () => {
    const contractID = await bought("MANUAL");
    const { incarnation } = await paris.ledger.contracts.get(contractID);
    await turin.ledger.approvals.reject(contractID, "no", "admin");
    await paris.transact((unit) => unit.sellers.saveIncarnation(turin.fingerprint, "9999999999999-zzzz"));
    await reconcile();
    expect(await stateAt(paris, contractID)).toBe("PENDING_APPROVAL");
    await paris.query("UPDATE sellers SET incarnation = $1", [incarnation]);
    forged = { version: 0 };
    await reconcile();
    expect(await stateAt(paris, contractID)).toBe("PENDING_APPROVAL");
    forged = {};
    await reconcile();
    expect(await stateAt(paris, contractID)).toBe("REJECTED");
  });
});

describe("what the customer says meanwhile", () => {
  it("shows why a purchase does not get on, and goes on by itself", async () => {
    await turin.ledger.offers.save(sampleOffer({ offerID }), "admin");
    blocked = ["descriptor"];
    const input = { clusterID: turin.clusterID, offerID, planID: "small" };
    const { contractID } = await paris.ledger.purchases.buy(input, "admin");
    await work(paris);
    expect(await paris.ledger.contracts.get(contractID)).toMatchObject({
      state: "REQUESTED",
      code: "PEER_UNREACHABLE",
    });
    blocked = [];
    paris.offsetMs += 60_000;
    await work(paris);
    expect(await paris.ledger.contracts.get(contractID)).toMatchObject({ state: "ACTIVE", code: null, message: null });
  });

  it("never buys on terms that were not approved", async () => {
    await turin.ledger.offers.save(sampleOffer({ offerID }), "admin");
    const { contractID } = await paris.ledger.purchases.buy(
      { clusterID: turin.clusterID, offerID, planID: "small" },
      "admin",
    );
    await paris.query(
      "UPDATE contracts SET offer = jsonb_set(offer, '{plans,0,planCost}', '10') WHERE contract_id = $1",
      [contractID],
    );
    await work(paris);
    expect(await paris.ledger.contracts.get(contractID)).toMatchObject({
      state: "TERMINATED",
      code: "TERMS_NOT_APPROVED",
    });
    expect(await turin.ledger.contracts.get(contractID)).toMatchObject({ state: "TERMINATED", isHolding: false });
  });

  it("takes a definitive refusal for the last word, and keeps the reason", async () => {
    await turin.ledger.offers.save(sampleOffer({ offerID }), "admin");
    paris.isMember = false;
    const { contractID } = await paris.ledger.purchases.buy(
      { clusterID: turin.clusterID, offerID, planID: "small" },
      "admin",
    );
    await work(paris);
    expect(await paris.ledger.contracts.get(contractID)).toMatchObject({ state: "REQUESTED", code: "NOT_A_MEMBER" });
    paris.offsetMs += 601_000;
    await work(paris);
    expect(await paris.ledger.contracts.get(contractID)).toMatchObject({ state: "REJECTED", code: "NOT_A_MEMBER" });
    paris.isMember = true;
  });
});
