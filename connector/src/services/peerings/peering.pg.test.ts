import { randomUUID } from "node:crypto";
import { silentLog } from "@catalog/server/log";
import { waitFor } from "@catalog/server/testing/wait-for";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { ManualDriver } from "../../liqo/manual/manual-driver.js";
import { sampleOffer } from "../../testing/sample-offers.js";
import { TestCell } from "../../testing/test-cell.js";
import type { PeeringDriver, PeeringReport, PeeringTask } from "./peering-ports.js";
import { PeeringReconciler } from "./peering-reconciler.js";
import { peeringIDOf } from "./peering-task.js";
import { PeeringTurns } from "./peering-turn.js";
import { PeeringService } from "./peering.service.js";

const REPORT: PeeringReport = {
  phase: "ESTABLISHED",
  steps: [{ name: "Connect", status: "DONE", detail: null, object: "ForeignCluster paris" }],
  message: "It is usable.",
  whatToDo: null,
  conditions: [],
  released: [],
  state: { turns: 1 },
  retryAfterMs: null,
};

/** A driver that does what the test says and remembers what it was asked. */
class ScriptedDriver implements PeeringDriver {
  readonly mode = "v0.8";
  readonly tasks: PeeringTask[] = [];
  report: (task: PeeringTask) => PeeringReport | Promise<PeeringReport> = () => REPORT;
  seen: ((clusterID: string) => void) | undefined;

  async reconcile(task: PeeringTask): Promise<PeeringReport> {
    this.tasks.push(task);
    return this.report(task);
  }
  async answer(_contract: unknown, message: { type: string }, state: unknown) {
    const count = ((state as { count?: number } | null)?.count ?? 0) + 1;
    return { reply: { type: message.type, count }, state: { count } };
  }
  async watch(onChange: (clusterID: string) => void): Promise<void> {
    this.seen = onChange;
  }
}

/** A cell whose ended contracts hold their units until the driver says that the resources are back. */
class HoldingDriver extends ManualDriver {
  override readonly releasesAtOnce = false;
  override async reclaim(): Promise<boolean> {
    return false;
  }
}

let turin: TestCell;
let paris: TestCell;
let driver: ScriptedDriver;

beforeAll(async () => {
  const neighbours = new Map<string, TestCell>();
  const holding = (cell: TestCell) =>
    new HoldingDriver({
      clusterID: cell.clusterID,
      clusterName: "turin",
      endpoint: null,
      token: null,
      liqoVersion: null,
    });
  turin = await TestCell.open({ name: "turin", neighbours, driver: holding });
  paris = await TestCell.open({ name: "paris", neighbours });
  await turin.ledger.offers.save(sampleOffer({ quantity: 100 }), "admin");
});
afterAll(() => Promise.all([turin.close(), paris.close()]));
beforeEach(() => {
  driver = new ScriptedDriver();
});

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

function peeringsOf(cell: TestCell, isAutomatic = true) {
  const service = new PeeringService(cell.transact, isAutomatic);
  const turns = new PeeringTurns(
    cell.transact,
    cell.ledger.entries,
    () => driver,
    async () => ({ type: "status" }),
  );
  return { service, turns };
}

const atTurin = () => peeringIDOf({ role: "SELLER", counterparty: paris.fingerprint });
const atParis = () => peeringIDOf({ role: "BUYER", counterparty: turin.fingerprint });

describe("a peering", () => {
  it("comes with the first active contract, once on each side, and tells its driver all that are in force", async () => {
    const first = await bought();
    const second = await bought();
    const seller = peeringsOf(turin);
    const buyer = peeringsOf(paris);
    expect(await seller.service.ensureAll()).toEqual([atTurin()]);
    expect(await buyer.service.ensureAll()).toEqual([atParis()]);
    expect(await seller.turns.take(atTurin())).toEqual({ isOver: false, againInMs: null });
    const [task] = driver.tasks;
    expect(task).toMatchObject({ side: "PROVIDER", wanted: true, ending: [], peer: { clusterID: paris.clusterID } });
    expect(task?.contracts.map((contract) => contract.contractID)).toEqual([first, second].sort());
    const view = await seller.service.ofContract(first);
    expect(view.peering).toMatchObject({ state: { turns: 1 }, report: { phase: "ESTABLISHED" }, lastError: null });
    expect(await seller.service.events(atTurin())).toMatchObject([
      { phase: "WAITING", actor: `peer ${paris.fingerprint}` },
      { phase: "ESTABLISHED", message: "It is usable.", actor: "connector" },
    ]);
    await ended(first);
    await ended(second);
  });

  it("gives units back only when the driver says that their resources are, and only once", async () => {
    const contractID = await bought();
    const { service, turns } = peeringsOf(turin);
    await service.ensureAll();
    await ended(contractID);
    const held = async (): Promise<boolean> => (await turin.ledger.contracts.get(contractID)).isHolding;
    await turns.take(atTurin());
    expect(driver.tasks.at(-1)?.ending.map((contract) => contract.contractID)).toContain(contractID);
    expect(await held()).toBe(true);
    driver.report = (task) => ({
      ...REPORT,
      phase: "GONE",
      released: [...task.ending.map((contract) => contract.contractID), "of-somebody-else"],
    });
    expect(await turns.take(atTurin())).toEqual({ isOver: true });
    expect(await held()).toBe(false);
    await turns.take(atTurin());
    const [stock] = await turin.query<{ held: string }>("SELECT held FROM plan_stock WHERE plan_id = 'small'");
    expect(stock?.held).toBe("0");
  });

  it("is taken down and made again as the customer's admin wants, and not by the provider's", async () => {
    const contractID = await bought();
    const buyer = peeringsOf(paris);
    await buyer.service.ensureAll();
    expect((await buyer.service.remove(contractID, "admin")).peering.isWanted).toBe(false);
    await buyer.turns.take(atParis());
    expect(driver.tasks.at(-1)?.wanted).toBe(false);
    expect((await buyer.service.create(contractID, true, "admin")).peering).toMatchObject({
      isWanted: true,
      hasNetwork: true,
    });
    await buyer.turns.take(atParis());
    expect(driver.tasks.at(-1)).toMatchObject({ wanted: true, network: true });
    const seller = peeringsOf(turin).service;
    await expect(seller.remove(contractID, "admin")).rejects.toMatchObject({ code: "CONTRACT_STATE_INVALID" });
    await ended(contractID);
    await expect(buyer.service.create(contractID, false, "admin")).rejects.toMatchObject({
      code: "CONTRACT_STATE_INVALID",
    });
    await expect(buyer.service.create("nothing", false, "admin")).rejects.toMatchObject({ code: "CONTRACT_NOT_FOUND" });
  });

  it("keeps what failed as its last error, without the old report being lost", async () => {
    const contractID = await bought();
    const { service, turns } = peeringsOf(turin);
    await service.ensureAll();
    await turns.take(atTurin());
    driver.report = () => Promise.reject(new Error("secret detail"));
    await expect(turns.take(atTurin())).rejects.toThrow("secret detail");
    const { peering } = await service.ofContract(contractID);
    expect(peering.lastError).toBe("The last attempt failed; the log says why.");
    expect(peering.report?.phase).toBe("ESTABLISHED");
    await ended(contractID);
  });
});

describe("a customer's message", () => {
  const ask = (turns: PeeringTurns, caller: TestCell, contractID: string, text = '{"type":"status"}') =>
    turns.answer({ fingerprint: caller.fingerprint }, contractID, text);

  it("is answered from what the driver remembers, one message after the other", async () => {
    const contractID = await bought();
    const { turns } = peeringsOf(turin);
    const replies = await Promise.all([1, 2, 3].map(() => ask(turns, paris, contractID)));
    const counts = replies.map((reply) => (JSON.parse(reply) as { count: number }).count);
    expect(counts.map((count, index) => count - (counts[0] ?? 0) - index)).toEqual([0, 0, 0]);
    await ended(contractID);
  });

  it("is refused from anybody else, and if it is no message", async () => {
    const contractID = await bought();
    const { turns } = peeringsOf(turin);
    await expect(ask(turns, turin, contractID)).rejects.toMatchObject({ code: "UNKNOWN_CONTRACT" });
    for (const text of ["", "[]", "{}", '{"type":1}', "null", `{"type":"${"x".repeat(40_000)}"}`])
      await expect(ask(turns, paris, contractID, text)).rejects.toMatchObject({ code: "BAD_USER_INPUT" });
    await ended(contractID);
  });

  it("about an ended contract tells how the peering goes down, until nothing is left of it", async () => {
    const contractID = await bought();
    const { service, turns } = peeringsOf(turin);
    await service.ensureAll();
    await ended(contractID);
    driver.report = () => ({ ...REPORT, phase: "TAKING_DOWN", message: "It is being removed." });
    await turns.take(atTurin());
    const side = { phase: "TAKING_DOWN", message: "The customer removes its half.", whatToDo: null, since: 7 };
    const reply = await ask(turns, paris, contractID, JSON.stringify({ type: "status", side }));
    expect(JSON.parse(reply)).toMatchObject({ type: "status", phase: "TAKING_DOWN", message: "It is being removed." });
    expect(reply).not.toContain("count");
    expect((await service.ofContract(contractID)).peering.otherSide).toMatchObject(side);
    expect(JSON.parse(await ask(turns, paris, contractID, '{"type":"ended"}'))).toMatchObject({ type: "ended" });
    for (const type of ["nonce", "tenant", "material", "network"])
      await expect(ask(turns, paris, contractID, JSON.stringify({ type }))).rejects.toMatchObject({
        code: "CONTRACT_STATE_INVALID",
      });
    driver.report = (task) => ({
      ...REPORT,
      phase: "GONE",
      released: task.ending.map((contract) => contract.contractID),
    });
    await turns.take(atTurin());
    for (const type of ["status", "ended"])
      await expect(ask(turns, paris, contractID, JSON.stringify({ type }))).rejects.toMatchObject({
        code: "CONTRACT_STATE_INVALID",
      });
  });

  it("is refused for a while when there are too many, without the others noticing", async () => {
    const { turns } = peeringsOf(turin);
    const flood = Array.from({ length: 200 }, () => ask(turns, paris, randomUUID()).catch((error: unknown) => error));
    const codes = (await Promise.all(flood)).map((error) => (error as { code: string }).code);
    expect(new Set(codes)).toEqual(new Set(["UNKNOWN_CONTRACT", "RATE_LIMITED"]));
    await expect(ask(turns, turin, randomUUID())).rejects.toMatchObject({ code: "UNKNOWN_CONTRACT" });
  });
});

describe("the reconciler", () => {
  it("is woken by contracts and by the cluster, tries again what failed, and ends when told", async () => {
    const { service, turns } = peeringsOf(turin);
    const reconciler = new PeeringReconciler(service, turns, turin.changes, { lookEveryMs: 60_000 }, silentLog());
    const stopping = new AbortController();
    let failures = 2;
    driver.report = () => (failures-- > 0 ? Promise.reject(new Error("not yet")) : REPORT);
    const running = reconciler.run(stopping.signal);
    void reconciler.watch(driver, stopping.signal);
    const contractID = await bought();
    await waitFor(async () => (await service.ofContract(contractID)).peering.report?.phase === "ESTABLISHED");
    const before = driver.tasks.length;
    driver.seen?.(paris.clusterID);
    await waitFor(() => driver.tasks.length > before);
    stopping.abort();
    await running;
    await ended(contractID);
  });

  it("ends when told while it still reads the peerings", async () => {
    const { service, turns } = peeringsOf(turin);
    const reconciler = new PeeringReconciler(service, turns, turin.changes, { lookEveryMs: 60_000 }, silentLog());
    const stopping = new AbortController();
    const running = reconciler.run(stopping.signal);
    stopping.abort();
    await running;
  });
});
