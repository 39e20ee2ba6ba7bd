import { waitFor } from "@catalog/server/testing/wait-for";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { ManualDriver } from "../../liqo/manual/manual-driver.js";
import { sampleOffer } from "../../testing/sample-offers.js";
import { TestCell } from "../../testing/test-cell.js";
import { ForcedReleaseService } from "./forced-release.service.js";
import type { PeeringDriver, PeeringMessage, PeeringReport } from "./peering-ports.js";
import { peeringIDOf } from "./peering-task.js";
import { PeeringTurns } from "./peering-turn.js";
import { PeeringService } from "./peering.service.js";

const AFTER = 3_600;
const STEP = { name: "slice", status: "DOING", detail: null, object: "ResourceSlice a/b" } as const;

/** A cluster whose resources never come back by themselves. */
class HoldingDriver extends ManualDriver {
  override readonly releasesAtOnce = false;
  override async reclaim(): Promise<boolean> {
    return false;
  }
}

/** A driver that reports what the test says. */
class ScriptedDriver implements PeeringDriver {
  readonly mode = "v1";
  report: Partial<PeeringReport> = {};
  readonly heard: PeeringMessage[] = [];

  async reconcile(task: { readonly state: unknown }): Promise<PeeringReport> {
    const { state } = task;
    return {
      ...{ phase: "TAKING_DOWN", steps: [STEP], message: "down", whatToDo: null, conditions: [], released: [] },
      ...{ retryAfterMs: null, state, ...this.report },
    };
  }
  async answer(_contract: unknown, message: PeeringMessage, state: unknown) {
    this.heard.push(message);
    return { reply: { type: "status", message: "seen", granted: { cpu: "2" } }, state };
  }
  async watch(): Promise<void> {}
}

let turin: TestCell;
let paris: TestCell;
const seller = new ScriptedDriver();
const buyer = new ScriptedDriver();

beforeAll(async () => {
  const neighbours = new Map<string, TestCell>();
  const parameters = { clusterName: "turin", endpoint: null, token: null, liqoVersion: null };
  const driver = (cell: TestCell) => new HoldingDriver({ ...parameters, clusterID: cell.clusterID });
  turin = await TestCell.open({ name: "turin", neighbours, driver });
  paris = await TestCell.open({ name: "paris", neighbours });
  await turin.ledger.offers.save(sampleOffer({ quantity: 3 }), "admin");
});
afterAll(() => Promise.all([turin.close(), paris.close()]));

const sale = () => peeringIDOf({ role: "SELLER", counterparty: paris.fingerprint });
const purchase = () => peeringIDOf({ role: "BUYER", counterparty: turin.fingerprint });
const held = async (): Promise<string | undefined> =>
  (await turin.query<{ held: string }>("SELECT held FROM plan_stock WHERE plan_id = 'small'"))[0]?.held;

function turnsOf(cell: TestCell, driver: PeeringDriver, provider?: PeeringTurns) {
  return new PeeringTurns(
    cell.transact,
    cell.ledger.entries,
    () => driver,
    async ({ contractID }, message) =>
      JSON.parse((await provider?.answer(paris.caller, contractID, JSON.stringify(message))) ?? "{}") as PeeringMessage,
  );
}

async function bought(): Promise<string> {
  const input = { clusterID: turin.clusterID, offerID: "general", planID: "small" };
  const { contractID } = await paris.ledger.purchases.buy(input, "admin");
  await waitFor(async () => {
    await paris.work();
    return (await paris.ledger.contracts.get(contractID)).state === "ACTIVE";
  });
  return contractID;
}

async function ended(contractID: string): Promise<void> {
  await paris.ledger.terminations.terminate(contractID, { reason: null, force: false }, "admin");
  await waitFor(async () => {
    await paris.work();
    return (await turin.ledger.contracts.get(contractID)).state === "TERMINATED";
  });
}

describe("stock freed by hand", () => {
  it("is refused until nothing has moved for long, freed once, and the contract stays flagged until the resources are back", async () => {
    const forced = new ForcedReleaseService(turin.transact, turin.ledger.entries, AFTER);
    const peerings = new PeeringService(turin.transact, true);
    const turns = turnsOf(turin, seller);
    const contractID = await bought();
    const free = (reason = "its cluster is gone") => forced.release(contractID, reason, "admin");
    await expect(free()).rejects.toMatchObject({ code: "CONTRACT_STATE_INVALID" });
    await peerings.ensureAll();
    await ended(contractID);
    await expect(free(" ")).rejects.toMatchObject({ code: "BAD_USER_INPUT" });
    await expect(free()).rejects.toMatchObject({ code: "RELEASE_TOO_EARLY" });

    turin.offsetMs = (AFTER + 5) * 1_000;
    await turns.take(sale());
    const refusal = await free().catch((error: unknown) => error);
    expect(refusal).toMatchObject({ code: "RELEASE_TOO_EARLY" }); // The driver has just got further.
    turin.offsetMs += (AFTER + 5) * 1_000;
    await turns.take(sale());
    expect(await held()).toBe("1");
    const freed = await Promise.all([free(), free()]);
    expect(freed.map((one) => one.isReleasedByForce)).toEqual([true, true]);
    expect(await held()).toBe("0");
    expect((await turin.ledger.findings.look(null)).overdue).toMatchObject([{ contractID }]);
    await expect(forced.release("nothing", "x", "admin")).rejects.toMatchObject({ code: "CONTRACT_NOT_FOUND" });

    const again = await bought();
    expect(await held()).toBe("1");
    seller.report = { released: [contractID] };
    await turns.take(sale());
    await turns.take(sale());
    expect(await held()).toBe("1");
    expect((await turin.ledger.findings.look(null)).overdue).toEqual([]);
    expect(await turin.ledger.contracts.get(contractID)).toMatchObject({ isReleasedByForce: true, isOverdue: false });
    const history = await peerings.events(sale());
    expect(history.filter(({ actor }) => actor === "admin").map(({ message }) => message)).toEqual([
      `The stock of contract ${contractID} was freed by hand: its cluster is gone`,
    ]);
    expect(history[0]).toMatchObject({ actor: `peer ${paris.fingerprint}` });
    seller.report = {};
    turin.offsetMs = 0;
    await ended(again);
  });
});

describe("both sides of a peering", () => {
  it("are known to both: what each says, and since when; and nobody is asked more than needed", async () => {
    const contractID = await bought();
    seller.report = { phase: "CONNECTING", message: "almost", whatToDo: "wait" };
    buyer.report = { phase: "WAITING", message: "for you" };
    const provider = turnsOf(turin, seller);
    const customer = turnsOf(paris, buyer, provider);
    await new PeeringService(turin.transact, true).ensureAll();
    await new PeeringService(paris.transact, true).ensureAll();
    await provider.take(sale());
    seller.heard.length = 0;
    await customer.take(purchase());
    await customer.take(purchase());
    expect(seller.heard).toEqual([{ type: "status" }]); // The driver does not see what is not for it.
    const ofCustomer = await new PeeringService(paris.transact, true).ofContract(contractID);
    expect(ofCustomer.peering.otherSide).toMatchObject({
      phase: "CONNECTING",
      message: "seen",
      whatToDo: "wait",
      granted: { cpu: "2" },
    });
    const ofProvider = await new PeeringService(turin.transact, true).ofContract(contractID);
    expect(ofProvider.peering.otherSide).toMatchObject({ phase: "WAITING", granted: {} });
    await ended(contractID);
  });

  it("a last error names the object that it is about", async () => {
    const contractID = await bought();
    const { KubeConflictError } = await import("../../liqo/kube/kube.errors.js");
    const call = { verb: "patch", resource: "tenants", object: "Tenant a/b" } as const;
    const failing: PeeringDriver = {
      mode: "v1",
      reconcile: async () => {
        throw new KubeConflictError(call, "x");
      },
      answer: seller.answer.bind(seller),
      watch: async () => undefined,
    };
    await expect(turnsOf(turin, failing).take(sale())).rejects.toThrow("Tenant a/b");
    const { peering } = await new PeeringService(turin.transact, true).ofContract(contractID);
    expect(peering).toMatchObject({ lastErrorObject: "Tenant a/b" });
    expect(peering.lastError).toContain("somebody else was faster");
    await ended(contractID);
  });
});
