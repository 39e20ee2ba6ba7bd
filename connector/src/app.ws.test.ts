import "reflect-metadata";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { loadTls } from "@catalog/server/tls/tls-material";
import { waitFor } from "@catalog/server/testing/wait-for";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { ForeignCluster } from "./testing/foreign-cluster.js";
import { items, signal } from "./testing/replica-fixture.js";
import { JOIN_SECRET, TestBroker } from "./testing/test-broker.js";
import { TestConnector } from "./testing/test-connector.js";

interface BrokerView {
  readonly brokerID: string;
  readonly brokerName: string;
  readonly connected: boolean;
  readonly pending: boolean;
  readonly subscribed: boolean;
  readonly registered: boolean;
  readonly lastError: string | null;
  readonly announcedAt: number | null;
}

const BROKER = "{ brokerID brokerName connected pending subscribed registered lastError announcedAt }";
const REGISTER = `mutation ($join: String!, $name: String) { registerBroker(join: $join, name: $name) ${BROKER} }`;
const OFFER = {
  offerID: "small",
  offerName: "Small",
  plans: [
    {
      planID: "p",
      planCost: 0.5,
      planCostCurrency: "EUR",
      planCostPeriod: "hour",
      planQuantity: 3,
      resources: { cpu: "1", ram: "1Gi" },
    },
  ],
};
const SAVE =
  "mutation ($offer: OfferInput!) { saveOffer(offer: $offer) { offerID rev status plans { planID available resources } } }";

let connector: TestConnector;

const brokers = async () => (await connector.get<{ brokers: BrokerView[] }>(`{ brokers ${BROKER} }`)).brokers;
const init = (endpoint = connector.contractEndpoint) =>
  connector.get('mutation ($e: String!) { initCatalog(prettyName: "Paris", contractEndpoint: $e) { ready } }', {
    e: endpoint,
  });
const offerIDs = async () => {
  const { offers } = await connector.get<{ offers: { nodes: { offerID: string }[] } }>(
    "{ offers { nodes { offerID } } }",
  );
  return offers.nodes.map(({ offerID }) => offerID);
};

describe("the admin API", () => {
  beforeAll(async () => {
    connector = await TestConnector.start({ CATALOG_HEARTBEAT: "100ms" });
    await waitFor(async () => (await connector.ask("{ connector { ready } }")).code === undefined);
  });
  afterAll(() => connector.stop());

  it("is for the holder of the admin token alone, over HTTP and WebSocket", async () => {
    expect(await connector.ask("{ connector { ready } }", {}, null)).toMatchObject({
      status: 401,
      code: "UNAUTHENTICATED",
    });
    expect(await connector.ask("{ connector { ready } }", {}, "another-token-than-that")).toMatchObject({
      status: 401,
      code: "UNAUTHENTICATED",
    });
    const { errors } = connector.subscribe("subscription { activity { id } }", {}, "another-token-than-that");
    await waitFor(() => errors.length > 0);
    expect(errors[0]).toMatchObject({ code: 4401 });
  });

  it("refuses its own address as contract endpoint, and whatever is no address", async () => {
    const ask = (e: string) =>
      connector.ask('mutation ($e: String!) { initCatalog(prettyName: "Paris", contractEndpoint: $e) { ready } }', {
        e,
      });
    expect(await ask(`http://localhost:${connector.ports.admin}/graphql`)).toMatchObject({
      code: "BAD_USER_INPUT",
      message: expect.stringContaining("admin API"),
    });
    expect(await ask("paris")).toMatchObject({ code: "BAD_USER_INPUT" });
    expect(await connector.get("{ connector { ready prettyName contractEndpoint descriptor } }")).toEqual({
      connector: { ready: false, prettyName: null, contractEndpoint: null, descriptor: null },
    });
  });

  it("needs initCatalog before anything else", async () => {
    expect(await connector.ask(SAVE, { offer: OFFER })).toMatchObject({ code: "NOT_INITIALISED" });
    const checks = await connector.get<{ diagnostics: { check: string; ok: boolean; whatToDo: string | null }[] }>(
      "{ diagnostics { check ok severity message whatToDo } }",
    );
    expect(checks.diagnostics.find(({ check }) => check === "initialised")).toMatchObject({
      ok: false,
      whatToDo: expect.stringContaining("initCatalog"),
    });
    await init();
    const { connector: view } = await connector.get<{ connector: { ready: boolean; warnings: string[] } }>(
      "{ connector { ready prettyName warnings } }",
    );
    expect(view).toMatchObject({
      ready: true,
      prettyName: "Paris",
      warnings: expect.arrayContaining([expect.stringContaining("loopback")]),
    });
  });

  it("saves, pauses and withdraws offers, and tells each step to a subscriber of activity", async () => {
    const activity = connector.subscribe<{ activity: { action: string; actor: string } }>(
      "subscription { activity { action actor subject } }",
    );
    const probe = connector.subscribe("subscription { catalog { type } }");
    await waitFor(() => probe.received.length > 0);
    expect(await connector.get(SAVE, { offer: OFFER })).toMatchObject({
      saveOffer: {
        offerID: "small",
        status: true,
        plans: [{ planID: "p", available: 3, resources: { cpu: "1", ram: "1Gi" } }],
      },
    });
    await connector.get('mutation { setOfferStatus(offerID: "small", status: false) { status } }');
    await connector.get('mutation { withdrawOffer(offerID: "small") { withdrawn } }');
    expect(await connector.get("{ myOffers { offerID } }")).toEqual({ myOffers: [] });
    const { activity: listed } = await connector.get<{ activity: { action: string }[] }>(
      "{ activity(first: 3) { action } }",
    );
    expect(listed.map(({ action }) => action)).toEqual(["offer.withdrawn", "offer.paused", "offer.saved"]);
    await waitFor(() => activity.received.some((one) => one.activity.action === "offer.withdrawn"));
    activity.stop();
    probe.stop();
  });

  it("says everything that is wrong with an offer in one answer, and changes nothing", async () => {
    const bad = {
      ...OFFER,
      offerName: "",
      plans: [{ ...OFFER.plans[0], planCost: 0.1234567, planCostCurrency: "XXQ", planQuantity: -1 }, OFFER.plans[0]],
    };
    const { code, message } = await connector.ask(SAVE, { offer: bad });
    expect(code).toBe("BAD_USER_INPUT");
    for (const part of ["offerName", "planCost:", "planCostCurrency", "planQuantity", "planID"])
      expect(message).toContain(part);
    expect(await connector.get("{ myOffers { offerID } }")).toEqual({ myOffers: [] });
  });

  it("bounds its lists", async () => {
    expect(await connector.ask("{ contracts(first: 201) { contractID } }")).toMatchObject({ code: "LIMIT_EXCEEDED" });
    expect(await connector.ask("{ offers(first: 0) { totalCount } }")).toMatchObject({ code: "BAD_USER_INPUT" });
    expect(await connector.ask('{ offers(after: "x") { totalCount } }')).toMatchObject({ code: "CURSOR_INVALID" });
  });

  it("answers unknown ids with their codes", async () => {
    const expected = {
      '{ contract(id: "x") { state } }': "CONTRACT_NOT_FOUND",
      '{ offer(clusterID: "x", offerID: "y") { offerID } }': "OFFER_NOT_FOUND",
      'mutation { approveContract(id: "x") { state } }': "CONTRACT_NOT_FOUND",
      'mutation { rejectContract(id: "x") { state } }': "CONTRACT_NOT_FOUND",
      'mutation { terminateContract(id: "x") { state } }': "CONTRACT_NOT_FOUND",
      'mutation { withdrawOffer(offerID: "x") { offerID } }': "OFFER_NOT_FOUND",
      'mutation { unregisterBroker(brokerID: "x") { brokerID } }': "BROKER_NOT_FOUND",
      'mutation { setBrokerSubscription(brokerID: "x", subscribed: true) { brokerID } }': "BROKER_NOT_FOUND",
      'mutation { untrustCluster(fingerprint: "x") { fingerprint } }': "CLUSTER_NOT_FOUND",
      'mutation { buy(input: {clusterID: "x", offerID: "y", planID: "z"}) { state } }': "CLUSTER_NOT_FOUND",
      'mutation { registerBroker(join: "nonsense") { brokerID } }': "JOIN_STRING_INVALID",
    };
    for (const [query, code] of Object.entries(expected))
      expect([query, (await connector.ask(query)).code]).toEqual([query, code]);
  });

  it("sets an allowance and lists it", async () => {
    await connector.get(
      'mutation ($r: ResourceList!) { setAllowance(clusterID: "old-friend", resources: $r) { unlimited } }',
      { r: { cpu: "2" } },
    );
    expect(await connector.get("{ allowedClusters { clusterID unlimited resources } }")).toEqual({
      allowedClusters: [{ clusterID: "old-friend", unlimited: false, resources: { cpu: "2" } }],
    });
  });

  it("follows the Catalog: RESET, SYNCED, heartbeats, and from a cursor without a RESET", async () => {
    interface Event {
      readonly catalog: { readonly type: string; readonly cursor: string };
    }
    const query = "subscription ($since: String) { catalog(since: $since) { type cursor changes { op offerID } } }";
    const first = connector.subscribe<Event>(query);
    const types = () => first.received.map(({ catalog }) => catalog.type);
    await waitFor(() => types().includes("HEARTBEAT"));
    expect(types().slice(0, 2)).toEqual(["RESET", "SYNCED"]);
    first.stop();
    const bad = connector.subscribe('subscription { catalog(filter: { currency: "NOPE" }) { type } }');
    await waitFor(() => bad.errors.length > 0);
    expect(JSON.stringify(bad.errors)).toContain("BAD_USER_INPUT");
  });
});

describe("Brokers", () => {
  let broker: TestBroker;

  beforeEach(async () => {
    [connector, broker] = await Promise.all([TestConnector.start(), TestBroker.start()]);
    await waitFor(async () => (await connector.ask("{ connector { ready } }")).code === undefined);
    await init();
  });
  afterEach(async () => {
    await connector.stop();
    await broker.stop();
  });

  const register = async (one = broker, name: string | null = "ours") =>
    connector.get<{ registerBroker: BrokerView }>(REGISTER, { join: one.join(), name });
  const connected = () => waitFor(async () => (await brokers()).every((one) => one.connected));

  it("are joined with a token for nobody else, followed and published to", async () => {
    await connector.get(SAVE, { offer: OFFER });
    expect((await register()).registerBroker).toMatchObject({
      brokerID: broker.fingerprint,
      brokerName: "ours",
      pending: false,
    });
    expect(broker.tokens).toEqual([JOIN_SECRET]);
    await waitFor(() => broker.documents.has("small"));
    await connected();
    const turin = await ForeignCluster.create("turin");
    broker.send(
      signal("RESET", "c0"),
      items("c1", await turin.cluster(1), await turin.listing("o", 2)),
      signal("SYNCED", "c1"),
    );
    await waitFor(async () => (await offerIDs()).includes("o"));
    expect(await connector.ask(REGISTER, { join: broker.join(), name: null })).toMatchObject({ code: "BROKER_EXISTS" });
    await connector.get('mutation { withdrawOffer(offerID: "small") { withdrawn } }');
    await waitFor(() => broker.announcements.at(-1)?.offers.length === 0);
  });

  it("are refused when another identity answers than the join string names", async () => {
    const other = await ForeignCluster.create("other");
    expect(await connector.ask(REGISTER, { join: broker.join(other.fingerprint), name: null })).toMatchObject({
      code: "JOIN_STRING_INVALID",
      message: expect.stringContaining(broker.fingerprint),
    });
    expect([await brokers(), broker.tokens]).toEqual([[], []]);
  });

  it("are not registered while they cannot be reached, and the reason is told", async () => {
    await broker.stop();
    expect(await connector.ask(REGISTER, { join: broker.join(), name: null })).toMatchObject({
      code: "PEER_UNREACHABLE",
    });
    expect(await brokers()).toEqual([]);
  });

  it("are asked again and again while they have not admitted this cluster", async () => {
    broker.status = "PENDING";
    expect((await register()).registerBroker.pending).toBe(true);
    await waitFor(() => broker.tokens.length >= 3);
    expect((await brokers())[0]).toMatchObject({
      pending: true,
      connected: false,
      lastError: expect.stringContaining("not admitted"),
    });
    broker.status = "ADMITTED";
    await connected();
    expect((await brokers())[0]).toMatchObject({ pending: false, lastError: null });
  });

  it("are enrolled with anew when they have lost their members", async () => {
    await register();
    await connected();
    broker.refusal = "NOT_A_MEMBER";
    for (const session of broker.sessions) session.close(4403, "NOT_A_MEMBER: who are you");
    await waitFor(() => broker.tokens.length >= 2);
    broker.refusal = undefined;
    await connected();
    expect(broker.tokens.slice(1).every((token) => token === null)).toBe(true);
  });

  it("are resumed from the stored cursor after a restart, and announced to again", async () => {
    await register();
    await connected();
    const turin = await ForeignCluster.create("turin");
    broker.send(
      signal("RESET", "c0"),
      items("c1", await turin.cluster(1), await turin.listing("o", 2)),
      signal("SYNCED", "c2"),
    );
    await waitFor(async () => (await offerIDs()).includes("o"));
    const before = broker.announcements.length;
    await connector.restart();
    await waitFor(() => broker.cursors.length === 2 && broker.announcements.length > before);
    expect(broker.cursors).toEqual([null, "c2"]);
    expect(await offerIDs()).toEqual(["o"]);
  });

  it("come back by themselves after an outage, with what was saved meanwhile", async () => {
    await register();
    await connected();
    await broker.stop();
    await waitFor(async () => !(await brokers())[0]?.connected);
    await connector.get(SAVE, { offer: OFFER });
    await broker.listen();
    await waitFor(() => broker.documents.has("small"));
  });

  it("stand alone: one that fails does not disturb another", async () => {
    const second = await TestBroker.start();
    try {
      await register();
      await register(second, "second");
      await connected();
      await broker.stop();
      const turin = await ForeignCluster.create("turin");
      second.send(
        signal("RESET", "c0"),
        items("c1", await turin.cluster(1), await turin.listing("o", 2)),
        signal("SYNCED", "c1"),
      );
      await waitFor(async () => (await offerIDs()).includes("o"));
      await connector.get(SAVE, { offer: OFFER });
      await waitFor(() => second.documents.has("small"));
    } finally {
      await second.stop();
    }
  });

  it("are left out while they are switched off, and forgotten when they are left", async () => {
    await register();
    await connected();
    const changes = connector.subscribe<{ brokers: BrokerView }>(`subscription { brokers ${BROKER} }`);
    const turin = await ForeignCluster.create("turin");
    broker.send(
      signal("RESET", "c0"),
      items("c1", await turin.cluster(1), await turin.listing("o", 2)),
      signal("SYNCED", "c1"),
    );
    await waitFor(async () => (await offerIDs()).includes("o"));
    const set = (subscribed: boolean) =>
      connector.get(
        "mutation ($b: ID!, $s: Boolean!) { setBrokerSubscription(brokerID: $b, subscribed: $s) { subscribed } }",
        { b: broker.fingerprint, s: subscribed },
      );
    await set(false);
    expect(await offerIDs()).toEqual([]);
    await waitFor(() => broker.subscribers === 0);
    await set(true);
    await connected();
    expect([await offerIDs(), broker.cursors.at(-1)]).toEqual([["o"], "c1"]);
    await connector.get("mutation ($b: ID!) { unregisterBroker(brokerID: $b) { registered } }", {
      b: broker.fingerprint,
    });
    expect([await offerIDs(), await brokers(), broker.leaves]).toEqual([[], [], 1]);
    await waitFor(() => changes.received.some((one) => !one.brokers.registered));
    expect(changes.received.some((one) => !one.brokers.subscribed)).toBe(true);
  });

  it("are joined, switched and left by whom the activity list names", async () => {
    const made = await connector.get<{ createScriptToken: { token: string } }>(
      'mutation { createScriptToken(name: "joiner", role: ADMIN) { token } }',
    );
    const script = made.createScriptToken.token;
    const b = broker.fingerprint;
    const set = "mutation ($b: ID!, $s: Boolean!) { setBrokerSubscription(brokerID: $b, subscribed: $s) { brokerID } }";
    await connector.ask(REGISTER, { join: broker.join(), name: null }, script);
    await connector.ask(set, { b, s: false }, script);
    await connector.ask("mutation ($b: ID!) { unregisterBroker(brokerID: $b) { brokerID } }", { b }, script);
    const { activity } = await connector.get<{ activity: { action: string; actor: string }[] }>(
      '{ activity(filter: { action: "broker." }) { action actor } }',
    );
    expect(activity.filter(({ actor }) => actor !== "connector")).toEqual(
      ["unregistered", "unsubscribed", "registered"].map((what) => ({
        action: `broker.${what}`,
        actor: "script joiner",
      })),
    );
  });

  it("may change their TLS key, when their own signature says so", async () => {
    const dataDirs = await Promise.all([1, 2].map(() => mkdtemp(join(tmpdir(), "catalog-tls-"))));
    const keys = await Promise.all(
      dataDirs.map((dataDir) => loadTls({ mode: "self-signed", dataDir, names: ["localhost"] }, new Date())),
    );
    const secure = await TestBroker.start(keys[0]);
    try {
      await register(secure, null);
      await connected();
      await secure.stop();
      await secure.listen(keys[1]);
      await waitFor(async () => (await brokers())[0]?.lastError?.includes("pinned"));
      expect((await brokers())[0]).toMatchObject({ connected: false });
      secure.seq += 1;
      await connected();
    } finally {
      await secure.stop();
      await Promise.all(dataDirs.map((dataDir) => rm(dataDir, { recursive: true, force: true })));
    }
  });

  it("are told in the diagnostics, with what they say about the contract endpoint", async () => {
    await register();
    await connected();
    const { diagnostics } = await connector.get<{ diagnostics: { check: string; ok: boolean; message: string }[] }>(
      "{ diagnostics { check ok message whatToDo } }",
    );
    const of = (name: string) => diagnostics.find(({ check }) => check === name);
    expect(of("brokers")).toMatchObject({ ok: true });
    expect(of("contractEndpoint.reachable")).toMatchObject({
      ok: false,
      message: expect.stringContaining("a closed firewall"),
    });
    const ask = () => connector.get("{ diagnostics { check } }");
    await ask();
    expect(broker.probes).toBe(1);
    await init("http://127.0.0.1:9/graphql");
    await Promise.all([ask(), ask()]);
    expect(broker.probes).toBeGreaterThan(1);
  });

  it("reach a subscriber of the Catalog, in their own shape, as it fits its filter", async () => {
    await register();
    await connected();
    interface Event {
      readonly catalog: {
        readonly type: string;
        readonly changes: { readonly op: string; readonly offerID: string | null }[];
      };
    }
    const query =
      "subscription ($filter: OfferFilter) { catalog(filter: $filter) { type changes { op kind offerID offer { offerName plans { available } } cluster { clusterID } } } }";
    const all = connector.subscribe<Event>(query);
    const paused = connector.subscribe<Event>(query, { filter: { onlyAvailable: true } });
    await waitFor(() => all.received.length >= 2 && paused.received.length >= 2);
    const turin = await ForeignCluster.create("turin");
    broker.send(
      items("c1", await turin.cluster(1), await turin.listing("o", 2)),
      items("c2", await turin.listing("o", 3, { status: false })),
    );
    const seen = (events: Event[]) =>
      events.flatMap(({ catalog }) => catalog.changes).flatMap(({ op, offerID }) => (offerID === null ? [] : [op]));
    await waitFor(() => seen(all.received).length === 2 && seen(paused.received).length === 2);
    expect([seen(all.received), seen(paused.received)]).toEqual([
      ["UPSERT", "UPSERT"],
      ["UPSERT", "REMOVE"],
    ]);
  });
});

describe("trust by hand", () => {
  it("makes a cluster known by its fingerprint, and takes the id from who held it", async () => {
    connector = await TestConnector.start();
    const peer = await TestConnector.start({ LIQO_CLUSTER_ID: "the-peer" });
    try {
      await waitFor(async () => (await connector.ask("{ connector { ready } }")).code === undefined);
      await waitFor(async () => (await peer.ask("{ connector { ready } }")).code === undefined);
      await peer.get('mutation ($e: String!) { initCatalog(prettyName: "Peer", contractEndpoint: $e) { ready } }', {
        e: peer.contractEndpoint,
      });
      const { connector: other } = await peer.get<{ connector: { fingerprint: string } }>(
        "{ connector { fingerprint } }",
      );
      const trust =
        "mutation ($f: ID!, $e: String) { trustCluster(fingerprint: $f, contractEndpoint: $e) { clusterID trusted holdsClusterID source } }";
      expect(await connector.ask(trust, { f: other.fingerprint })).toMatchObject({ code: "BAD_USER_INPUT" });
      expect(await connector.ask(trust, { f: "x".repeat(43), e: peer.contractEndpoint })).toMatchObject({
        code: "PEER_NOT_TRUSTED",
      });
      expect(await connector.get(trust, { f: other.fingerprint, e: peer.contractEndpoint })).toEqual({
        trustCluster: { clusterID: "the-peer", trusted: true, holdsClusterID: true, source: "ADMIN" },
      });
      await connector.restart();
      await waitFor(async () => (await connector.ask("{ knownClusters { fingerprint } }")).code === undefined);
      expect(await connector.get("{ knownClusters { fingerprint trusted listed } }")).toEqual({
        knownClusters: [{ fingerprint: other.fingerprint, trusted: true, listed: false }],
      });
      await connector.get("mutation ($f: ID!) { untrustCluster(fingerprint: $f) { trusted } }", {
        f: other.fingerprint,
      });
      expect(await connector.get("{ knownClusters { trusted } }")).toEqual({ knownClusters: [{ trusted: false }] });
    } finally {
      await connector.stop();
      await peer.stop();
    }
  });
});
