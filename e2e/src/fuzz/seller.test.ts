import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { verifyDescriptor } from "@catalog/schema/documents/descriptor";
import { DESCRIPTOR, type DescriptorResult } from "@catalog/schema/operations";
import { waitFor } from "@catalog/server/testing/wait-for";
import { availableOf, buy, type ContractView, contractOf, contractsOf, terminate } from "../federation/operations.js";
import { startFederation, type TestFederation } from "../federation/test-federation.js";
import type { RunningConnector } from "../harness/federation.js";
import { ask, MachineLine } from "./machine-line.js";
import { enrol, publish } from "./stranger-membership.js";
import { StrangerSeller, type Twist } from "./stranger-seller.js";
import { anOffer, Stranger } from "./stranger.js";

let running: TestFederation;
let paris: RunningConnector;
let seller: StrangerSeller;
let rival: Stranger;

beforeAll(async () => {
  running = await startFederation(["paris"], { BUY_WAIT: "300ms" });
  paris = running.federation.connector("paris");
  const { broker } = running.federation;
  const { descriptor } = await ask<DescriptorResult>(paris.contractEndpoint, DESCRIPTOR);
  rival = await Stranger.named("rival");
  const stranger = await Stranger.named("seller");
  seller = await StrangerSeller.listen(stranger, await verifyDescriptor(descriptor));
  const { createJoinString } = await broker.api.request<{ createJoinString: { join: string } }>(
    "mutation { createJoinString { join } }",
  );
  await enrol(stranger, createJoinString.join, { descriptor: seller.descriptor });
  const { fingerprint } = (await ask<{ broker: { fingerprint: string } }>(broker.url, "{ broker { fingerprint } }"))
    .broker;
  await publish(new MachineLine(stranger, broker.url, fingerprint), [seller.sell(anOffer("wares"))]);
  await waitFor(async () => (await availableOf(paris.api, stranger.clusterID, "wares", "one")) === 4);
});
afterEach(() => seller.reform());
afterAll(async () => {
  await seller?.close();
  await running?.stop();
});

let requests = 0;
const order = () => ({
  clusterID: seller.stranger.clusterID,
  offerID: "wares",
  planID: "one",
  units: 2,
  requestID: `request-${++requests}`,
});
const now = async ({ contractID }: ContractView): Promise<ContractView | undefined> =>
  contractOf(paris.api, contractID);

/** Buys from a seller with this twist, and waits until it has asked `operation` so often. */
async function buyFrom(twist: Twist, operation: string, times = 1): Promise<ContractView> {
  seller.twist = twist;
  const bought = await buy(paris.api, order());
  await waitFor(() => seller.asked(bought.contractID).filter((one) => one === operation).length >= times, {
    what: `${times} × ${operation}`,
  });
  return bought;
}

describe("a Connector that buys from a stranger", () => {
  it("trades with an honest one, proves each of its requests, and ends it", async () => {
    const bought = await buy(paris.api, order());
    await waitFor(async () => (await now(bought))?.state === "ACTIVE");
    expect(await now(bought)).toMatchObject({ enabled: true, units: 2, code: null });
    // The peering begins at once, and beside it.
    const negotiation = seller.asked(bought.contractID).filter((operation) => operation !== "ExchangePeering");
    expect(negotiation).toEqual(["Reserve", "Confirm", "Activate"]);
    await terminate(paris.api, bought.contractID, "enough");
    await waitFor(() => seller.asked(bought.contractID).includes("Terminate"));
    const mine = seller.calls.filter((call) => call.operation !== "Descriptor");
    expect(new Set(mine.map((call) => call.proof)).size).toBe(1);
  });

  const CHANGED: Readonly<Record<string, NonNullable<Twist["terms"]>>> = {
    "a higher price": (terms) => withPlan(terms, { planCost: 99 }, { cost: 99 }),
    "more units": (terms) => ({ ...terms, units: 3 }),
    "fewer resources": (terms) => withPlan(terms, { resources: { cpu: "1" } }, { resources: { cpu: "1" } }),
    "another currency": (terms) => withPlan(terms, { planCostCurrency: "CHF" }, { currency: "CHF" }),
    "an end of its own": (terms) => ({ ...terms, validUntil: Number(terms["validFrom"]) + 3_600 }),
    "another contract's id": (terms) => ({ ...terms, contractID: "0190a0b0-c0d0-7000-8000-abcdefabcdef" }),
    "a notice period": (terms) => ({
      ...terms,
      offer: { ...(terms["offer"] as object), noticePeriod: 60 },
      noticePeriod: 60,
    }),
    "another buyer's cluster": (terms) => ({
      ...terms,
      buyer: { ...(terms["buyer"] as object), clusterID: "somebody" },
    }),
    "another seller's cluster": (terms) => ({
      ...terms,
      seller: { ...(terms["seller"] as object), clusterID: "somebody" },
    }),
  };

  it.each(Object.entries(CHANGED))("signs no terms with %s, and says so", async (_, terms) => {
    const bought = await buyFrom({ terms }, "Terminate");
    expect(await now(bought)).toMatchObject({
      state: "TERMINATED",
      code: "TERMS_NOT_APPROVED",
      enabled: false,
      contract: null,
    });
    expect(seller.asked(bought.contractID)).not.toContain("Confirm");
  });

  const DISBELIEVED: Readonly<Record<string, [Twist, string]>> = {
    "terms that somebody else has signed": [
      {
        get signer() {
          return rival;
        },
      },
      "Reserve",
    ],
    "a contract that is active at once": [{ view: () => ({ state: "ACTIVE", terms: null }) }, "Reserve"],
    "a contract without its own signature": [
      {
        view: (operation, { contract }) =>
          operation === "Confirm" ? { contract: contract?.replace(/"signature":"\w/, '"signature":"_') ?? null } : {},
      },
      "Confirm",
    ],
    "no contract at all": [{ view: (operation) => (operation === "Confirm" ? { contract: null } : {}) }, "Confirm"],
    "an activation of other terms": [
      { activation: (payload) => ({ ...payload, termsHash: "A".repeat(43) }) },
      "Activate",
    ],
    "an activation of nobody": [{ activation: (payload) => ({ ...payload, iss: "A".repeat(43) }) }, "Activate"],
    "no activation": [{ view: (operation) => (operation === "Activate" ? { activation: null } : {}) }, "Activate"],
    "a page": [
      { raw: (operation) => (operation === "Reserve" ? { body: "<html>Bad gateway</html>", status: 502 } : undefined) },
      "Reserve",
    ],
    "a redirect": [
      {
        raw: (operation) =>
          operation === "Reserve" ? { body: "", status: 307, headers: { location: "http://localhost:9/" } } : undefined,
      },
      "Reserve",
    ],
    "a megabyte": [
      { raw: (operation) => (operation === "Reserve" ? { body: `{"data":"${"x".repeat(1 << 20)}"}` } : undefined) },
      "Reserve",
    ],
    "an error of its own invention": [
      {
        raw: (operation) =>
          operation === "Reserve"
            ? {
                body: '{"errors":[{"message":"x","extensions":{"code":"GIVE_UP"}}]}',
                headers: { "content-type": "application/json" },
              }
            : undefined,
      },
      "Reserve",
    ],
    "data of other types": [
      {
        raw: (operation) =>
          operation === "Reserve"
            ? { body: '{"data":{"reserve":{"state":7,"terms":{}}}}', headers: { "content-type": "application/json" } }
            : undefined,
      },
      "Reserve",
    ],
    "U+0000 in its words": [
      { view: () => ({ state: "REJECTED", code: "OUT_OF_STOCK", message: "a\u0000b" }) },
      "Reserve",
    ],
  };

  it("believes nothing that is not proven, tries on, and is content when the seller is", async () => {
    const bought = new Map<string, { readonly contract: ContractView; readonly operation: string }>();
    for (const [what, [twist, operation]] of Object.entries(DISBELIEVED)) {
      seller.twist = twist;
      bought.set(what, { contract: await buy(paris.api, order()), operation });
    }
    for (const [what, { contract, operation }] of bought) {
      const times = () => seller.asked(contract.contractID).filter((one) => one === operation).length;
      await waitFor(() => times() >= 2, { timeoutMs: 20_000, what: `another ${operation} after ${what}` });
      const { state, enabled } = (await now(contract)) ?? {};
      expect([what, enabled, state === "ACTIVE"]).toEqual([what, false, false]);
    }
    seller.reform();
    for (const [what, { contract }] of bought)
      await waitFor(async () => (await now(contract))?.state === "ACTIVE", {
        timeoutMs: 30_000,
        what: `peace after ${what}`,
      });
  });

  it("buys from an honest seller after all this", async () => {
    const bought = await buy(paris.api, order());
    await waitFor(async () => (await now(bought))?.state === "ACTIVE");
    for (const contract of await contractsOf(paris.api)) if (contract.enabled) expect(contract.contract).not.toBeNull();
  });
});

describe("join strings", () => {
  it("that are none, or that name another Broker than the one that answers, register nothing", async () => {
    const { broker } = running.federation;
    const { createJoinString } = await broker.api.request<{ createJoinString: { join: string } }>(
      "mutation { createJoinString { join } }",
    );
    const { join } = createJoinString;
    const codeOf = (text: string): Promise<string> =>
      paris.api
        .request('mutation ($join: String!) { registerBroker(join: $join, name: "Another") { brokerID } }', {
          join: text,
        })
        .then(
          () => "none",
          (error: { code: string }) => error.code,
        );
    const registered = () => paris.api.request("{ brokers { brokerID brokerName } }");
    const before = await registered();
    const garbage = [
      "",
      "x",
      "catalog-join:",
      join.slice(0, -30),
      `${join};kid=x`,
      `${join}#x`,
      join.replace("http", "ftp"),
      "x".repeat(10_000),
      "\u0000",
    ];
    for (const text of garbage) expect([text, await codeOf(text)]).toEqual([text, "JOIN_STRING_INVALID"]);
    expect(await codeOf(join.replace(/#[\w-]{43}/, `#${rival.fingerprint}`))).not.toBe("none");
    expect(await codeOf(join)).not.toBe("none");
    expect(await registered()).toEqual(before);
  });
});

/** Terms that stay consistent in themselves: the copied plan and what is taken from it change together. */
function withPlan(
  terms: Readonly<Record<string, unknown>>,
  plan: object,
  outside: object,
): Readonly<Record<string, unknown>> {
  const offer = terms["offer"] as { readonly plans: readonly object[] };
  return { ...terms, ...outside, offer: { ...offer, plans: offer.plans.map((one) => ({ ...one, ...plan })) } };
}
