import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { PUBLISH_OFFERS } from "@catalog/schema/operations";
import { startFederation, type TestFederation } from "../federation/test-federation.js";
import type { RunningPart } from "../harness/federation.js";
import { BrokerWitness } from "./broker-witness.js";
import { ask, MachineLine, refusalOf } from "./machine-line.js";
import { HONEST_OFFERS, OFFER_FORGERIES } from "./offer-forgeries.js";
import { codeIn, sendPlain } from "./plain-http.js";
import { PlainSocket } from "./plain-socket.js";
import { BEHIND, HONEST_VARIANTS, PROOF_FORGERIES } from "./proof-forgeries.js";
import { GARBAGE, RAW_BYTES, sendGarbage, sendRaw } from "./request-garbage.js";
import { REQUEST_FORGERIES } from "./request-forgeries.js";
import { announce, enrol, publish, withdraw } from "./stranger-membership.js";
import { anOffer, Stranger } from "./stranger.js";

let running: TestFederation;
let broker: RunningPart;
let witness: BrokerWitness;
let audience: string;
let member: Stranger;
let other: Stranger;
let line: MachineLine;
let honestOffers = 0;

async function joinString(): Promise<string> {
  const { createJoinString } = await broker.api.request<{ createJoinString: { join: string } }>(
    "mutation { createJoinString { join } }",
  );
  return createJoinString.join;
}

/** What a member may do at any time; its outcome is to be seen in the feed. */
async function honest(): Promise<string> {
  const offerID = `honest-${++honestOffers}`;
  expect(await publish(line, [line.stranger.offer(anOffer(offerID))])).toMatchObject([{ offerID, accepted: true }]);
  return offerID;
}

const unmoved = (attack: () => Promise<void>) => witness.unmoved(attack, honest);
const publication = (stranger: Stranger): string =>
  JSON.stringify({ query: PUBLISH_OFFERS, variables: { documents: [stranger.offer(anOffer("stolen"))] } });

beforeAll(async () => {
  running = await startFederation([]);
  broker = running.federation.broker;
  witness = new BrokerWitness(broker);
  audience = (await ask<{ broker: { fingerprint: string } }>(broker.url, "{ broker { fingerprint } }")).broker
    .fingerprint;
  [member, other] = [await Stranger.named("member"), await Stranger.named("other")];
  for (const stranger of [member, other])
    expect(await enrol(stranger, await joinString())).toMatchObject({ status: "ADMITTED" });
  line = new MachineLine(member, broker.url, audience);
  await witness.isReady();
});
afterAll(async () => {
  await witness?.dispose();
  await running?.stop();
});

describe("request proofs on HTTP", () => {
  it("lets every valid form in", async () => {
    const body = JSON.stringify({ query: "{ viewer { kind } }" });
    for (const { what, forge } of HONEST_VARIANTS) {
      const proof = forge({ member, other, aud: audience, path: line.path, body });
      const answer = await sendPlain(line.url, { body, headers: line.headers(body, proof) });
      expect([what, answer.text]).toEqual([what, expect.stringContaining("MEMBER")]);
    }
  });

  it("refuses proofs from before its database began, whose use it might have forgotten", async () => {
    const body = JSON.stringify({ query: "{ viewer { kind } }" });
    const proof = BEHIND.forge({ member, other, aud: audience, path: line.path, body });
    expect(codeIn(await sendPlain(line.url, { body, headers: line.headers(body, proof) }))).toBe("CLOCK_SKEW");
  });

  it("refuses every forgery with its code, and nothing changes", async () => {
    await unmoved(async () => {
      for (const { what, code, forge } of PROOF_FORGERIES) {
        const body = publication(member);
        const proof = forge({ member, other, aud: audience, path: line.path, body });
        const answer = await sendPlain(line.url, { body, headers: line.headers(body, proof) });
        expect([what, codeIn(answer)]).toEqual([what, code]);
        expect([401, 403], what).toContain(answer.status);
      }
    });
  });

  it("refuses an honest proof on another request", async () => {
    await unmoved(async () => {
      for (const { what, code, send } of REQUEST_FORGERIES)
        expect([what, codeIn(await send(line, publication(member)))]).toEqual([what, code]);
    });
  });

  it("takes a proof once, however many send it at once", async () => {
    const body = JSON.stringify({ query: "{ viewer { kind } }" });
    const headers = line.headers(body);
    const answers = await Promise.all(Array.from({ length: 12 }, () => sendPlain(line.url, { body, headers })));
    const codes = answers.map(codeIn).sort();
    expect(codes).toEqual([...Array<string>(11).fill("PROOF_REPLAYED"), "none"].sort());
    expect(codeIn(await sendPlain(line.url, { body, headers }))).toBe("PROOF_REPLAYED");
  });

  it("does not know a stranger, with or without its descriptor, and lets it do nothing but enrol", async () => {
    const nobody = await Stranger.named("nobody");
    const far = new MachineLine(nobody, broker.url, audience);
    await unmoved(async () => {
      const body = publication(nobody);
      expect(codeIn(await far.send(body))).toBe("NOT_A_MEMBER");
      expect(codeIn(await far.send(body, { "catalog-descriptor": nobody.descriptor() }))).toBe("NOT_A_MEMBER");
      expect(codeIn(await far.send(body, { "catalog-descriptor": member.descriptor() }))).toBe("PROOF_KEY_UNKNOWN");
      expect(codeIn(await far.send(body, { "catalog-descriptor": "x.y.z" }))).toBe("DOCUMENT_INVALID");
      const both = `mutation ($d: [String!]!) { enrol(descriptor: "x", proof: "x") { status } publishOffers(documents: $d) { results { code } } }`;
      const smuggled = JSON.stringify({ query: both, variables: { d: [nobody.offer(anOffer("smuggled"))] } });
      expect(codeIn(await far.send(smuggled, { "catalog-descriptor": nobody.descriptor() }))).not.toBe("none");
      expect(await refusalOf(ask(broker.url, PUBLISH_OFFERS, { documents: [] }))).toBe("UNAUTHENTICATED");
    });
  });
});

describe("request proofs on WebSocket", () => {
  it("refuses every forgery before the socket is acknowledged", async () => {
    await unmoved(async () => {
      for (const { what, code, forge } of PROOF_FORGERIES) {
        const proof = forge({ member, other, aud: audience, path: line.path, body: "", method: "GET" });
        const socket = await PlainSocket.init(line.url, { proof });
        expect([what, socket.isAcknowledged, socket.outcome.code, socket.outcome.reason.split(/[ :]/)[0]]).toEqual([
          what,
          false,
          4401,
          code,
        ]);
      }
    });
  });

  it("takes a socket's proof once, and no proof made for HTTP", async () => {
    const proof = member.proof({ aud: audience, path: line.path, body: "", method: "GET" });
    const socket = await PlainSocket.init(line.url, { proof });
    expect(socket.isAcknowledged).toBe(true);
    expect((await PlainSocket.init(line.url, { proof })).outcome).toMatchObject({ code: 4401 });
    const forHttp = member.proof({ aud: audience, path: line.path, body: "" });
    expect((await PlainSocket.init(line.url, { proof: forHttp })).outcome.reason).toContain("PROOF_TARGET_MISMATCH");
    await socket.close();
  });

  it("carries out no mutation, and none of the protocol's violations harms anybody else", async () => {
    await unmoved(async () => {
      const proof = member.proof({ aud: audience, path: line.path, body: "", method: "GET" });
      const socket = await PlainSocket.init(line.url, { proof });
      const variables = { documents: [member.offer(anOffer("stolen"))] };
      const answer = await socket.run("m", { query: PUBLISH_OFFERS, variables });
      expect(answer).toMatchObject({
        type: "error",
        payload: [{ extensions: { code: expect.any(String) as string } }],
      });
      await socket.close();
      for (const frame of ["garbage", "null", "[]", "{}", '{"type":"subscribe"}', '{"type":"what"}', '{"type":7}']) {
        const rude = await PlainSocket.open(line.url);
        rude.send(frame);
        await rude.until(() => false, 5_000);
        expect([frame, rude.outcome.code >= 4400 && rude.outcome.code < 4500]).toEqual([frame, true]);
      }
      const huge = await PlainSocket.open(line.url);
      huge.send(JSON.stringify({ type: "connection_init", payload: { x: "x".repeat(300_000) } }));
      await huge.until(() => false, 5_000);
      expect(huge.outcome.code).toBe(1009);
      const early = await PlainSocket.open(line.url);
      expect(await early.run("e", { query: "{ viewer { kind } }" })).toMatchObject({ code: 4401 });
      const other = await PlainSocket.open(line.url, "graphql-ws");
      other.send({ type: "connection_init", payload: {} });
      await other.until(() => false, 5_000);
      expect(other.outcome.code).toBeGreaterThan(0);
    });
  });

  it("bounds the sockets and subscriptions of one member", async () => {
    const open = () =>
      PlainSocket.init(line.url, { proof: member.proof({ aud: audience, path: line.path, body: "", method: "GET" }) });
    const sockets = [await open(), await open(), await open(), await open()];
    expect(sockets.map((socket) => socket.isAcknowledged)).toEqual([true, true, true, true]);
    const fifth = await open();
    expect(fifth.isAcknowledged).toBe(false);
    expect(fifth.outcome.reason).toContain("LIMIT_EXCEEDED");
    const [first] = sockets;
    const answers = [];
    for (let n = 0; n < 9; n++) answers.push(await first?.run(`s${n}`, { query: "subscription { catalog { type } }" }));
    expect(answers.slice(0, 8).every((answer) => (answer as { type?: string }).type === "next")).toBe(true);
    expect(JSON.stringify(answers[8])).toMatch(/LIMIT_EXCEEDED|4429/);
    for (const socket of sockets) await socket.close();
  });
});

describe("requests", () => {
  it("answers every kind of garbage with a code, as JSON", async () => {
    await unmoved(async () => {
      const codes: [string, string][] = [];
      for (const garbage of GARBAGE) codes.push([garbage.what, codeIn(await sendGarbage(broker.url, garbage))]);
      expect(codes).toEqual(GARBAGE.map(({ what, code }) => [what, code]));
    });
  });

  it("survives bytes that are not HTTP", async () => {
    await unmoved(async () => {
      for (const bytes of RAW_BYTES) {
        const answer = await sendRaw(broker.url, bytes);
        expect(answer).toMatch(/^HTTP\/1\.1 4\d\d /);
        expect(answer).toContain('"code":"BAD_USER_INPUT"');
      }
    });
  });

  it("keeps lists within their bounds and variables to their types", async () => {
    await unmoved(async () => {
      const codeOf = (query: string, variables: object = {}) => refusalOf(line.call(query, variables));
      expect(await codeOf("{ offers(first: 201) { nodes { offerID } } }")).toBe("LIMIT_EXCEEDED");
      expect(await codeOf("{ offers(first: 0) { nodes { offerID } } }")).toBe("BAD_USER_INPUT");
      expect(await codeOf("{ offers(first: -1) { nodes { offerID } } }")).toBe("BAD_USER_INPUT");
      expect(await codeOf("{ catalog(first: 2147483647) { clusterID } }")).toBe("QUERY_TOO_COMPLEX");
      expect(await codeOf('{ offers(after: "x") { nodes { offerID } } }')).toBe("CURSOR_INVALID");
      expect(await codeOf("query ($n: Int!) { offers(first: $n) { nodes { offerID } } }", { n: 1e12 })).toBe(
        "BAD_USER_INPUT",
      );
      expect(await codeOf("query ($n: Int!) { offers(first: $n) { nodes { offerID } } }", { n: "7" })).toBe(
        "BAD_USER_INPUT",
      );
      expect(
        await codeOf("query ($f: OfferFilterInput) { offers(filter: $f) { nodes { offerID } } }", { f: { sql: 1 } }),
      ).not.toBe("none");
      expect(await codeOf(PUBLISH_OFFERS, { documents: [7] })).toBe("BAD_USER_INPUT");
      expect(await codeOf(PUBLISH_OFFERS, { documents: null })).toBe("BAD_USER_INPUT");
      expect(await codeOf(PUBLISH_OFFERS, { documents: Array(2_000).fill("x") })).toBe("LIMIT_EXCEEDED");
      const announced = Array.from({ length: 201 }, (_, n) => ({ offerID: `o${n}`, rev: 1, digest: "x" }));
      expect(await refusalOf(announce(line, announced))).toBe("LIMIT_EXCEEDED");
      for (const asOf of [-1, 1.5, 2 ** 60]) expect(await refusalOf(announce(line, [], asOf))).toBe("BAD_USER_INPUT");
      for (const text of ["\u0000", "a\u0000b"]) {
        const read = "query ($t: ID!) { offer(clusterID: $t, offerID: $t) { offerID } }";
        expect(await codeOf(read, { t: text })).toMatch(/^(?:none|BAD_USER_INPUT|OFFER_NOT_FOUND)$/);
        expect(await codeOf("query ($t: ID!) { clusters(after: $t) { clusterID } }", { t: text })).toMatch(
          /^(?:none|BAD_USER_INPUT)$/,
        );
        expect(await codeOf("query ($t: ID!) { catalog(after: $t) { clusterID } }", { t: text })).toMatch(
          /^(?:none|BAD_USER_INPUT)$/,
        );
        const filters = [
          { text },
          { offerType: text },
          { clusterIDs: [text] },
          { currency: text },
          { labels: { [text]: text } },
          { minResources: { [text]: "1" } },
        ];
        for (const f of filters)
          expect(await codeOf("query ($f: OfferFilterInput) { offers(filter: $f) { totalCount } }", { f })).toMatch(
            /^(?:none|[A-Z]+_[A-Z_]+)$/,
          );
      }
      for (const operator of ["createJoinString { join }", "resynchroniseMembers", 'revokeToken(tokenID: "x")'])
        expect(await codeOf(`mutation { ${operator} }`)).toBe("FORBIDDEN");
    });
  });
});

describe("documents", () => {
  it("refuses every forged offer alone, and takes the honest one beside it", async () => {
    const before = await witness.snapshot();
    for (const { what, code, forge } of OFFER_FORGERIES) {
      const [outcome] = await publish(line, [forge(member, other)]);
      expect([what, outcome?.accepted, outcome?.code]).toEqual([what, false, code]);
      expect(outcome?.message?.length, what).toBeGreaterThan(0);
    }
    expect(await witness.snapshot()).toEqual(before);
    const mixed = await publish(line, [member.offer(anOffer("beside")), "x", member.offer(anOffer("beside-2"))]);
    expect(mixed.map((outcome) => outcome.accepted)).toEqual([true, false, true]);
  });

  it("takes the unusual that is valid, and gives it back as it was", async () => {
    for (const [what, changes] of Object.entries(HONEST_OFFERS)) {
      const offer = anOffer("unusual", changes);
      const [outcome] = await publish(line, [member.offer(offer)]);
      expect([what, outcome]).toEqual([what, expect.objectContaining({ accepted: true })]);
      const shown = await broker.api.request<{ offer: object }>(
        `query ($clusterID: ID!) { offer(clusterID: $clusterID, offerID: "unusual") { offerName description plans { planID planCost resources } } }`,
        { clusterID: member.clusterID },
      );
      const plans = offer.plans.map(({ planID, planCost, resources }) => ({ planID, planCost, resources }));
      expect(shown.offer).toEqual({ offerName: offer.offerName, description: offer.description, plans });
    }
  });

  it("keeps the highest rev: older ones, other bytes under one rev, and another's withdrawal change nothing", async () => {
    const older = member.offer(anOffer("ranked"));
    const current = member.offer(anOffer("ranked", { offerName: "Current" }));
    expect(await publish(line, [current])).toMatchObject([{ accepted: true }]);
    await unmoved(async () => {
      const [outdated] = await publish(line, [older]);
      expect(outdated).toMatchObject({ accepted: false, code: "DOCUMENT_OUTDATED", higher: current });
      const { rev } = JSON.parse(Buffer.from(current.split(".")[1] ?? "", "base64url").toString()) as { rev: number };
      const twin = member.offer(anOffer("ranked", { offerName: "Twin" }), { rev, termsRev: rev });
      expect(await publish(line, [twin])).toMatchObject([{ accepted: false, code: "DOCUMENT_EQUIVOCATION" }]);
      expect(await publish(line, [current])).toMatchObject([{ accepted: true }]);
      expect(await withdraw(line, [member.withdrawal("ranked", { rev: rev - 1 })])).toMatchObject([
        { code: "DOCUMENT_OUTDATED" },
      ]);
      const far = new MachineLine(other, broker.url, audience);
      expect(await withdraw(far, [other.withdrawal("ranked", { iss: member.fingerprint })])).toMatchObject([
        { code: "DOCUMENT_NOT_YOURS" },
      ]);
      expect(await withdraw(far, [member.withdrawal("ranked")])).toMatchObject([{ code: "DOCUMENT_NOT_YOURS" }]);
      expect(await withdraw(line, [member.offer(anOffer("ranked"))])).toMatchObject([{ code: "DOCUMENT_INVALID" }]);
    });
  });

  it("lists at most 200 offers of one member", async () => {
    const crowd = await Stranger.named("crowd");
    await enrol(crowd, await joinString());
    const many = new MachineLine(crowd, broker.url, audience);
    const documents = Array.from({ length: 203 }, (_, n) => crowd.offer(anOffer(`many-${n}`)));
    const outcomes = [];
    for (let at = 0; at < documents.length; at += 50)
      outcomes.push(...(await publish(many, documents.slice(at, at + 50))));
    expect(outcomes.filter((outcome) => outcome.accepted)).toHaveLength(200);
    expect(outcomes.slice(200).map((outcome) => outcome.code)).toEqual(Array(3).fill("OFFER_LIMIT_REACHED"));
    const shown = await broker.api.request<{ offers: { nodes: unknown[] } }>(
      "query ($ids: [ID!]) { offers(first: 200, filter: { clusterIDs: $ids }) { nodes { offerID } } }",
      { ids: [crowd.clusterID] },
    );
    expect(shown.offers.nodes).toHaveLength(200);
    const { dropped } = await announce(many, []);
    expect(dropped).toHaveLength(200);
  });

  it("slows down a member that floods it, and nobody else", async () => {
    const flood = await Stranger.named("flood");
    await enrol(flood, await joinString());
    const many = new MachineLine(flood, broker.url, audience);
    const codes = new Set<string | null>();
    for (let n = 0; n < 10; n++)
      for (const outcome of await publish(many, Array<string>(100).fill("x"))) codes.add(outcome.code);
    expect([...codes].sort()).toEqual(["DOCUMENT_INVALID", "RATE_LIMITED"]);
    await honest();
  });
});

describe("joining", () => {
  it("admits with a join string one identity, for ever", async () => {
    const join = await joinString();
    const first = await Stranger.named("first");
    const descriptor = first.descriptor();
    expect(await enrol(first, join, { descriptor })).toMatchObject({ status: "ADMITTED", clusterID: first.clusterID });
    await unmoved(async () => {
      expect(await enrol(first, join, { descriptor })).toMatchObject({ status: "ADMITTED" });
      expect(await refusalOf(enrol(await Stranger.named("second"), join))).toBe("JOIN_TOKEN_USED");
      expect(await refusalOf(enrol(await Stranger.named("thief", first.clusterID), await joinString()))).toBe(
        "CLUSTER_ID_TAKEN",
      );
    });
  });

  it("refuses tokens, answers and descriptors that do not belong together", async () => {
    const join = await joinString();
    const nobody = await Stranger.named("nobody");
    const codeOf = (changes: Parameters<typeof enrol>[2], by = nobody) => refusalOf(enrol(by, join, changes));
    await unmoved(async () => {
      expect(await codeOf({ jwe: null })).toBe("JOIN_TOKEN_INVALID");
      expect(await codeOf({ jwe: "a.b.c.d.e" })).toBe("JOIN_TOKEN_INVALID");
      expect(await codeOf({ jwe: "x".repeat(5_000) })).toBe("JOIN_TOKEN_INVALID");
      expect(await codeOf({ token: { secret: "A".repeat(43) } })).toBe("JOIN_TOKEN_INVALID");
      expect(await codeOf({ token: { tokenId: "AAAAAAAA" } })).toBe("JOIN_TOKEN_INVALID");
      expect(await codeOf({ token: { iss: other.fingerprint } })).toBe("JOIN_TOKEN_INVALID");
      expect(await codeOf({ token: { nonce: "A".repeat(43) } })).toBe("JOIN_TOKEN_INVALID");
      expect(await codeOf({ proof: { nonce: "A".repeat(43) } })).toBe("CHALLENGE_INVALID");
      expect(await codeOf({ proof: { aud: nobody.fingerprint } })).toBe("CHALLENGE_INVALID");
      expect(await codeOf({ proof: { iss: other.fingerprint } })).toBe("CHALLENGE_INVALID");
      expect(await codeOf({ descriptor: other.descriptor() })).not.toBe("none");
      expect(await codeOf({ descriptor: nobody.descriptor({ clusterID: "" }) })).toBe("DOCUMENT_INVALID");
      expect(await codeOf({ descriptor: nobody.descriptor({ clusterContractEndpoint: "ftp://x" }) })).toBe(
        "DOCUMENT_INVALID",
      );
      expect(await codeOf({ descriptor: nobody.descriptor({ seq: Date.now() + 3_600_000 }) })).toBe("NUMBER_AHEAD");
      const jwk = other.keys.encryption.publicJwk;
      expect(await codeOf({ descriptor: nobody.descriptor({ keys: { sig: jwk, enc: jwk } }) })).toBe(
        "DOCUMENT_INVALID",
      );
    });
    expect(await enrol(nobody, join)).toMatchObject({ status: "ADMITTED" });
  });

  it("refuses a revoked join string", async () => {
    const { createJoinString: made } = await broker.api.request<{
      createJoinString: { join: string; tokenID: string };
    }>("mutation { createJoinString { join tokenID } }");
    await broker.api.request("mutation ($id: ID!) { revokeToken(tokenID: $id) }", { id: made.tokenID });
    await unmoved(async () => {
      expect(await refusalOf(enrol(await Stranger.named("late"), made.join))).toMatch(
        /^JOIN_TOKEN_(?:INVALID|EXPIRED)$/,
      );
    });
  });

  it("announces only itself, and nobody takes a cluster id that is another's", async () => {
    await unmoved(async () => {
      const descriptor = other.descriptor();
      const query = "mutation ($d: String!) { announce(descriptor: $d, asOf: 1, offers: []) { dropped } }";
      expect(await refusalOf(line.call(query, { d: descriptor }))).toBe("DOCUMENT_NOT_YOURS");
      const posing = member.descriptor({ clusterID: other.clusterID });
      expect(await refusalOf(line.call(query, { d: posing }))).toBe("CLUSTER_ID_TAKEN");
      expect(await refusalOf(line.call(query, { d: "x" }))).toBe("DOCUMENT_INVALID");
      expect(await refusalOf(line.call(query, { d: member.descriptor({ clusterID: `a b ${randomUUID()}` }) }))).toBe(
        "DOCUMENT_INVALID",
      );
    });
  });
});
