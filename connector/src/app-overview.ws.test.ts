import "reflect-metadata";
import { waitFor } from "@catalog/server/testing/wait-for";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { TradingPair } from "./testing/trading-pair.js";

const plan = (planCost: number, changes: object = {}) => ({
  planID: "p",
  planCost,
  planCostCurrency: "EUR",
  planCostPeriod: "hour",
  planQuantity: 5,
  resources: { cpu: "500m", ram: "1Gi" },
  ...changes,
});
const OFFERS = [
  { offerID: "auto", offerName: "At once", offerType: "compute", labels: { region: "it-1" }, plans: [plan(36)] },
  {
    offerID: "asked",
    offerName: "On request",
    offerType: "gpu",
    approval: "MANUAL",
    labels: { region: "it-2", gpu: "a100" },
    plans: [plan(72, { planCostCurrency: "CHF", resources: { cpu: "1", "nvidia.com/gpu": "1" } })],
  },
];
const BUY = `mutation ($offer: ID!, $until: Timestamp) {
  buy(input: { clusterID: "turin", planID: "p", offerID: $offer, units: 2, validUntil: $until }) { contractID state seller { fingerprint } } }`;
const ATTENTION = "attention { kind severity subject title link action }";

interface Item {
  readonly kind: string;
  readonly severity: string;
  readonly subject: string;
  readonly action: string | null;
  readonly link: string;
}
interface Bought {
  readonly contractID: string;
  readonly seller: { readonly fingerprint: string };
}

let pair: TradingPair;
let active: Bought;

const buy = async (offer: string, until: number | null = null): Promise<Bought> =>
  (await pair.paris.get<{ buy: Bought }>(BUY, { offer, until })).buy;
const attention = async (connector = pair.turin): Promise<Item[]> =>
  (await connector.get<{ attention: Item[] }>(`{ ${ATTENTION} }`)).attention;
const now = (): number => Math.floor(Date.now() / 1_000);

beforeAll(async () => {
  pair = await TradingPair.start(OFFERS);
  active = await buy("auto", now() + 3_600);
});
afterAll(() => pair?.stop());

describe("the overview", () => {
  it("lists what needs attention, with where it is and what settles it, and says so live", async () => {
    const live = pair.turin.subscribe<{ attention: Item[] }>(`subscription { ${ATTENTION} }`);
    await waitFor(() => live.received.length > 0);
    expect(live.received[0]?.attention.some(({ kind }) => kind === "APPROVAL_WAITING")).toBe(false);
    const { contractID } = await buy("asked");
    const waiting = {
      kind: "APPROVAL_WAITING",
      subject: contractID,
      action: "approveContract",
      link: `/contracts/${contractID}`,
    };
    await waitFor(() => live.received.at(-1)?.attention.some(({ subject }) => subject === contractID) === true);
    const found = await attention();
    expect(found).toEqual(expect.arrayContaining([expect.objectContaining(waiting)]));
    expect(found[0]).toMatchObject({ kind: "CONTRACT_EXPIRING", severity: "ERROR", subject: active.contractID });
    expect((await attention(pair.paris)).map(({ kind }) => kind)).not.toContain("APPROVAL_WAITING");
    await pair.turin.get("mutation ($id: ID!) { rejectContract(id: $id) { state } }", { id: contractID });
    await waitFor(() => live.received.at(-1)?.attention.every(({ subject }) => subject !== contractID) === true);
    live.stop();
  });

  it("adds up what was earned and spent", async () => {
    const figures = (from: number, to: number) =>
      `{ figures(from: ${from}, to: ${to}) { totals { currency income spend } byPeer { prettyName currency income spend } series { from to income } } }`;
    interface Answer {
      readonly figures: {
        readonly totals: readonly { currency: string; income: number; spend: number }[];
        readonly byPeer: readonly { prettyName: string }[];
        readonly series: readonly { income: number }[];
      };
    }
    // 2 units at 36 an hour: 0.02 a second.
    await waitFor(async () => {
      const { totals } = (await pair.turin.get<Answer>(figures(now() - 7_200, now() + 7_200))).figures;
      return (totals[0]?.income ?? 0) > 0;
    });
    const sold = (await pair.turin.get<Answer>(figures(now() - 7_200, now() + 7_200))).figures;
    const income = sold.totals[0]?.income ?? 0;
    expect(sold.totals).toEqual([{ currency: "EUR", income, spend: 0 }]);
    expect(Math.round(income * 1_000_000) % 20_000).toBe(0);
    expect(sold.byPeer).toMatchObject([{ prettyName: "Paris SA" }]);
    expect(sold.series.reduce((sum, point) => sum + point.income, 0)).toBeCloseTo(income, 6);
    const bought = (await pair.paris.get<Answer>(figures(now() - 7_200, now() + 7_200))).figures;
    expect(bought.totals).toMatchObject([{ currency: "EUR", income: 0 }]);
    expect(bought.byPeer).toMatchObject([{ prettyName: "Turin Ltd" }]);
    expect((await pair.turin.get<Answer>(figures(now() + 60, now() + 120))).figures.totals).toEqual([]);
    expect((await pair.turin.ask(figures(10, 10))).code).toBe("BAD_USER_INPUT");
  });

  it("draws the map", async () => {
    interface Answer {
      readonly federation: { readonly nodes: readonly object[]; readonly edges: readonly object[] };
    }
    const MAP =
      "{ federation { nodes { id kind name clusterID health } edges { kind from to contracts resources health } } }";
    const { federation } = await pair.paris.get<Answer>(MAP);
    const { fingerprint: turin } = active.seller;
    expect(federation.nodes).toMatchObject([
      { kind: "SELF", name: "Paris SA", clusterID: "paris", health: "OK" },
      { kind: "BROKER", clusterID: null, health: "OK" },
      { kind: "CLUSTER", id: turin, name: "Turin Ltd", clusterID: "turin", health: "OK" },
    ]);
    expect(federation.edges).toMatchObject([
      { kind: "MEMBERSHIP", contracts: 0, health: "OK" },
      { kind: "PURCHASE", from: turin, contracts: 1, resources: { cpu: "1", memory: "2Gi" } },
    ]);
    expect((await pair.turin.get<Answer>(MAP)).federation.edges).toMatchObject([{}, { kind: "SALE", contracts: 1 }]);
  });
});

describe("lists", () => {
  it("of offers can be narrowed by what they have", async () => {
    const { offerFacets } = await pair.paris.get<{ offerFacets: object }>(
      "{ offerFacets { total types { value count } currencies { value } resources { value count } labels { label values { value count } } } }",
    );
    expect(offerFacets).toEqual({
      total: 2,
      types: [
        { value: "compute", count: 1 },
        { value: "gpu", count: 1 },
      ],
      currencies: [{ value: "CHF" }, { value: "EUR" }],
      resources: [
        { value: "cpu", count: 2 },
        { value: "memory", count: 1 },
        { value: "nvidia.com/gpu", count: 1 },
      ],
      labels: [
        {
          label: "region",
          values: [
            { value: "it-1", count: 1 },
            { value: "it-2", count: 1 },
          ],
        },
        { label: "gpu", values: [{ value: "a100", count: 1 }] },
      ],
    });
    const ids = async (filter: string) =>
      (
        await pair.paris.get<{ offers: { nodes: { offerID: string }[] } }>(
          `{ offers(filter: { ${filter} }) { nodes { offerID } } }`,
        )
      ).offers.nodes.map(({ offerID }) => offerID);
    expect(await ids('labelValues: [{ label: "region", values: ["it-1", "it-2"] }]')).toEqual(["auto", "asked"]);
    expect(await ids('labelValues: [{ label: "region", values: ["it-2", "it-3"] }]')).toEqual(["asked"]);
    expect(await ids('labelValues: [{ label: "gpu", values: [""] }]')).toEqual([]);
    expect(await ids('minCost: { amount: 1000, currency: "EUR", period: day }')).toEqual([]);
    expect(await ids('minCost: { amount: 864, currency: "EUR", period: day }')).toEqual(["auto"]);
    expect(
      (await pair.paris.ask('{ offerFacets(filter: { labelValues: [{ label: "x", values: [] }] }) { total } }')).code,
    ).toBe("BAD_USER_INPUT");
  });

  it("of activity and contracts can be narrowed too", async () => {
    const actions = async (filter: string) =>
      (
        await pair.turin.get<{ activity: { action: string; actor: string }[] }>(
          `{ activity(filter: { ${filter} }) { action actor } }`,
        )
      ).activity;
    expect((await actions('action: "offer."')).map(({ action }) => action)).toEqual(["offer.saved", "offer.saved"]);
    expect(new Set((await actions('actor: "peer "')).map(({ actor }) => actor.slice(0, 5)))).toEqual(
      new Set(["peer "]),
    );
    expect(await actions('text: "%"')).toEqual([]);
    expect(await actions('subject: "auto"')).toMatchObject([{ action: "offer.saved" }]);
    expect((await pair.turin.ask(`{ activity(filter: { text: "${"x".repeat(257)}" }) { id } }`)).code).toBe(
      "BAD_USER_INPUT",
    );
    const contracts = async (peer: string) =>
      (await pair.paris.get<{ contracts: object[] }>(`{ contracts(peer: "${peer}") { contractID } }`)).contracts.length;
    expect(await contracts(active.seller.fingerprint)).toBeGreaterThan(0);
    expect(await contracts("nobody")).toBe(0);
  });

  it("are live: own offers with their stock, and the cluster's name", async () => {
    const offers = pair.turin.subscribe<{
      myOffers: { offerID: string; withdrawn: boolean; plans: { held: number }[] };
    }>("subscription { myOffers { offerID withdrawn plans { held } } }");
    const names = pair.turin.subscribe<{ connector: { prettyName: string } }>(
      "subscription { connector { prettyName } }",
    );
    const save = 'mutation { setOfferStatus(offerID: "asked", status: false) { offerID } }';
    const back = 'mutation { setOfferStatus(offerID: "asked", status: true) { offerID } }';
    await waitFor(async () => {
      await pair.turin.get(offers.received.length === 0 ? save : back);
      await pair.turin.get(back);
      return offers.received.length > 0;
    });
    await buy("auto");
    await waitFor(() =>
      offers.received.some(({ myOffers }) => myOffers.offerID === "auto" && myOffers.plans[0]?.held === 4),
    );
    await waitFor(async () => {
      await pair.turin.get(`mutation { setClusterPrettyName(prettyName: "Turin ${names.received.length}") { ready } }`);
      return names.received.length > 0;
    });
    await pair.turin.get('mutation { setClusterPrettyName(prettyName: "Turin AG") { ready } }');
    await waitFor(() => names.received.at(-1)?.connector.prettyName === "Turin AG");
  });
});

describe("a role", () => {
  it("ends contracts of its own side only", async () => {
    const token = async (connector: TradingPair["turin"], role: string) =>
      (
        await connector.get<{ createScriptToken: { token: string } }>(
          `mutation { createScriptToken(name: "${role}", role: ${role}) { token } }`,
        )
      ).createScriptToken.token;
    const end = `mutation { terminateContract(id: "${active.contractID}") { state } }`;
    expect((await pair.paris.ask(end, {}, await token(pair.paris, "PROVIDER"))).code).toBe("FORBIDDEN");
    expect((await pair.turin.ask(end, {}, await token(pair.turin, "CUSTOMER"))).code).toBe("FORBIDDEN");
    const customer = await token(pair.paris, "CUSTOMER");
    expect((await pair.paris.ask(end, {}, customer)).data).toEqual({ terminateContract: { state: "TERMINATED" } });
  });
});
