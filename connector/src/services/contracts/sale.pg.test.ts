import { randomUUID } from "node:crypto";
import { CONTRACT_STATES, type ContractState, isEnded } from "@catalog/schema/contract";
import { assemble, contractHash, cosign, signTerms, termsHash } from "@catalog/schema/documents/contract-document";
import { signNotice, verifyActivation, verifyNotice } from "@catalog/schema/documents/receipt";
import type { Negotiation, ReserveInput } from "@catalog/schema/operations";
import { waitFor } from "@catalog/server/testing/wait-for";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { confirmCall, noticeCall, receiptCall, reserveCall } from "../../testing/buyer-calls.js";
import { sampleOffer } from "../../testing/sample-offers.js";
import { TestCell } from "../../testing/test-cell.js";

const neighbours = new Map<string, TestCell>();
let turin: TestCell;
let paris: TestCell;
let berlin: TestCell;
let offerNumber = 0;
let offerID = "";

beforeAll(async () => {
  const settings = { newIDsPerMinute: 1_000, pendingPerBuyer: 1_000, pendingSharePercent: 1_000 };
  turin = await TestCell.open({ name: "turin", neighbours, settings });
  paris = await TestCell.open({ name: "paris", neighbours });
  berlin = await TestCell.open({ name: "berlin", neighbours });
});
afterAll(() => Promise.all([turin, paris, berlin].map((cell) => cell.close())));
beforeEach(() => {
  turin.offsetMs = 0;
  offerID = `offer-${++offerNumber}`;
});

const seconds = (): number => Math.floor(turin.now().getTime() / 1000);

async function inputFor(buyer: TestCell, change: Partial<ReserveInput> = {}): Promise<ReserveInput> {
  const { termsRev } = await turin.ledger.offers.get(offerID).catch(() => ({ termsRev: 1 }));
  return reserveCall(buyer, { offerID, termsRev }, change);
}

async function reserve(change: Partial<ReserveInput> = {}, buyer = paris): Promise<Negotiation> {
  return turin.ledger.sales.reserve(buyer.caller, await inputFor(buyer, change));
}

async function confirm(view: Negotiation): Promise<Negotiation> {
  return turin.ledger.closings.confirm(paris.caller, await confirmCall(view, paris.identity.signer));
}

const activateCall = (view: Negotiation, signer = paris.identity.signer, change: object = {}) =>
  receiptCall(view, signer, { iat: seconds(), ...change });

async function activate(view: Negotiation): Promise<Negotiation> {
  return turin.ledger.closings.activate(paris.caller, await activateCall(view));
}

const noticeFor = (contractID: string, cell = paris) => noticeCall(contractID, cell, seconds());

async function terminate(contractID: string): Promise<Negotiation> {
  return turin.ledger.terminations.terminatedByPeer(paris.caller, await noticeFor(contractID));
}

async function held(): Promise<number | undefined> {
  return (await turin.ledger.offers.get(offerID)).stock[0]?.held;
}

/** Brings a new contract into a state, the way a buyer would. */
async function contractIn(state: ContractState): Promise<Negotiation> {
  if (state === "PENDING_APPROVAL" || state === "REJECTED") {
    await turin.ledger.offers.save(sampleOffer({ offerID, approval: "MANUAL", quantity: 5 }), "admin");
    const pending = await reserve();
    if (state === "REJECTED") await turin.ledger.approvals.reject(pending.contractID, "no", "admin");
    return { ...pending, state };
  }
  await turin.ledger.offers.save(sampleOffer({ offerID, quantity: 5 }), "admin");
  const reserved = await reserve();
  if (state === "RESERVED") return reserved;
  if (state === "EXPIRED") turin.offsetMs += 121_000;
  if (state === "EXPIRED") return confirm(reserved);
  const confirmed = await confirm(reserved);
  if (state === "CONFIRMED") return confirmed;
  const active = await activate(confirmed);
  return state === "ACTIVE" ? active : terminate(active.contractID);
}

describe("a seller's contract, every state and every call", () => {
  const FATE: Readonly<
    Record<string, Readonly<Record<"confirm" | "activate" | "terminate" | "approve" | "reject", string>>>
  > = {
    PENDING_APPROVAL: {
      confirm: "!CONTRACT_STATE_INVALID",
      activate: "!CONTRACT_STATE_INVALID",
      terminate: "TERMINATED",
      approve: "RESERVED",
      reject: "REJECTED",
    },
    RESERVED: {
      confirm: "CONFIRMED",
      activate: "!CONTRACT_STATE_INVALID",
      terminate: "TERMINATED",
      approve: "RESERVED",
      reject: "!CONTRACT_STATE_INVALID",
    },
    CONFIRMED: {
      confirm: "CONFIRMED",
      activate: "ACTIVE",
      terminate: "TERMINATED",
      approve: "CONFIRMED",
      reject: "!CONTRACT_STATE_INVALID",
    },
    ACTIVE: {
      confirm: "ACTIVE",
      activate: "ACTIVE",
      terminate: "TERMINATED",
      approve: "ACTIVE",
      reject: "!CONTRACT_STATE_INVALID",
    },
    REJECTED: {
      confirm: "REJECTED",
      activate: "REJECTED",
      terminate: "REJECTED",
      approve: "!CONTRACT_STATE_INVALID",
      reject: "REJECTED",
    },
    EXPIRED: {
      confirm: "EXPIRED",
      activate: "EXPIRED",
      terminate: "EXPIRED",
      approve: "!CONTRACT_STATE_INVALID",
      reject: "!CONTRACT_STATE_INVALID",
    },
    TERMINATED: {
      confirm: "TERMINATED",
      activate: "TERMINATED",
      terminate: "TERMINATED",
      approve: "!CONTRACT_STATE_INVALID",
      reject: "!CONTRACT_STATE_INVALID",
    },
  };
  const cases = CONTRACT_STATES.flatMap((state) =>
    Object.entries(FATE[state] ?? {}).map(([call, fate]) => [state, call, fate] as const),
  );

  it.each(cases)("in %s answers %s with %s, and says the same when asked again", async (state, call, fate) => {
    const view = await contractIn(state);
    const { contractID } = view;
    const signed = view.terms ?? (await signTerms(turin.identity.signer, {} as never));
    const text = view.contract ?? assemble(signed, await cosign(paris.identity.signer, signed));
    const full = { ...view, terms: signed, contract: text };
    const run = async (): Promise<string> => {
      if (call === "confirm") return (await confirm(full)).state;
      if (call === "activate") return (await activate(full)).state;
      if (call === "terminate") return (await terminate(contractID)).state;
      if (call === "approve") return (await turin.ledger.approvals.approve(contractID, "admin")).state;
      return (await turin.ledger.approvals.reject(contractID, null, "admin")).state;
    };
    const told = (): Promise<string> => run().catch((error: { code: string }) => `!${error.code}`);
    expect(await told()).toBe(fate);
    expect(await told()).toBe(fate);
    const now = await turin.ledger.contracts.get(contractID);
    expect(now.state).toBe(fate.startsWith("!") ? state : fate);
    const isLive = ["RESERVED", "CONFIRMED", "ACTIVE"].includes(now.state);
    expect(await held()).toBe(isLive ? 1 : 0);
    expect(now.isHolding).toBe(isLive);
  });
});

describe("deadlines on the seller's clock, whatever the stored state says", () => {
  it.each([
    ["RESERVED", "reservedUntil", confirm, "CONFIRMED"],
    ["CONFIRMED", "ackBy", activate, "ACTIVE"],
  ] as const)("%s counts until the instant of %s", async (state, deadline, call, next) => {
    for (const isLate of [false, true]) {
      turin.offsetMs = 0;
      const view = await contractIn(state);
      const until = (await turin.ledger.contracts.get(view.contractID))[deadline] ?? 0;
      turin.offsetMs = until * 1000 - Date.now() + (isLate ? 0 : -2_000);
      const after = await call(view);
      expect(after.state).toBe(isLate ? "EXPIRED" : next);
      expect(await held()).toBe(isLate ? 0 : 1);
      offerID = `${offerID}-b`;
    }
  });

  it("ends an active contract at validUntil, frees its units and takes its grant back without being asked", async () => {
    await turin.ledger.offers.save(sampleOffer({ offerID }), "admin");
    const validUntil = seconds() + 600;
    const active = await activate(await confirm(await reserve({ validUntil })));
    expect(active).toMatchObject({ state: "ACTIVE", validUntil });
    const woken: string[] = [];
    const stop = turin.ledger.grants.onChange((id) => woken.push(id));
    const before = (await turin.ledger.grants.grantOf(paris.clusterID))["cpu"] ?? 0n;
    turin.offsetMs = validUntil * 1000 - Date.now() - 2_000;
    await turin.ledger.expiry.sweep();
    expect((await turin.ledger.contracts.get(active.contractID)).state).toBe("ACTIVE");
    turin.offsetMs = validUntil * 1000 - Date.now();
    expect((await turin.ledger.grants.grantOf(paris.clusterID))["cpu"]).toBe(before - 2_000_000_000n);
    expect(woken).toEqual([]);
    await turin.ledger.expiry.sweep();
    stop();
    expect(woken).toContain(paris.clusterID);
    expect(await turin.ledger.contracts.get(active.contractID)).toMatchObject({
      state: "EXPIRED",
      isHolding: false,
      releasedAt: validUntil,
    });
    expect(await held()).toBe(0);
  });

  it("lets a request wait for approval for 24 h, and an approval hold for 15 min", async () => {
    const pending = await contractIn("PENDING_APPROVAL");
    turin.offsetMs = 24 * 3600_000 - 5_000;
    const approved = await turin.ledger.approvals.approve(pending.contractID, "admin");
    expect((approved.reservedUntil ?? 0) - seconds()).toBeGreaterThanOrEqual(899);
    expect((approved.ackBy ?? 0) - (approved.reservedUntil ?? 0)).toBe(600);
    offerID = `${offerID}-late`;
    turin.offsetMs = 0;
    const late = await contractIn("PENDING_APPROVAL");
    turin.offsetMs = 24 * 3600_000 + 5_000;
    await expect(turin.ledger.approvals.approve(late.contractID, "admin")).rejects.toMatchObject({
      code: "CONTRACT_EXPIRED",
    });
  });
});

describe("requests that are refused", () => {
  beforeEach(() => turin.ledger.offers.save(sampleOffer({ offerID, minDuration: 3600 }), "admin"));

  it.each([
    ["OFFER_NOT_FOUND", { offerID: "nothing" }],
    ["PLAN_NOT_FOUND", { planID: "nothing" }],
    ["OFFER_CHANGED", { termsRev: 7 }],
    ["OUT_OF_STOCK", { units: 5 }],
    ["DURATION_TOO_SHORT", { validUntil: 100 }],
  ])("are contracts in state REJECTED with code %s", async (code, change) => {
    const view = await reserve(change);
    expect(view).toMatchObject({ state: "REJECTED", code, terms: null });
    expect(view.message).toBeTruthy();
    expect(await held()).toBe(0);
  });

  it("says that an offer is paused", async () => {
    await turin.ledger.offers.setStatus(offerID, false, "admin");
    expect(await reserve()).toMatchObject({ state: "REJECTED", code: "OFFER_PAUSED" });
  });

  it.each([
    ["a contractID that is no UUID", { contractID: "c-1" }],
    ["no units", { units: 0 }],
    ["an encryption key of another kind", { buyer: { encKey: '{"kty":"RSA"}' } }],
    ["a contract endpoint that is no address", { buyer: { contractEndpoint: "javascript:alert(1)" } }],
  ])(
    "are errors when the input has %s, and nothing is kept",
    async (_, { buyer, ...change }: { buyer?: object; contractID?: string; units?: number }) => {
      const input = await inputFor(paris, change);
      const wrong = { ...input, buyer: { ...input.buyer, ...buyer } };
      await expect(turin.ledger.sales.reserve(paris.caller, wrong)).rejects.toMatchObject({ code: "BAD_USER_INPUT" });
      await expect(turin.ledger.contracts.get(wrong.contractID)).rejects.toMatchObject({ code: "CONTRACT_NOT_FOUND" });
    },
  );

  it("asks for membership only when the id is new", async () => {
    const input = await inputFor(paris);
    const first = await turin.ledger.sales.reserve(paris.caller, input);
    paris.isMember = false;
    try {
      expect(await turin.ledger.sales.reserve(paris.caller, input)).toEqual(first);
      await expect(reserve()).rejects.toMatchObject({ code: "NOT_A_MEMBER" });
      expect((await activate(await confirm(first))).state).toBe("ACTIVE");
    } finally {
      paris.isMember = true;
    }
  });

  it("never sells to itself", async () => {
    const input = await inputFor(turin);
    await expect(turin.ledger.sales.reserve(turin.caller, input)).rejects.toMatchObject({ code: "SELF_PURCHASE" });
  });
});

describe("one id, one request", () => {
  it("answers the same request alike and refuses another body under its id", async () => {
    await turin.ledger.offers.save(sampleOffer({ offerID }), "admin");
    const input = await inputFor(paris);
    const first = await turin.ledger.sales.reserve(paris.caller, input);
    expect(await turin.ledger.sales.reserve(paris.caller, input)).toEqual(first);
    expect(await held()).toBe(1);
    for (const other of [{ units: 2 }, { validUntil: seconds() + 9999 }, { planID: "else" }]) {
      await expect(turin.ledger.sales.reserve(paris.caller, { ...input, ...other })).rejects.toMatchObject({
        code: "IDEMPOTENCY_MISMATCH",
      });
    }
    await expect(turin.ledger.sales.reserve(berlin.caller, input)).rejects.toMatchObject({
      code: "IDEMPOTENCY_MISMATCH",
    });
    expect(await held()).toBe(1);
  });

  it("does not revive an id that was ended before it was known", async () => {
    await turin.ledger.offers.save(sampleOffer({ offerID }), "admin");
    const input = await inputFor(paris);
    expect((await terminate(input.contractID)).state).toBe("TERMINATED");
    const late = await turin.ledger.sales.reserve(paris.caller, input);
    expect(late.state).toBe("TERMINATED");
    await verifyNotice(late.notice ?? "", {
      iss: paris.fingerprint,
      contractID: input.contractID,
      keyOf: () => paris.caller.signingKey,
    });
    expect(await held()).toBe(0);
    const { notice } = await noticeFor(input.contractID, berlin);
    await turin.ledger.terminations.terminatedByPeer(berlin.caller, { contractID: input.contractID, notice });
  });

  it("keeps a stranger's notice away from another's contract", async () => {
    const view = await contractIn("ACTIVE");
    const call = await noticeFor(view.contractID, berlin);
    await turin.ledger.terminations.terminatedByPeer(berlin.caller, call);
    expect((await turin.ledger.contracts.get(view.contractID)).state).toBe("ACTIVE");
  });
});

describe("forged and foreign documents", () => {
  it("refuses a signature that is not the buyer's, and one on other terms", async () => {
    const view = await contractIn("RESERVED");
    const { contractID } = view;
    const foreign = await confirmCall(view, berlin.identity.signer);
    await expect(turin.ledger.closings.confirm(paris.caller, foreign)).rejects.toMatchObject({
      code: "DOCUMENT_INVALID",
    });
    const good = await confirmCall(view, paris.identity.signer);
    await expect(turin.ledger.closings.confirm(paris.caller, { ...good, termsHash: "x" })).rejects.toMatchObject({
      code: "TERMS_MISMATCH",
    });
    await expect(turin.ledger.closings.confirm(berlin.caller, good)).rejects.toMatchObject({
      code: "UNKNOWN_CONTRACT",
    });
    const broken = { ...good, signature: `${good.signature.slice(0, 20)}AAAA${good.signature.slice(24)}` };
    await expect(turin.ledger.closings.confirm(paris.caller, broken)).rejects.toMatchObject({
      code: "DOCUMENT_INVALID",
    });
    expect((await turin.ledger.contracts.get(contractID)).state).toBe("RESERVED");
  });

  it("refuses a receipt by another key, for another contract and for other bytes", async () => {
    const view = await contractIn("CONFIRMED");
    const refused = async (call: Awaited<ReturnType<typeof activateCall>>): Promise<void> => {
      await expect(turin.ledger.closings.activate(paris.caller, call)).rejects.toMatchObject({
        code: "DOCUMENT_INVALID",
      });
    };
    await refused(await activateCall(view, berlin.identity.signer));
    await refused(await activateCall(view, berlin.identity.signer, { iss: paris.fingerprint }));
    await refused(await activateCall(view, paris.identity.signer, { contractID: randomUUID() }));
    await refused(await activateCall(view, paris.identity.signer, { contractHash: await contractHash("else") }));
    expect((await turin.ledger.contracts.get(view.contractID)).state).toBe("CONFIRMED");
    const active = await activate(view);
    const expected = {
      iss: turin.fingerprint,
      contractID: view.contractID,
      termsHash: await termsHash(view.terms ?? ""),
    };
    await verifyActivation(active.activation ?? "", { ...expected, keyOf: () => turin.caller.signingKey });
  });

  it("refuses a notice by another key or for another contract", async () => {
    const view = await contractIn("ACTIVE");
    const foreign = await signNotice(berlin.identity.signer, {
      iss: paris.fingerprint,
      contractID: view.contractID,
      reason: null,
      at: 1,
    });
    const other = (await noticeFor(randomUUID())).notice;
    for (const notice of [foreign, other, "a.b.c"]) {
      await expect(
        turin.ledger.terminations.terminatedByPeer(paris.caller, { contractID: view.contractID, notice }),
      ).rejects.toMatchObject({ code: "DOCUMENT_INVALID" });
    }
    expect((await turin.ledger.contracts.get(view.contractID)).state).toBe("ACTIVE");
  });
});

describe("the end by the seller", () => {
  it("needs force inside the notice period, and shows as a breach on both sides", async () => {
    await turin.ledger.offers.save(sampleOffer({ offerID, noticePeriod: 3600 }), "admin");
    const bought = await paris.ledger.purchases.buy({ clusterID: turin.clusterID, offerID, planID: "small" }, "admin");
    await waitFor(
      async () =>
        (await paris.ledger.contracts.get(bought.contractID).then((one) => one.state)) === "ACTIVE" || paris.work(),
    );
    const { contractID } = bought;
    expect((await paris.ledger.contracts.get(contractID)).state).toBe("ACTIVE");
    const end = (force: boolean) =>
      turin.ledger.terminations.terminate(contractID, { reason: "moving out", force }, "admin");
    await expect(end(false)).rejects.toMatchObject({ code: "NOTICE_PERIOD" });
    expect(await end(true)).toMatchObject({ state: "TERMINATED", isBreach: true, isHolding: false });
    await waitFor(async () => (await paris.ledger.contracts.get(contractID)).state !== "ACTIVE" || turin.work());
    expect(await paris.ledger.contracts.get(contractID)).toMatchObject({
      state: "TERMINATED",
      isBreach: true,
      message: "moving out",
    });
    expect(await turin.ledger.contracts.get(contractID)).toMatchObject({ isToldOfEnd: true });
    expect(await end(false)).toMatchObject({ state: "TERMINATED" });
  });
});

describe("negotiations", () => {
  it("lists the caller's own contracts above a version, the oldest change first", async () => {
    const first = await contractIn("RESERVED");
    const second = await reserve();
    const both = [first.contractID, second.contractID];
    const since = async (version: number) =>
      (await turin.ledger.sales.negotiations(paris.caller, version, 100)).filter((one) =>
        both.includes(one.contractID),
      );
    expect((await since(first.version - 1)).map((one) => one.contractID)).toEqual(both);
    const moved = await confirm(first);
    const after = await since(second.version);
    expect(after.map((one) => [one.contractID, one.state])).toEqual([[first.contractID, "CONFIRMED"]]);
    expect(moved.version).toBeGreaterThan(second.version);
    expect(await turin.ledger.sales.negotiations(berlin.caller, null, 100)).toEqual([]);
    expect((await turin.ledger.sales.negotiations(paris.caller, null, 1)).length).toBe(1);
    expect(isEnded(moved.state)).toBe(false);
  });
});
