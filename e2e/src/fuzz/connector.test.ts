import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { peekJws } from "@catalog/schema/documents/jws";
import type { OfferDocument } from "@catalog/schema/documents/offer-document";
import { RESERVE } from "@catalog/schema/operations";
import { waitFor } from "@catalog/server/testing/wait-for";
import { availableOf, buy, decide, saveOffer } from "../federation/operations.js";
import { startFederation, type TestFederation } from "../federation/test-federation.js";
import type { RunningConnector, RunningPart } from "../harness/federation.js";
import { flipBit, sha256 } from "./forge.js";
import { ask, MachineLine, refusalOf } from "./machine-line.js";
import { codeIn, sendPlain } from "./plain-http.js";
import { PlainSocket } from "./plain-socket.js";
import { BEHIND, HONEST_VARIANTS, PROOF_FORGERIES } from "./proof-forgeries.js";
import { GARBAGE, RAW_BYTES, sendGarbage, sendRaw } from "./request-garbage.js";
import { REQUEST_FORGERIES } from "./request-forgeries.js";
import { RESERVE_FORGERIES } from "./reserve-forgeries.js";
import { SellerBooks } from "./seller-books.js";
import { announce, enrol, publish, withdraw } from "./stranger-membership.js";
import { newContractID, StrangerBuyer, termsHashOf, type Wanted } from "./stranger-purchase.js";
import { anOffer, Stranger } from "./stranger.js";

const PLAN = {
  planID: "unit",
  planName: "Unit",
  planCost: 3.25,
  planCostCurrency: "EUR",
  planCostPeriod: "week",
  planQuantity: 40,
  resources: { cpu: "500m", memory: "1Gi" },
};
const OFFERS = [
  { offerID: "plenty", offerName: "Plenty", approval: "AUTO", plans: [PLAN] },
  { offerID: "scarce", offerName: "Scarce", approval: "AUTO", plans: [{ ...PLAN, planQuantity: 4 }] },
  { offerID: "asked", offerName: "Asked", approval: "MANUAL", plans: [{ ...PLAN, planQuantity: 4 }] },
];

let running: TestFederation;
let broker: RunningPart;
let turin: RunningConnector;
let books: SellerBooks;
let audience: string;
const rooms = new Map<string, StrangerBuyer>();

/** A new member of the Broker that Turin's replica knows already; it buys at Turin. */
async function newBuyer(name: string): Promise<StrangerBuyer> {
  const stranger = await Stranger.named(name);
  const { createJoinString } = await broker.api.request<{ createJoinString: { join: string } }>(
    "mutation { createJoinString { join } }",
  );
  expect(await enrol(stranger, createJoinString.join)).toMatchObject({ status: "ADMITTED" });
  await waitFor(() => turinKnows(stranger.clusterID), { what: `${name} in Turin's replica` });
  const buyer = await StrangerBuyer.at(stranger, turin.contractEndpoint);
  rooms.set(name, buyer);
  return buyer;
}

async function turinKnows(clusterID: string): Promise<boolean> {
  const { knownClusters } = await turin.api.request<{ knownClusters: { clusterID: string }[] }>(
    "{ knownClusters { clusterID } }",
  );
  return knownClusters.some((cluster) => cluster.clusterID === clusterID);
}

/** What Turin sells at present, as the Broker shows it. */
async function wanted(offerID: string, units = 1): Promise<Wanted> {
  const { offer } = await broker.api.request<{ offer: { jws: string } }>(
    "query ($c: ID!, $o: ID!) { offer(clusterID: $c, offerID: $o) { jws } }",
    { c: turin.spec.clusterID, o: offerID },
  );
  return { offerID, planID: "unit", units, termsRev: peekJws<OfferDocument>(offer.jws).payload.termsRev };
}

beforeAll(async () => {
  running = await startFederation(["turin"]);
  broker = running.federation.broker;
  turin = running.federation.connector("turin");
  books = new SellerBooks(turin);
  for (const offer of OFFERS) await saveOffer(turin.api, offer);
  for (const { offerID } of OFFERS)
    await waitFor(async () => (await availableOf(broker.api, turin.spec.clusterID, offerID, "unit")) !== undefined);
  audience = (await newBuyer("first")).seller.iss;
});
afterAll(async () => {
  books?.close();
  await running?.stop();
});

const room = (name: string): Promise<StrangerBuyer> => Promise.resolve(rooms.get(name) ?? newBuyer(name));

describe("an honest stranger", () => {
  it("lists an offer that everybody sees, and takes it off again", async () => {
    const { stranger } = await room("first");
    const line = new MachineLine(
      stranger,
      broker.url,
      (await ask<{ broker: { fingerprint: string } }>(broker.url, "{ broker { fingerprint } }")).broker.fingerprint,
    );
    const document = stranger.offer(anOffer("from-afar"));
    const { rev } = peekJws<OfferDocument>(document).payload;
    expect(
      await announce(line, [{ offerID: "from-afar", rev, digest: sha256(document.split(".").slice(0, 2).join(".")) }]),
    ).toMatchObject({
      need: ["from-afar"],
      descriptorAccepted: true,
    });
    expect(await publish(line, [document])).toMatchObject([{ offerID: "from-afar", rev, accepted: true }]);
    const seenBy = (api: RunningPart["api"]) => availableOf(api, stranger.clusterID, "from-afar", "one");
    expect(await seenBy(broker.api)).toBe(4);
    await waitFor(async () => (await seenBy(turin.api)) === 4);
    expect(await withdraw(line, [stranger.withdrawal("from-afar")])).toMatchObject([{ accepted: true }]);
    await waitFor(async () => (await seenBy(turin.api)) === undefined);
  });

  it("buys with nothing but HTTP, holds the proof of it, and gives it back", async () => {
    const buyer = await room("first");
    const { stranger } = buyer;
    const active = await buyer.buy(await wanted("plenty", 3));
    expect(active).toMatchObject({ state: "ACTIVE", code: null, notice: null });
    const [sold] = (await books.contracts()).filter((one) => one.contractID === active.contractID);
    expect(sold).toMatchObject({ state: "ACTIVE", units: 3, buyerFingerprint: stranger.fingerprint });
    const { contract } = await turin.api.request<{ contract: { contract: string; activation: string } }>(
      "query ($id: ID!) { contract(id: $id) { contract activation } }",
      { id: active.contractID },
    );
    expect(contract).toEqual({ contract: active.contract, activation: active.activation });
    await books.balance([stranger.clusterID]);
    expect((await books.granted(stranger.clusterID))["cpu"]).toBe(1_500_000_000n);

    expect(await buyer.activate(active)).toEqual(active);
    expect(await buyer.confirm(active)).toEqual(active);
    expect((await buyer.negotiations()).map((one) => one.contractID)).toContain(active.contractID);

    const ended = await buyer.terminate(active.contractID);
    expect(ended).toMatchObject({ state: "TERMINATED", peering: null });
    expect(ended.releasedAt).not.toBeNull();
    expect(await buyer.terminate(active.contractID)).toMatchObject({ state: "TERMINATED", version: ended.version });
    await books.balance([stranger.clusterID]);
    expect((await books.granted(stranger.clusterID))["cpu"]).toBe(0n);
  });

  it("waits for a person where the offer says so", async () => {
    const buyer = await room("patient");
    const input = buyer.reserveInput(await wanted("asked"));
    expect(await buyer.reserve(input)).toMatchObject({ state: "PENDING_APPROVAL", terms: null });
    await books.balance();
    await decide(turin.api, "approveContract", input.contractID);
    const reserved = await buyer.reserve(input);
    expect(reserved.state).toBe("RESERVED");
    expect(await buyer.activate(await buyer.confirm(reserved))).toMatchObject({ state: "ACTIVE" });
    await books.balance();
    expect(await buyer.terminate(input.contractID)).toMatchObject({ state: "TERMINATED" });
  });
});

describe("request proofs", () => {
  /** Nobody can know yet which keys a caller has that the replica does not show, so such codes become a transient one. */
  const CODES: Readonly<Record<string, string>> = {
    PROOF_KEY_UNKNOWN: "NOT_A_MEMBER",
    UNAUTHENTICATED: "PROOF_MISSING",
  };

  it("lets every valid form in", async () => {
    const { stranger: member, line } = await room("first");
    const other = await Stranger.named("other");
    const body = JSON.stringify({ query: "{ negotiations { contractID } }" });
    for (const { what, forge } of [...HONEST_VARIANTS, BEHIND]) {
      const proof = forge({ member, other, aud: audience, path: line.path, body });
      const answer = await sendPlain(line.url, { body, headers: line.headers(body, proof) });
      expect([what, codeIn(answer)]).toEqual([what, "none"]);
    }
  });

  it("refuses every forgery with its code, and nothing changes", async () => {
    const buyer = await room("first");
    const { stranger: other } = await room("patient");
    const order = await wanted("plenty");
    await books.unmoved(async () => {
      for (const { what, code, forge } of PROOF_FORGERIES) {
        const body = JSON.stringify({ query: RESERVE, variables: { input: buyer.reserveInput(order) } });
        const proof = forge({ member: buyer.stranger, other, aud: audience, path: buyer.line.path, body });
        const answer = await sendPlain(buyer.line.url, { body, headers: buyer.line.headers(body, proof) });
        expect([what, codeIn(answer)]).toEqual([what, CODES[code] ?? code]);
      }
      for (const { what, code, send } of REQUEST_FORGERIES) {
        const body = JSON.stringify({ query: RESERVE, variables: { input: buyer.reserveInput(order) } });
        expect([what, codeIn(await send(buyer.line, body))]).toEqual([what, CODES[code] ?? code]);
      }
    });
  });

  it("takes a proof once, however many send it at once", async () => {
    const { line } = await room("first");
    const body = JSON.stringify({ query: "{ negotiations { contractID } }" });
    const headers = line.headers(body);
    const answers = await Promise.all(Array.from({ length: 12 }, () => sendPlain(line.url, { body, headers })));
    expect(answers.map(codeIn).sort()).toEqual([...Array<string>(11).fill("PROOF_REPLAYED"), "none"].sort());
  });

  it("sells nothing to whom the replica does not show, whatever it brings along", async () => {
    const order = await wanted("plenty");
    const nobody = await StrangerBuyer.at(await Stranger.named("nobody"), turin.contractEndpoint);
    await books.unmoved(async () => {
      expect(await refusalOf(nobody.reserve(nobody.reserveInput(order)))).toBe("NOT_A_MEMBER");
      const input = nobody.reserveInput(order);
      const headers = { "catalog-descriptor": nobody.stranger.descriptor() };
      expect(await refusalOf(nobody.line.call(RESERVE, { input }, headers))).toBe("NOT_A_MEMBER");
      expect(await refusalOf(nobody.terminate(newContractID()))).toBe("NOT_A_MEMBER");
      expect(await refusalOf(ask(turin.contractEndpoint, RESERVE, { input }))).toBe("PROOF_MISSING");
    });
  });

  it("serves no sockets", async () => {
    const { line, stranger } = await room("first");
    const proof = stranger.proof({ aud: audience, path: line.path, body: "", method: "GET" });
    const socket = await PlainSocket.init(line.url, { proof });
    expect([socket.isAcknowledged, socket.outcome.code]).toEqual([false, 4403]);
  });
});

describe("requests", () => {
  it("answers every kind of garbage with a code, as JSON", async () => {
    const { line } = await room("first");
    await books.unmoved(async () => {
      // There are no bearer tokens here: one is no proof, and this much anybody may ask.
      const garbage = GARBAGE.filter(({ code }) => code !== "UNAUTHENTICATED");
      const codes: [string, string][] = [];
      for (const one of garbage) codes.push([one.what, codeIn(await sendGarbage(new URL(line.url).origin, one))]);
      expect(codes).toEqual(garbage.map(({ what, code }) => [what, code]));
      const subscription = { body: JSON.stringify({ query: "subscription { contracts { state } }" }) };
      expect(codeIn(await sendPlain(line.url, subscription))).toBe("BAD_USER_INPUT");
      for (const bytes of RAW_BYTES) expect(await sendRaw(line.url, bytes)).toMatch(/^HTTP\/1\.1 4\d\d /);
    });
  });

  it("refuses a request to buy that is not one, and keeps nothing of it", async () => {
    const buyer = await room("first");
    const order = await wanted("plenty");
    await books.unmoved(async () => {
      const codes: [string, string][] = [];
      for (const [what, forge] of Object.entries(RESERVE_FORGERIES))
        codes.push([what, await refusalOf(buyer.line.call(RESERVE, { input: forge(buyer.reserveInput(order)) }))]);
      expect(codes).toEqual(Object.keys(RESERVE_FORGERIES).map((what) => [what, "BAD_USER_INPUT"]));
    });
  });

  it("tells why it does not sell, as a contract that is refused", async () => {
    const buyer = await room("window-shopper");
    const order = await wanted("plenty");
    const refused = async (changes: Partial<Wanted>) => buyer.reserve(buyer.reserveInput({ ...order, ...changes }));
    expect(await refused({ offerID: "no-such" })).toMatchObject({
      state: "REJECTED",
      code: "OFFER_NOT_FOUND",
      terms: null,
    });
    expect(await refused({ planID: "no-such" })).toMatchObject({ state: "REJECTED", code: "PLAN_NOT_FOUND" });
    expect(await refused({ termsRev: order.termsRev - 1 })).toMatchObject({ state: "REJECTED", code: "OFFER_CHANGED" });
    expect(await refused({ termsRev: order.termsRev + 1 })).toMatchObject({ state: "REJECTED", code: "OFFER_CHANGED" });
    expect(await refused({ units: 41 })).toMatchObject({ state: "REJECTED", code: "OUT_OF_STOCK" });
    expect(await refused({ validUntil: 1 })).toMatchObject({ state: "REJECTED", code: "DURATION_TOO_SHORT" });
    await books.balance();
    const own = await buy(turin.api, { clusterID: turin.spec.clusterID, offerID: "plenty", planID: "unit" }).catch(
      (error: { code?: string }) => error,
    );
    expect(own.code).toBe("SELF_PURCHASE");
  });

  it("does not grant to one member what another has bought in its name", async () => {
    const [thief, victim] = [await room("thief"), await room("victim")];
    const input = thief.reserveInput(await wanted("plenty"));
    const posing = { ...input, buyer: { ...input.buyer, clusterID: victim.stranger.clusterID } };
    await books.unmoved(async () => {
      expect(await refusalOf(thief.reserve(posing))).toBe("NOT_A_MEMBER");
    });
  });
});

describe("a negotiation", () => {
  it("keeps one id to one request of one buyer", async () => {
    const [buyer, rival] = [await room("second"), await room("rival")];
    const input = buyer.reserveInput(await wanted("plenty", 2));
    const reserved = await buyer.reserve(input);
    expect(await buyer.reserve(input)).toEqual(reserved);
    await books.unmoved(async () => {
      expect(await refusalOf(buyer.reserve({ ...input, units: 1 }))).toBe("IDEMPOTENCY_MISMATCH");
      expect(await refusalOf(buyer.reserve({ ...input, offerID: "scarce" }))).toBe("IDEMPOTENCY_MISMATCH");
      expect(await refusalOf(buyer.reserve({ ...input, buyer: { ...input.buyer, prettyName: "X" } }))).toBe(
        "IDEMPOTENCY_MISMATCH",
      );
      expect(await refusalOf(rival.reserve(input))).toBe("IDEMPOTENCY_MISMATCH");
      expect(
        await refusalOf(
          rival.reserve({ ...rival.reserveInput(await wanted("plenty", 2)), contractID: input.contractID }),
        ),
      ).toBe("IDEMPOTENCY_MISMATCH");
    });
    expect(await buyer.terminate(input.contractID)).toMatchObject({ state: "TERMINATED" });
    await books.balance();
  });

  it("takes only the buyer's signature on the frozen terms, and only in its order", async () => {
    const [buyer, rival] = [await room("second"), await room("rival")];
    const reserved = await buyer.reserve(buyer.reserveInput(await wanted("plenty")));
    const terms = reserved.terms ?? "";
    const { contractID } = reserved;
    const honest = buyer.signature(terms);
    const altered = (change: (terms: Record<string, unknown>) => object): string => {
      const [head = "", body = ""] = terms.split(".");
      const payload = JSON.parse(Buffer.from(body, "base64url").toString()) as Record<string, unknown>;
      return `${head}.${Buffer.from(JSON.stringify(change(payload))).toString("base64url")}.x`;
    };
    const cheaper = altered((payload) => ({ ...payload, cost: 0 }));
    await books.unmoved(async () => {
      const codeOf = (changes: Record<string, string>) => refusalOf(buyer.confirm(reserved, changes));
      expect(await refusalOf(buyer.activate(reserved))).toBe("CONTRACT_STATE_INVALID");
      expect(await codeOf({ termsHash: sha256("other") })).toBe("TERMS_MISMATCH");
      expect(await codeOf({ termsHash: termsHashOf(cheaper), ...buyer.signature(cheaper) })).toBe("TERMS_MISMATCH");
      expect(await codeOf(buyer.signature(cheaper))).toBe("DOCUMENT_INVALID");
      expect(await codeOf(buyer.signature(terms, rival.stranger))).toBe("DOCUMENT_INVALID");
      expect(
        await codeOf({ signature: flipBit(`.${honest.protected}.${honest.signature}`, 2).split(".")[2] ?? "" }),
      ).toBe("DOCUMENT_INVALID");
      expect(await codeOf({ signature: "" })).toBe("DOCUMENT_INVALID");
      expect(await codeOf({ protected: "" })).toBe("DOCUMENT_INVALID");
      expect(await codeOf({ protected: terms.split(".")[0] ?? "", signature: terms.split(".")[2] ?? "" })).toBe(
        "DOCUMENT_INVALID",
      );
      expect(await codeOf({ signature: "x".repeat(100_000) })).toMatch(/^DOCUMENT_(?:INVALID|TOO_LARGE)$/);
      expect(await codeOf({ contractID: newContractID() })).toBe("UNKNOWN_CONTRACT");
      expect(await codeOf({ contractID: "\u0000" })).toBe("BAD_USER_INPUT");
      expect(await codeOf({ contractID: "x" })).toMatch(/^(?:UNKNOWN_CONTRACT|BAD_USER_INPUT)$/);
      expect(await refusalOf(rival.confirm(reserved))).toBe("UNKNOWN_CONTRACT");
      expect(await refusalOf(rival.terminate(contractID, buyer.stranger.notice(contractID)))).toBe("DOCUMENT_INVALID");
    });

    const confirmed = await buyer.confirm(reserved);
    expect(confirmed).toMatchObject({ state: "CONFIRMED", contract: buyer.assembled(reserved) });
    expect(await buyer.confirm(reserved)).toEqual(confirmed);
    await books.unmoved(async () => {
      const codeOf = (receipt: string) => refusalOf(buyer.activate(confirmed, receipt));
      const hash = termsHashOf(terms);
      const contract = sha256(confirmed.contract ?? "");
      expect(await codeOf(buyer.stranger.receipt(contractID, hash, sha256("another contract")))).toBe(
        "DOCUMENT_INVALID",
      );
      expect(await codeOf(buyer.stranger.receipt(contractID, sha256("other terms"), contract))).toBe(
        "DOCUMENT_INVALID",
      );
      expect(await codeOf(buyer.stranger.receipt(newContractID(), hash, contract))).toBe("DOCUMENT_INVALID");
      expect(
        await codeOf(buyer.stranger.receipt(contractID, hash, contract, { iss: rival.stranger.fingerprint })),
      ).toBe("DOCUMENT_INVALID");
      expect(await codeOf(rival.stranger.receipt(contractID, hash, contract))).toBe("DOCUMENT_INVALID");
      expect(await codeOf(flipBit(buyer.receipt(confirmed), 2))).toBe("DOCUMENT_INVALID");
      expect(await codeOf(buyer.stranger.notice(contractID))).toBe("DOCUMENT_INVALID");
      expect(await codeOf("")).toBe("DOCUMENT_INVALID");
      expect(await refusalOf(rival.activate(confirmed))).toBe("UNKNOWN_CONTRACT");
    });

    const active = await buyer.activate(confirmed);
    expect(active.state).toBe("ACTIVE");
    await books.unmoved(async () => {
      const codeOf = (notice: string) => refusalOf(buyer.terminate(contractID, notice));
      expect(await codeOf(rival.stranger.notice(contractID))).toBe("DOCUMENT_INVALID");
      expect(await codeOf(buyer.stranger.notice(newContractID()))).toBe("DOCUMENT_INVALID");
      expect(await codeOf(buyer.stranger.notice(contractID, { iss: rival.stranger.fingerprint }))).toBe(
        "DOCUMENT_INVALID",
      );
      expect(await codeOf(buyer.stranger.notice(contractID, { reason: "x".repeat(1_025) }))).toBe("DOCUMENT_INVALID");
      expect(await codeOf(buyer.stranger.notice(contractID, { at: "now" }))).toBe("DOCUMENT_INVALID");
      expect(await codeOf(buyer.receipt(active))).toBe("DOCUMENT_INVALID");
      expect(await refusalOf(rival.terminate(contractID))).toBe("none"); // its own tombstone, nobody else's contract
      expect((await rival.negotiations()).map((one) => one.contractID)).not.toContain(contractID);
    });
    expect(await buyer.terminate(contractID)).toMatchObject({ state: "TERMINATED" });
    await books.balance();
  });

  it("lets two confirmations and two activations at once be one", async () => {
    const buyer = await room("second");
    const reserved = await buyer.reserve(buyer.reserveInput(await wanted("plenty")));
    const confirmed = await Promise.all([1, 2, 3].map(() => buyer.confirm(reserved)));
    expect(new Set(confirmed.map((one) => JSON.stringify(one))).size).toBe(1);
    const [first] = confirmed;
    if (!first) throw new Error("nothing was confirmed");
    const active = await Promise.all([1, 2, 3].map(() => buyer.activate(first)));
    expect(new Set(active.map((one) => JSON.stringify(one))).size).toBe(1);
    await books.balance();
    const ends = await Promise.all([1, 2, 3].map(() => buyer.terminate(first.contractID)));
    expect(new Set(ends.map((one) => one.version)).size).toBe(1);
    await books.balance();
  });

  it("never sells what was ended before it was asked for", async () => {
    const buyer = await room("second");
    const input = buyer.reserveInput(await wanted("plenty"));
    expect(await buyer.terminate(input.contractID)).toMatchObject({ state: "TERMINATED" });
    await books.unmoved(async () => {
      const late = await buyer.reserve(input);
      expect(late).toMatchObject({ state: "TERMINATED", terms: null });
      expect(await buyer.reserve({ ...input, units: 7 })).toMatchObject({ state: "TERMINATED" });
      expect(await refusalOf(buyer.terminate("not-an-id"))).toBe("BAD_USER_INPUT");
      expect(await refusalOf(buyer.terminate("a\u0000b"))).toBe("BAD_USER_INPUT");
    });
  });

  it("sells nothing twice, however many ask at once", async () => {
    const buyers = await Promise.all([1, 2, 3, 4, 5, 6].map((n) => newBuyer(`crowd-${n}`)));
    const order = await wanted("scarce", 1);
    const answers = await Promise.all(buyers.map((buyer) => buyer.reserve(buyer.reserveInput(order))));
    expect(answers.filter((one) => one.state === "RESERVED")).toHaveLength(4);
    expect(answers.filter((one) => one.code === "OUT_OF_STOCK")).toHaveLength(2);
    await books.balance();
    for (const [n, one] of answers.entries()) if (one.state === "RESERVED") await buyers[n]?.terminate(one.contractID);
    await books.balance();
  });
});

describe("limits of one buyer", () => {
  it("has at most five requests that are not active", async () => {
    const buyer = await room("collector");
    const order = await wanted("plenty");
    const answers = [];
    for (let n = 0; n < 6; n++) answers.push(await buyer.reserve(buyer.reserveInput(order)));
    expect(answers.slice(0, 5).map((one) => one.state)).toEqual(Array(5).fill("RESERVED"));
    expect(answers[5]).toMatchObject({ state: "REJECTED", code: "BUYER_LIMIT_REACHED" });
    await books.balance();
    for (const { contractID } of answers.slice(0, 5)) await buyer.terminate(contractID);
    await books.balance();
  });

  it("holds at most half of a plan, but for the first request", async () => {
    const buyer = await room("hoarder");
    const first = await buyer.reserve(buyer.reserveInput(await wanted("scarce", 3)));
    expect(first.state).toBe("RESERVED");
    expect(await buyer.reserve(buyer.reserveInput(await wanted("scarce")))).toMatchObject({
      code: "BUYER_LIMIT_REACHED",
    });
    await buyer.terminate(first.contractID);
    await books.balance();
  });

  it("brings at most ten new ids a minute, refused ones and ended ones counted, retries not", async () => {
    const buyer = await room("spammer");
    const order = await wanted("plenty", 41);
    const first = buyer.reserveInput(order);
    for (let n = 0; n < 8; n++) await buyer.reserve(n === 0 ? first : buyer.reserveInput(order));
    await buyer.terminate(newContractID());
    await buyer.terminate(newContractID());
    await books.unmoved(async () => {
      expect(await refusalOf(buyer.reserve(buyer.reserveInput(order)))).toBe("RATE_LIMITED");
      expect(await refusalOf(buyer.terminate(newContractID()))).toBe("RATE_LIMITED");
      for (let n = 0; n < 5; n++) expect(await buyer.reserve(first)).toMatchObject({ state: "REJECTED" });
    });
  });
});

it("is still there for an honest stranger after all this", async () => {
  const buyer = await newBuyer("last");
  const active = await buyer.buy(await wanted("plenty", 2));
  expect(active.state).toBe("ACTIVE");
  await books.balance();
});
