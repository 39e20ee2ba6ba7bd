import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { parseQuantity } from "@catalog/schema/quantity";
import { waitFor } from "@catalog/server/testing/wait-for";
import type { RunningConnector } from "../harness/federation.js";
import { ResourceReader } from "../harness/resource-reader.js";
import { availableOf, buy, contractOf, contractsOf, decide, ownStockOf, saveOffer, terminate } from "./operations.js";
import { startFederation, type TestFederation } from "./test-federation.js";

const GENERAL = {
  offerID: "general",
  offerName: "General purpose",
  offerType: "compute",
  approval: "AUTO",
  plans: [
    {
      planID: "small",
      planName: "Small",
      planCost: 0.045,
      planCostCurrency: "EUR",
      planCostPeriod: "hour",
      planQuantity: 4,
      resources: { cpu: "1500m", ram: "2Gi", storage: "10Gi" },
    },
  ],
};
const ASKED = {
  ...GENERAL,
  offerID: "asked",
  offerName: "On request",
  approval: "MANUAL",
  plans: [{ ...GENERAL.plans[0], planID: "one", planQuantity: 1, resources: { cpu: "2", gpu: "1" } }],
};

let running: TestFederation;
let turin: RunningConnector;
let milan: RunningConnector;
let paris: RunningConnector;

beforeAll(async () => {
  running = await startFederation(["turin", "milan", "paris"]);
  turin = running.federation.connector("turin");
  milan = running.federation.connector("milan");
  paris = running.federation.connector("paris");
  await saveOffer(turin.api, GENERAL);
  await saveOffer(turin.api, ASKED);
});
afterAll(async () => {
  await running?.stop();
});

const parisSees = (seller: RunningConnector, offerID: string, planID: string) =>
  availableOf(paris.api, seller.spec.clusterID, offerID, planID);

describe("advertisement and discovery", () => {
  it("shows an offer at the Broker and in the other Connectors' replicas", async () => {
    const { api: broker } = running.federation.broker;
    await waitFor(async () => (await availableOf(broker, turin.spec.clusterID, "general", "small")) === 4);
    await waitFor(async () => (await parisSees(turin, "general", "small")) === 4);
  });

  it("gives every field of the model back as it was saved", async () => {
    const { offer } = await paris.api.request<{ offer: Record<string, unknown> }>(
      `query ($clusterID: ID!) { offer(clusterID: $clusterID, offerID: "general") {
        offerID offerName offerType description clusterPrettyName status approval
        plans { planID planName planCost planCostCurrency planCostPeriod planQuantity resources available } } }`,
      { clusterID: turin.spec.clusterID },
    );
    expect(offer).toEqual({
      offerID: "general",
      offerName: "General purpose",
      offerType: "compute",
      description: "",
      clusterPrettyName: "turin",
      status: true,
      approval: "AUTO",
      plans: [{ ...GENERAL.plans[0], available: 4 }],
    });
  });

  it("streams a new offer to a stock graphql-ws client of another Connector", async () => {
    const socket = paris.api.socket();
    const seen: string[] = [];
    const types: string[] = [];
    const unsubscribe = socket.subscribe<{
      catalog: { type: string; changes: { op: string; offerID: string | null }[] };
    }>(
      { query: "subscription { catalog { type cursor changes { op kind offerID offer { offerName } } } }" },
      {
        next: ({ data }) => {
          types.push(data?.catalog.type ?? "");
          for (const change of data?.catalog.changes ?? []) if (change.offerID) seen.push(change.offerID);
        },
        error: (error) => seen.push(`error: ${JSON.stringify(error)}`),
        complete: () => undefined,
      },
    );
    await waitFor(() => types.includes("SYNCED"));
    await saveOffer(milan.api, { ...GENERAL, offerID: "fresh", offerName: "Fresh" });
    await waitFor(() => seen.includes("fresh"));
    expect(types[0]).toBe("RESET");
    unsubscribe();
    await socket.dispose();
  });

  it("hides a paused offer from buyers and a withdrawn one from everybody", async () => {
    await saveOffer(milan.api, { ...GENERAL, offerID: "short-lived" });
    await waitFor(async () => (await parisSees(milan, "short-lived", "small")) === 4);
    await milan.api.request('mutation { setOfferStatus(offerID: "short-lived", status: false) { status } }');
    await waitFor(async () => {
      const { offers } = await paris.api.request<{ offers: { nodes: { offerID: string }[] } }>(
        "{ offers(filter: { onlyAvailable: true }) { nodes { offerID } } }",
      );
      return !offers.nodes.some((offer) => offer.offerID === "short-lived");
    });
    await milan.api.request('mutation { withdrawOffer(offerID: "short-lived") { offerID } }');
    await waitFor(async () => (await parisSees(milan, "short-lived", "small")) === undefined);
  });
});

describe("a purchase", () => {
  it("is active on both sides with identical signed bytes, told to Liqo exactly, and undone by termination", async () => {
    const reader = new ResourceReader(turin.grpc);
    const other = new ResourceReader(milan.grpc);
    expect(await reader.read(paris.spec.clusterID)).toMatchObject({ cpu: "0", memory: "0", pods: "0" });
    const notified = await reader.subscribe();

    const bought = await buy(paris.api, {
      clusterID: turin.spec.clusterID,
      offerID: "general",
      planID: "small",
      units: 2,
      requestID: "first",
    });
    expect(bought).toMatchObject({ role: "BUYER", state: "ACTIVE", enabled: true, units: 2 });
    const sold = await contractOf(turin.api, bought.contractID);
    expect(sold).toMatchObject({ role: "SELLER", state: "ACTIVE", enabled: true, units: 2 });
    expect(sold?.contract).toBe(bought.contract);
    expect(sold?.activation).toBe(bought.activation);
    expect(JSON.parse(bought.contract ?? "{}")).toMatchObject({ signatures: { length: 2 } });

    await waitFor(() => notified.includes(paris.spec.clusterID));
    const granted = await reader.read(paris.spec.clusterID);
    expect(parseQuantity(granted["cpu"] ?? "")).toBe(parseQuantity("3"));
    expect(parseQuantity(granted["memory"] ?? "")).toBe(parseQuantity("4Gi"));
    expect(parseQuantity(granted["ephemeral-storage"] ?? "")).toBe(parseQuantity("20Gi"));
    expect(granted["pods"]).toBe("110");
    expect(await reader.read(milan.spec.clusterID)).toMatchObject({ cpu: "0", memory: "0", pods: "0" });
    expect(await other.read(paris.spec.clusterID)).toMatchObject({ cpu: "0", memory: "0", pods: "0" });

    await waitFor(async () => (await parisSees(turin, "general", "small")) === 2);

    const again = {
      clusterID: turin.spec.clusterID,
      offerID: "general",
      planID: "small",
      units: 2,
      requestID: "first",
    };
    expect((await buy(paris.api, again)).contractID).toBe(bought.contractID);

    const tooMany = await buy(paris.api, { ...again, units: 3, requestID: "too-many" });
    expect(tooMany).toMatchObject({ state: "REJECTED", code: "OUT_OF_STOCK", enabled: false });

    await terminate(paris.api, bought.contractID, "no longer needed");
    await waitFor(async () => (await contractOf(turin.api, bought.contractID))?.state === "TERMINATED");
    await waitFor(async () => (await parisSees(turin, "general", "small")) === 4);
    await waitFor(async () => (await reader.read(paris.spec.clusterID))["cpu"] === "0");
    expect(await reader.read(paris.spec.clusterID)).toMatchObject({ memory: "0", "ephemeral-storage": "0", pods: "0" });
    reader.close();
    other.close();
  });

  it("can be ended by the provider, and the customer learns it", async () => {
    const bought = await buy(paris.api, { clusterID: turin.spec.clusterID, offerID: "general", planID: "small" });
    expect(bought.state).toBe("ACTIVE");
    await terminate(turin.api, bought.contractID, "maintenance");
    await waitFor(async () => (await contractOf(paris.api, bought.contractID))?.state === "TERMINATED");
    await waitFor(async () => (await ownStockOf(turin.api, "general", "small")) === 4);
  });

  it("ends by itself at validUntil, and its stock comes back", async () => {
    const validUntil = Math.floor(Date.now() / 1000) + 6;
    const bought = await buy(paris.api, {
      clusterID: turin.spec.clusterID,
      offerID: "general",
      planID: "small",
      validUntil,
    });
    expect(bought.state).toBe("ACTIVE");
    const ends = { timeoutMs: 30_000 };
    await waitFor(async () => (await contractOf(turin.api, bought.contractID))?.state === "EXPIRED", ends);
    await waitFor(async () => (await contractOf(paris.api, bought.contractID))?.state === "EXPIRED", ends);
    await waitFor(async () => (await ownStockOf(turin.api, "general", "small")) === 4);
  });

  it("waits for a person where the offer says so, and takes stock only then", async () => {
    await waitFor(async () => (await parisSees(turin, "asked", "one")) === 1);
    const order = { clusterID: turin.spec.clusterID, offerID: "asked", planID: "one" };
    const [first, second] = [await buy(paris.api, order), await buy(milan.api, order)];
    expect([first.state, second.state]).toEqual(["PENDING_APPROVAL", "PENDING_APPROVAL"]);
    expect(await ownStockOf(turin.api, "asked", "one")).toBe(1);

    await decide(turin.api, "approveContract", first.contractID);
    await waitFor(async () => (await contractOf(paris.api, first.contractID))?.state === "ACTIVE", {
      timeoutMs: 60_000,
    });
    expect(await ownStockOf(turin.api, "asked", "one")).toBe(0);

    await decide(turin.api, "rejectContract", second.contractID);
    await waitFor(async () => (await contractOf(milan.api, second.contractID))?.state === "REJECTED", {
      timeoutMs: 60_000,
    });
    await terminate(paris.api, first.contractID, "done");
    await waitFor(async () => (await ownStockOf(turin.api, "asked", "one")) === 1);
  });
});

describe("refusals", () => {
  const codeOf = (work: Promise<unknown>) =>
    work.then(
      () => "none",
      (error: { code?: string }) => error.code,
    );

  it("names what an input gets wrong and changes nothing", async () => {
    const before = await contractsOf(paris.api);
    const order = { clusterID: turin.spec.clusterID, offerID: "general", planID: "small" };
    expect(await codeOf(buy(paris.api, { ...order, offerID: "no-such-offer" }))).toBe("OFFER_NOT_FOUND");
    expect(await codeOf(buy(paris.api, { ...order, planID: "no-such-plan" }))).toBe("PLAN_NOT_FOUND");
    expect(await codeOf(buy(paris.api, { ...order, units: 0 }))).toBe("BAD_USER_INPUT");
    expect(await codeOf(buy(paris.api, { ...order, units: -1 }))).toBe("BAD_USER_INPUT");
    expect(await codeOf(saveOffer(turin.api, { ...GENERAL, plans: [] }))).toBe("BAD_USER_INPUT");
    expect(await codeOf(terminate(paris.api, "no-such-contract", "x"))).toBe("CONTRACT_NOT_FOUND");
    expect(await contractsOf(paris.api)).toHaveLength(before.length);
  });

  it("takes a mutation over a socket as over HTTP, and refuses it alike", async () => {
    const socket = turin.api.socket();
    const save = async (offer: Record<string, unknown>): Promise<unknown> => {
      const query = "mutation ($offer: OfferInput!) { saveOffer(offer: $offer) { offerID } }";
      for await (const { data, errors } of socket.iterate({ query, variables: { offer } }))
        return data ?? errors?.map((error) => error.extensions?.["code"]);
      return undefined;
    };
    expect(await save({ ...GENERAL, offerID: "by-socket" })).toEqual({ saveOffer: { offerID: "by-socket" } });
    expect(await save({ ...GENERAL, plans: [] })).toEqual(["BAD_USER_INPUT"]);
    await turin.api.request('mutation { withdrawOffer(offerID: "by-socket") { offerID } }');
    await socket.dispose();
  });

  it("asks for the admin token, on HTTP and on WebSocket", async () => {
    const anonymous = new (await import("../harness/graphql-client.js")).GraphqlClient(paris.url);
    expect(await codeOf(contractsOf(anonymous))).toBe("UNAUTHENTICATED");
    const socket = anonymous.socket();
    const closed = new Promise<number>((resolve) =>
      socket.on("closed", (event) => resolve((event as { code: number }).code)),
    );
    socket.subscribe(
      { query: "subscription { catalog { type } }" },
      { next: () => undefined, error: () => undefined, complete: () => undefined },
    );
    expect(await closed).toBeGreaterThanOrEqual(4400);
    await socket.dispose();
  });
});
