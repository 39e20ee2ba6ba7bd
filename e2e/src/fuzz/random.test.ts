import { randomInt } from "node:crypto";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { verifyDescriptor } from "@catalog/schema/documents/descriptor";
import { peekJws } from "@catalog/schema/documents/jws";
import { type OfferDocument, verifyOffer } from "@catalog/schema/documents/offer-document";
import {
  ACTIVATE,
  ANNOUNCE,
  BROKER_DESCRIPTOR,
  CHALLENGE,
  CONFIRM,
  ENROL,
  type Negotiation,
  NEGOTIATIONS,
  PUBLISH_OFFERS,
  RESERVE,
  TERMINATE,
  WITHDRAW_OFFERS,
} from "@catalog/schema/operations";
import { waitFor } from "@catalog/server/testing/wait-for";
import { availableOf, saveOffer } from "../federation/operations.js";
import { startFederation, type TestFederation } from "../federation/test-federation.js";
import type { RunningConnector, RunningPart } from "../harness/federation.js";
import { sha256 } from "./forge.js";
import { ask, MachineLine } from "./machine-line.js";
import { Dice, mutateBytes, mutateJson } from "./mutation.js";
import { PlainSocket } from "./plain-socket.js";
import { bombard, type Door, type Message } from "./random-messages.js";
import { SellerBooks } from "./seller-books.js";
import { enrol, publish } from "./stranger-membership.js";
import { newContractID, StrangerBuyer, termsHashOf } from "./stranger-purchase.js";
import { anOffer, Stranger } from "./stranger.js";

/** CATALOG_FUZZ_SEED repeats a run. It stands in the names of the tests. */
const SEED = Number(process.env["CATALOG_FUZZ_SEED"] ?? randomInt(2 ** 31));
const COUNT = Number(process.env["CATALOG_FUZZ_COUNT"] ?? 500);
/** How much a process may grow under fire, in bytes. */
const GROWTH = 300 * 2 ** 20;

const PLAN = {
  planID: "unit",
  planName: "Unit",
  planCost: 1,
  planCostCurrency: "EUR",
  planCostPeriod: "day",
  planQuantity: 1_000,
  resources: { cpu: "1", memory: "1Gi" },
};

let running: TestFederation;
let broker: RunningPart;
let turin: RunningConnector;
let lines: MachineLine[];
let buyers: StrangerBuyer[];
let books: SellerBooks;
let termsRev: number;

beforeAll(async () => {
  running = await startFederation(["turin"], { NEW_IDS_PER_MINUTE: "100000" });
  broker = running.federation.broker;
  turin = running.federation.connector("turin");
  books = new SellerBooks(turin);
  await saveOffer(turin.api, { offerID: "unit", offerName: "Unit", plans: [PLAN] });
  await waitFor(async () => (await availableOf(broker.api, turin.spec.clusterID, "unit", "unit")) === 1_000);
  const { offer } = await broker.api.request<{ offer: { jws: string } }>(
    'query ($c: ID!) { offer(clusterID: $c, offerID: "unit") { jws } }',
    { c: turin.spec.clusterID },
  );
  ({ termsRev } = peekJws<OfferDocument>(offer.jws).payload);
  const { fingerprint } = (await ask<{ broker: { fingerprint: string } }>(broker.url, "{ broker { fingerprint } }"))
    .broker;
  // Those who talk to the Broker may end under other names, and would no longer be known to the seller as who they are.
  const publishers = await Promise.all(["a", "b", "c", "d"].map((name) => joined(name)));
  lines = publishers.map((stranger) => new MachineLine(stranger, broker.url, fingerprint));
  const customers = await Promise.all(["e", "f", "g", "h"].map((name) => joined(name)));
  buyers = await Promise.all(customers.map((stranger) => StrangerBuyer.at(stranger, turin.contractEndpoint)));
});
afterAll(async () => {
  books?.close();
  await running?.stop();
});

/** A new member that Turin's replica shows. */
async function joined(name: string): Promise<Stranger> {
  const stranger = await Stranger.named(name);
  const { createJoinString } = await broker.api.request<{ createJoinString: { join: string } }>(
    "mutation { createJoinString { join } }",
  );
  await enrol(stranger, createJoinString.join);
  await waitFor(async () => {
    const { knownClusters } = await turin.api.request<{ knownClusters: { fingerprint: string }[] }>(
      "{ knownClusters { fingerprint } }",
    );
    return knownClusters.some((cluster) => cluster.fingerprint === stranger.fingerprint);
  });
  return stranger;
}

/** Resident memory of a part, as it says itself. */
async function memoryOf({ opsUrl }: RunningPart): Promise<number> {
  const metrics = await (await fetch(`${opsUrl}/metrics`)).text();
  return Number(/^process_resident_memory_bytes(?:\{.*\})? (\S+)$/m.exec(metrics)?.[1]);
}

/** Runs `attack`; the process is the same afterwards and has not grown beyond its bound. */
async function survives(part: RunningPart, attack: () => Promise<void>): Promise<void> {
  const [pid, before] = [part.process.pid, await memoryOf(part)];
  await attack();
  expect([part.process.isRunning, part.process.pid]).toEqual([true, pid]);
  expect((await memoryOf(part)) - before).toBeLessThan(GROWTH);
}

const FIND_OFFERS = `query ($filter: OfferFilterInput, $orderBy: OfferOrder!, $first: Int!, $after: String) {
  offers(filter: $filter, orderBy: $orderBy, first: $first, after: $after) { totalCount nodes { offerID } pageInfo { endCursor } } }`;
const searchFor = (clusterID: string) => ({
  filter: {
    text: "offer",
    offerType: "general",
    clusterIDs: [clusterID],
    labels: { region: "eu-south" },
    currency: "EUR",
    maxCost: { amount: 20, currency: "EUR", period: "month" },
    minResources: { cpu: "1", ram: "1Gi" },
    onlyAvailable: true,
  },
  orderBy: "COST_ASC",
  first: 10,
  after: null,
});

/** What members say to a Broker, all of it valid now. */
async function toBroker(): Promise<Message[]> {
  return lines.flatMap((line, n): Message[] => {
    const { stranger } = line;
    const document = stranger.offer(anOffer(`o${n}`));
    const digest = sha256(document.split(".").slice(0, 2).join("."));
    const offers = [{ offerID: `o${n}`, rev: stranger.nextNumber(), digest }];
    const descriptor = stranger.descriptor();
    return [
      { door: line, query: BROKER_DESCRIPTOR, variables: {} },
      { door: line, query: CHALLENGE, variables: { fingerprint: stranger.fingerprint } },
      { door: line, query: ENROL, variables: { descriptor, proof: stranger.notice(newContractID()), token: null } },
      { door: line, query: ANNOUNCE, variables: { descriptor, asOf: stranger.nextNumber(), offers } },
      { door: line, query: PUBLISH_OFFERS, variables: { documents: [document] } },
      { door: line, query: PUBLISH_OFFERS, variables: { documents: [document, stranger.offer(anOffer("second"))] } },
      { door: line, query: WITHDRAW_OFFERS, variables: { documents: [stranger.withdrawal(`o${n}`)] } },
      {
        door: line,
        query: FIND_OFFERS,
        variables: searchFor(stranger.clusterID),
      },
    ];
  });
}

/** What buyers say to a seller: each begins a purchase, and offers all of its next steps at once. */
async function toSeller(): Promise<Message[]> {
  const messages = await Promise.all(
    buyers.map(async (buyer): Promise<Message[]> => {
      const { line } = buyer;
      for (const { contractID, state } of await buyer.negotiations())
        if (state === "RESERVED" || state === "CONFIRMED") await buyer.terminate(contractID);
      const input = buyer.reserveInput({ offerID: "unit", planID: "unit", termsRev });
      const opened = await buyer.reserve(buyer.reserveInput({ offerID: "unit", planID: "unit", termsRev, units: 2 }));
      const next = opened.state === "RESERVED" ? stepsOf(buyer, opened) : [];
      return [
        { door: line, query: RESERVE, variables: { input } },
        { door: line, query: RESERVE, variables: { input: { ...input, contractID: newContractID() } } },
        { door: line, query: NEGOTIATIONS, variables: { since: 0, first: 10 } },
        ...next,
      ];
    }),
  );
  return messages.flat();
}

function stepsOf(buyer: StrangerBuyer, opened: Negotiation): Message[] {
  const { line, stranger } = buyer;
  const { contractID } = opened;
  const terms = opened.terms ?? "";
  const termsHash = termsHashOf(terms);
  const receipt = buyer.receipt({ ...opened, contract: buyer.assembled(opened) });
  return [
    { door: line, query: CONFIRM, variables: { contractID, termsHash, ...buyer.signature(terms) } },
    { door: line, query: ACTIVATE, variables: { contractID, termsHash, receipt } },
    { door: line, query: TERMINATE, variables: { contractID, notice: stranger.notice(contractID) } },
  ];
}

/** What an admin's scripts say to a Connector and to a Broker. No ids of what the other tests trade with. */
async function toAdmins(): Promise<Message[]> {
  const door = ({ url, adminToken }: RunningPart): Door => ({
    url: `${url}/graphql`,
    headers: () => ({ authorization: `Bearer ${adminToken}` }),
  });
  const [connector, operator] = [door(turin), door(broker)];
  const id = newContractID();
  const offer = { offerID: "scripted", offerName: "Scripted", labels: { a: "b" }, noticePeriod: 60, plans: [PLAN] };
  const order = { clusterID: id, offerID: "scripted", planID: "unit", units: 1, requestID: "one", validUntil: 4e9 };
  const to = (door: Door, query: string, variables: Message["variables"] = {}): Message => ({ door, query, variables });
  return [
    to(connector, "mutation ($offer: OfferInput!) { saveOffer(offer: $offer) { offerID plans { available } } }", {
      offer,
    }),
    to(connector, "mutation ($id: ID!, $on: Boolean!) { setOfferStatus(offerID: $id, status: $on) { status } }", {
      id: "scripted",
      on: false,
    }),
    to(connector, "mutation ($id: ID!) { withdrawOffer(offerID: $id) { offerID } }", { id: "scripted" }),
    to(connector, "mutation ($input: BuyInput!) { buy(input: $input) { state } }", { input: order }),
    to(
      connector,
      "mutation ($id: ID!, $reason: String, $force: Boolean!) { terminateContract(id: $id, reason: $reason, force: $force) { state } }",
      { id, reason: "x", force: true },
    ),
    to(connector, "mutation ($id: ID!) { approveContract(id: $id) { state } }", { id }),
    to(connector, "mutation ($id: ID!, $reason: String) { rejectContract(id: $id, reason: $reason) { state } }", {
      id,
      reason: "x",
    }),
    to(
      connector,
      "mutation ($id: ID!, $r: ResourceList, $u: Boolean) { setAllowance(clusterID: $id, resources: $r, unlimited: $u) { clusterID } }",
      { id, r: { cpu: "1" }, u: null },
    ),
    to(connector, "mutation ($name: String!) { setClusterPrettyName(prettyName: $name) { prettyName } }", {
      name: "Turin",
    }),
    to(connector, "mutation ($f: ID!, $note: String) { trustCluster(fingerprint: $f, note: $note) { fingerprint } }", {
      f: sha256("nobody"),
      note: "x",
    }),
    to(connector, "mutation ($f: ID!) { untrustCluster(fingerprint: $f) { fingerprint } }", { f: sha256("nobody") }),
    to(
      connector,
      "query ($role: ContractRole, $state: ContractState, $first: Int!, $after: ID) { contracts(role: $role, state: $state, first: $first, after: $after) { contractID } }",
      { role: "SELLER", state: "ACTIVE", first: 5, after: id },
    ),
    to(connector, "query ($id: ID!) { contract(id: $id) { state } }", { id }),
    to(
      connector,
      "query ($first: Int!, $after: ID) { activity(first: $first, after: $after) { at } myOffers(first: $first) { offerID } }",
      { first: 5, after: "7" },
    ),
    to(connector, "query ($c: ID!, $o: ID!) { offer(clusterID: $c, offerID: $o) { offerID } }", { c: id, o: "x" }),
    to(connector, FIND_OFFERS, searchFor(id)),
    to(operator, "mutation ($name: String) { createJoinString(name: $name) { tokenID } }", { name: "fuzz" }),
    to(
      operator,
      "mutation ($name: String, $at: Timestamp) { createReadToken(name: $name, expiresAt: $at) { tokenID } }",
      { name: "fuzz", at: 4e9 },
    ),
    to(operator, "mutation ($id: ID!) { revokeToken(tokenID: $id) }", { id: "abcdefgh" }),
    to(operator, "mutation ($f: ID!) { revokeCluster(fingerprint: $f) { status } }", { f: sha256("nobody") }),
    to(operator, "mutation ($f: ID!) { approveCluster(fingerprint: $f) { status } }", { f: sha256("nobody") }),
    to(
      operator,
      "query ($s: ClusterStatus, $first: Int!, $after: ID) { clusters(status: $s, first: $first, after: $after) { clusterID } }",
      { s: "ADMITTED", first: 5, after: "x" },
    ),
  ];
}

describe(`random messages (CATALOG_FUZZ_SEED=${SEED})`, () => {
  it(`leave the Broker with nothing but valid documents, seed ${SEED}`, async () => {
    await survives(broker, async () => {
      const codes = await bombard(new Dice(SEED), COUNT, toBroker);
      // What is sent is neither refused at the door alone nor let through unseen.
      for (const code of ["none", "BAD_USER_INPUT", "GRAPHQL_PARSE_FAILED", "PROOF_INVALID"])
        expect([code, codes.get(code) ?? 0]).not.toEqual([code, 0]);
    });
    const { offers } = await broker.api.request<{ offers: { nodes: { jws: string; fingerprint: string }[] } }>(
      "{ offers(first: 200) { nodes { jws fingerprint } } }",
    );
    for (const { jws, fingerprint } of offers.nodes) {
      const stranger = lines.find((line) => line.stranger.fingerprint === fingerprint)?.stranger;
      if (stranger) await verifyOffer(jws, await verifyDescriptor(stranger.descriptor()));
    }
  });

  it(`leave a seller's stock and grants in balance, seed ${SEED}`, async () => {
    await survives(turin, async () => {
      const codes = await bombard(new Dice(SEED + 1), COUNT, toSeller);
      for (const code of ["none", "BAD_USER_INPUT", "DOCUMENT_INVALID", "UNKNOWN_CONTRACT"])
        expect([code, codes.get(code) ?? 0]).not.toEqual([code, 0]);
    });
    await books.balance();
  });

  it(`by an admin break neither server, seed ${SEED}`, async () => {
    await survives(turin, () =>
      survives(broker, async () => {
        const codes = await bombard(new Dice(SEED + 3), COUNT, toAdmins);
        for (const code of ["none", "BAD_USER_INPUT", "CONTRACT_NOT_FOUND", "UNAUTHENTICATED"])
          expect([code, codes.get(code) ?? 0]).not.toEqual([code, 0]);
      }),
    );
    await books.balance();
  });

  it(`on WebSockets end nothing but their own socket, seed ${SEED}`, async () => {
    const dice = new Dice(SEED + 2);
    const query =
      "subscription ($since: String, $filter: OfferFilterInput) { catalog(since: $since, filter: $filter) { type cursor } }";
    const subscribe = {
      id: "1",
      type: "subscribe",
      payload: { query, variables: { since: null, filter: { text: "x" } } },
    };
    await survives(broker, async () => {
      for (let n = 0; n < COUNT / 10; n++) {
        const line = dice.of(lines);
        const proof = line.stranger.proof({ aud: line.audience, path: line.path, body: "", method: "GET" });
        const socket = await PlainSocket.open(broker.url);
        const frames = [
          { type: "connection_init", payload: { proof } },
          subscribe,
          { id: "1", type: "complete" },
          { type: "ping" },
        ];
        for (const frame of frames) {
          const text = dice.chance(0.5) ? JSON.stringify(mutateJson(dice, frame)) : JSON.stringify(frame);
          socket.send(dice.chance(0.1) ? mutateBytes(dice, Buffer.from(text)).toString("latin1") : text);
        }
        await socket.close();
      }
    });
  });

  it(`do not keep anybody from trading afterwards, seed ${SEED}`, async () => {
    const stranger = await joined("after");
    const [line] = lines;
    expect(
      await publish(new MachineLine(stranger, broker.url, line?.audience ?? ""), [stranger.offer(anOffer("after"))]),
    ).toMatchObject([{ accepted: true }]);
    const buyer = await StrangerBuyer.at(stranger, turin.contractEndpoint);
    const active = await buyer.buy({ offerID: "unit", planID: "unit", termsRev, units: 3 });
    expect(active.state).toBe("ACTIVE");
    await books.balance();
  });
});
