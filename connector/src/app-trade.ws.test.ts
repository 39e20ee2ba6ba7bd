import "reflect-metadata";
import { waitFor } from "@catalog/server/testing/wait-for";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { TestBroker } from "./testing/test-broker.js";
import type { TestConnector } from "./testing/test-connector.js";
import { TradingPair } from "./testing/trading-pair.js";

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

let pair: TradingPair | undefined;
let broker: TestBroker;
let turin: TestConnector;
let paris: TestConnector;

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
  pair = await TradingPair.start([
    { offerID: "auto", offerName: "At once", plans: [PLAN] },
    { offerID: "asked", offerName: "On request", approval: "MANUAL", plans: [PLAN] },
  ]);
  ({ broker, turin, paris } = pair);
});
afterAll(() => pair?.stop());

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
