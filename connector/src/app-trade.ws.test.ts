import "reflect-metadata";
import type { Descriptor } from "@catalog/schema/documents/descriptor";
import { peekJws } from "@catalog/schema/documents/jws";
import type { FeedChange } from "@catalog/schema/feed";
import { waitFor } from "@catalog/server/testing/wait-for";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { items, signal } from "./testing/replica-fixture.js";
import { TestBroker } from "./testing/test-broker.js";
import { TestConnector } from "./testing/test-connector.js";

const PLAN = {
  planID: "p",
  planName: "Small",
  planCost: 0.1,
  planCostCurrency: "EUR",
  planCostPeriod: "hour",
  planQuantity: 5,
  resources: { cpu: "500m", ram: "1Gi" },
};
const CONTRACT = `{ contractID role state enabled allowedActions units buyerID buyerFingerprint code contract activation notice resources
  buyer { clusterID prettyName liqo { mode } } seller { clusterID prettyName contractEndpoint } offerID planID
  offer { offerName plans { planID } } plan { planName planCost } money { cost total currency period } timeline { state actor } }`;

interface ContractView {
  readonly contractID: string;
  readonly role: string;
  readonly state: string;
  readonly code: string | null;
  readonly contract: string | null;
  readonly allowedActions: readonly string[];
  readonly timeline: readonly { readonly state: string; readonly actor: string }[];
}

let broker: TestBroker;
let turin: TestConnector;
let paris: TestConnector;

async function openConnector(clusterID: string, prettyName: string): Promise<TestConnector> {
  const connector = await TestConnector.start({ LIQO_CLUSTER_ID: clusterID, LIQO_CLUSTER_NAME: clusterID });
  await waitFor(async () => (await connector.ask("{ connector { ready } }")).code === undefined);
  const init = "mutation ($n: String!, $e: String!) { initCatalog(prettyName: $n, contractEndpoint: $e) { ready } }";
  await connector.get(init, { n: prettyName, e: connector.contractEndpoint });
  await connector.get("mutation ($j: String!) { registerBroker(join: $j) { brokerID } }", { j: broker.join() });
  await waitFor(async () => {
    const { brokers } = await connector.get<{ brokers: { connected: boolean }[] }>("{ brokers { connected } }");
    return brokers.every(({ connected }) => connected);
  });
  return connector;
}

/** What a Broker would have made of the announcements so far. */
function snapshot(): FeedChange[] {
  const changes = new Map<string, FeedChange>();
  for (const { descriptor: jws } of broker.announcements) {
    const { iss: fingerprint, clusterID } = peekJws<Descriptor>(jws).payload;
    const common = { revision: 1, op: "UPSERT", fingerprint, clusterID, staleSince: null } as const;
    changes.set(fingerprint, { ...common, kind: "CLUSTER", offerID: null, jws });
    for (const [offerID, offer] of broker.documents) {
      if (peekJws<{ iss: string }>(offer).payload.iss !== fingerprint) continue;
      changes.set(`${fingerprint} ${offerID}`, { ...common, kind: "OFFER", offerID, jws: offer });
    }
  }
  return [...changes.values()];
}

const buy = async (input: object) =>
  (
    await paris.get<{ buy: ContractView }>(`mutation ($i: BuyInput!) { buy(input: $i) ${CONTRACT} }`, {
      i: { clusterID: "turin", planID: "p", ...input },
    })
  ).buy;
const contractOf = async (connector: TestConnector, id: string) =>
  (await connector.get<{ contract: ContractView }>(`query ($id: ID!) { contract(id: $id) ${CONTRACT} }`, { id }))
    .contract;

beforeAll(async () => {
  broker = await TestBroker.start();
  [turin, paris] = await Promise.all([openConnector("turin", "Turin Ltd"), openConnector("paris", "Paris SA")]);
  const save = "mutation ($o: OfferInput!) { saveOffer(offer: $o) { offerID } }";
  await turin.get(save, { o: { offerID: "auto", offerName: "At once", plans: [PLAN] } });
  await turin.get(save, { o: { offerID: "asked", offerName: "On request", approval: "MANUAL", plans: [PLAN] } });
  await waitFor(() => broker.documents.has("auto") && broker.documents.has("asked") && snapshot().length === 4);
  broker.send(signal("RESET", "c0"), items("c1", ...snapshot()), signal("SYNCED", "c1"));
  const listed = async (connector: TestConnector) =>
    (await connector.get<{ knownClusters: { listed: boolean }[] }>("{ knownClusters { listed } }")).knownClusters
      .length;
  await waitFor(async () => (await listed(turin)) === 1 && (await listed(paris)) === 1);
});
afterAll(() => Promise.all([turin?.stop(), paris?.stop(), broker?.stop()]));

describe("a trade between two Connectors", () => {
  it("is told as one contract on both sides, with the same signed bytes", async () => {
    const watched = paris.subscribe<{ contracts: { contractID: string; state: string } }>(
      "subscription { contracts { contractID state } }",
    );
    const probe = paris.subscribe("subscription { catalog { type } }");
    await waitFor(() => probe.received.length > 0);
    const bought = await buy({ offerID: "auto", units: 2, requestID: "once" });
    expect(bought).toMatchObject({
      role: "BUYER",
      state: "ACTIVE",
      enabled: true,
      allowedActions: ["TERMINATE"],
      buyerID: "paris",
      buyer: { clusterID: "paris", prettyName: "Paris SA", liqo: { mode: "manual" } },
      seller: { clusterID: "turin", prettyName: "Turin Ltd", contractEndpoint: turin.contractEndpoint },
      offer: { offerName: "At once", plans: [{ planID: "p" }] },
      plan: { planName: "Small", planCost: 0.1 },
      money: { cost: 0.1, total: 0.2, currency: "EUR", period: "hour" },
      resources: { cpu: "1", memory: "2Gi" },
    });
    expect(bought.timeline.map(({ state }) => state)).toEqual([
      "REQUESTED",
      "RESERVED",
      "CONFIRMING",
      "CONFIRMED",
      "ACTIVE",
    ]);
    const sold = await contractOf(turin, bought.contractID);
    expect(sold).toMatchObject({ role: "SELLER", state: "ACTIVE", contract: bought.contract });
    expect(JSON.parse(bought.contract ?? "{}")).toMatchObject({ signatures: { length: 2 } });
    expect((await buy({ offerID: "auto", units: 2, requestID: "once" })).contractID).toBe(bought.contractID);
    await waitFor(() =>
      watched.received.some(
        ({ contracts }) => contracts.contractID === bought.contractID && contracts.state === "ACTIVE",
      ),
    );
    probe.stop();
    await turin.get('mutation ($id: ID!) { terminateContract(id: $id, reason: "enough") { state } }', {
      id: bought.contractID,
    });
    await waitFor(() =>
      watched.received.some(
        ({ contracts }) => contracts.contractID === bought.contractID && contracts.state === "TERMINATED",
      ),
    );
    expect((await contractOf(paris, bought.contractID)).allowedActions).toEqual([]);
    watched.stop();
  });

  it("is a contract in state REJECTED where the provider refuses", async () => {
    expect(await buy({ offerID: "auto", units: 6 })).toMatchObject({
      state: "REJECTED",
      code: "OUT_OF_STOCK",
      enabled: false,
    });
  });

  it("waits for the provider's admin where the offer says so", async () => {
    const asked = await buy({ offerID: "asked" });
    expect(asked.state).toBe("PENDING_APPROVAL");
    expect((await contractOf(turin, asked.contractID)).allowedActions).toEqual(["APPROVE", "REJECT"]);
    const { contracts } = await turin.get<{ contracts: ContractView[] }>(
      "{ contracts(role: SELLER, state: PENDING_APPROVAL) { contractID } }",
    );
    expect(contracts.map(({ contractID }) => contractID)).toEqual([asked.contractID]);
    await turin.get("mutation ($id: ID!) { approveContract(id: $id) { state } }", { id: asked.contractID });
    await waitFor(async () => (await contractOf(paris, asked.contractID)).state === "ACTIVE");
    const refused = await buy({ offerID: "asked" });
    await turin.get('mutation ($id: ID!) { rejectContract(id: $id, reason: "not you") { state } }', {
      id: refused.contractID,
    });
    await waitFor(async () => (await contractOf(paris, refused.contractID)).state === "REJECTED");
    expect(await contractOf(paris, refused.contractID)).toMatchObject({ code: "REJECTED_BY_SELLER" });
  });

  it("goes on without the Broker", async () => {
    await broker.stop();
    expect(await buy({ offerID: "auto" })).toMatchObject({ state: "ACTIVE" });
  });

  it("is refused to a stranger, and closed to a WebSocket", async () => {
    const ask = (headers: Record<string, string>) =>
      fetch(`${turin.contractEndpoint}/graphql`, {
        method: "POST",
        headers: { "content-type": "application/json", ...headers },
        body: JSON.stringify({ query: "{ negotiations { contractID } }" }),
      }).then((response) => response.json() as Promise<{ errors: { extensions: { code: string } }[] }>);
    expect((await ask({})).errors[0]?.extensions.code).toBe("PROOF_MISSING");
    expect((await ask({ authorization: "Bearer the-admin-token-of-a-test" })).errors[0]?.extensions.code).toBe(
      "PROOF_MISSING",
    );
    expect((await ask({ authorization: "Catalog not-a-proof" })).errors[0]?.extensions.code).toBe("PROOF_INVALID");
  });
});
