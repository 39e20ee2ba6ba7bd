import type { CatalogOffer } from "@catalog/schema/catalog";
import { COST_PERIODS } from "@catalog/schema/money";
import type { Offer, Plan } from "@catalog/schema/offer";
import { offerMatches, type OfferFilter } from "@catalog/schema/offer-filter";
import { compareOffers, OFFER_ORDERS, sortKeysOf } from "@catalog/schema/offer-order";
import { digest, peekJws } from "@catalog/schema/documents/jws";
import type { OfferDocument } from "@catalog/schema/documents/offer-document";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { offerItem } from "../domain/item-document.js";
import { keyOf } from "../domain/offer-cursor.js";
import { enrolled } from "../domain/member.js";
import { openBrokerDatabase, TEST_LIMITS, type BrokerTestDatabase } from "../testing/broker-database.js";
import { createCluster, sampleOffer, type ClusterFixture } from "../testing/cluster-fixture.js";
import { CatalogReaderRepository } from "./catalog-reader.repository.js";
import { LOCK_HEAD } from "./feed-sql.js";
import { PostgresMemberStorage } from "./member-storage.js";
import { putDocuments } from "./put-documents.js";

const WORDS = ["GPU", "Torino", "straße", "large", "100%", "under_score", "back\\slash", "ÀÉ", "𝒳", "x"];
const QUANTITIES = [
  "0",
  "1n",
  "500m",
  "0.5",
  "1",
  "1000m",
  "2",
  "1Gi",
  "1024Mi",
  "1e9",
  "1073741824",
  "9223372036854775807",
  "64",
];
const RESOURCES = ["cpu", "memory", "ram", "storage", "nvidia.com/gpu"];

const word = fc.constantFrom(...WORDS);
const text = fc.array(word, { minLength: 1, maxLength: 3 }).map((words) => words.join(" "));
const cost = fc.oneof(
  fc.constantFrom(0, 0.000001, 12, 12.000001, 144, 1_000_000_000),
  fc.integer({ min: 0, max: 5000 }).map((n) => n / 100),
);
const resources = fc
  .dictionary(fc.constantFrom(...RESOURCES), fc.constantFrom(...QUANTITIES), { minKeys: 1, maxKeys: 3 })
  .filter((list) => !("ram" in list && "memory" in list))
  .map((list) => ({ ...list }));
const plan = fc.record({
  planName: text,
  planCost: cost,
  planCostCurrency: fc.constantFrom("EUR", "USD", "CHF"),
  planCostPeriod: fc.constantFrom(...COST_PERIODS),
  planQuantity: fc.integer({ min: 0, max: 3 }),
  resources,
});
const labels = fc
  .dictionary(fc.constantFrom("region", "gpu", "example.com/cert"), word, { maxKeys: 3 })
  .map((map) => ({ ...map }));
const offer = fc.record({
  offerName: text,
  offerType: fc.constantFrom("compute", "gpu", "Compute"),
  description: text,
  created: fc.integer({ min: 1_700_000_000, max: 1_700_000_003 }),
  status: fc.boolean(),
  labels,
  plans: fc
    .array(plan, { minLength: 1, maxLength: 3 })
    .map((plans) => plans.map((one, i): Plan => ({ ...one, planID: `plan-${i}` }))),
});
const nullable = <T>(arbitrary: fc.Arbitrary<T>) => fc.option(arbitrary, { freq: 2 });
const filter: fc.Arbitrary<OfferFilter> = fc.record(
  {
    text: nullable(fc.oneof(text, fc.constantFrom("NAME", " gpu  TOR ", "%", "_", "\\", "pretty"))),
    offerType: nullable(fc.constantFrom("compute", "gpu")),
    clusterIDs: nullable(fc.subarray(["cluster-a", "cluster-b", "cluster-c", "nobody"])),
    labels: nullable(labels),
    labelValues: nullable(
      labels.map((some) => Object.entries(some).map(([label, value]) => ({ label, values: [value, "other"] }))),
    ),
    currency: nullable(fc.constantFrom("EUR", "USD")),
    maxCost: nullable(
      fc.record({ amount: cost, currency: fc.constantFrom("EUR", "USD"), period: fc.constantFrom(...COST_PERIODS) }),
    ),
    minCost: nullable(
      fc.record({ amount: cost, currency: fc.constantFrom("EUR", "USD"), period: fc.constantFrom(...COST_PERIODS) }),
    ),
    minResources: nullable(resources),
    onlyAvailable: nullable(fc.boolean()),
  },
  { requiredKeys: [] },
);

describe("the search in SQL", () => {
  let db: BrokerTestDatabase;
  let clusters: ClusterFixture[];
  let reader: CatalogReaderRepository;
  let offers: CatalogOffer[];

  beforeAll(async () => {
    db = await openBrokerDatabase();
    reader = new CatalogReaderRepository(db.sql);
    clusters = await Promise.all(
      ["a", "b", "c"].map((letter) =>
        createCluster({
          clusterID: `cluster-${letter}`,
          clusterName: `Name ${letter}`,
          clusterPrettyName: `Pretty ${letter}`,
        }),
      ),
    );
    for (const cluster of clusters) await admit(db, cluster);
    const samples = fc.sample(offer, { numRuns: 150, seed: 20261122 });
    const documents = await Promise.all(
      samples.map((sample, i) => documentOf(at(clusters, i % 3), { ...sample, offerID: `offer-${i}` })),
    );
    offers = documents.map(({ listed }) => listed);
    await put(
      db,
      documents.map(({ jws, cluster }) => ({ jws, cluster })),
    );
  });
  afterAll(() => db.close());

  it("finds and sorts exactly what the pure functions find and sort", async () => {
    await fc.assert(
      fc.asyncProperty(filter, fc.constantFrom(...OFFER_ORDERS), async (asked, order) => {
        const expected = offers.filter((one) => offerMatches(one, asked)).sort(compareOffers(order));
        expect(ids(await reader.offers(asked, order, 1000, null))).toEqual(ids(expected));
        expect(await reader.count(asked)).toBe(expected.length);
      }),
      { numRuns: 400, seed: 7 },
    );
  });

  it("gives every offer exactly once when read in pages", async () => {
    for (const order of OFFER_ORDERS) {
      const expected = ids([...offers].sort(compareOffers(order)));
      const read: string[] = [];
      let last: CatalogOffer | undefined;
      do {
        const after =
          last === undefined
            ? null
            : { key: keyOf(order, sortKeysOf(last)), fingerprint: last.fingerprint, offerID: last.offerID };
        const page: CatalogOffer[] = await reader.offers({}, order, 7, after);
        read.push(...ids(page));
        last = page.at(-1);
      } while (last !== undefined);
      expect(read).toEqual(expected);
    }
  });

  it("reads offers back as they were signed", async () => {
    const [first] = offers;
    expect(await reader.offer("cluster-a", "offer-0")).toEqual(first);
    expect(await reader.offer("cluster-b", "offer-0")).toBeUndefined();
  });

  it("lists providers by cluster id with all their offers", async () => {
    const own = clusters[1]?.fingerprint ?? "";
    const all = await reader.providers({ first: 10, after: null }, null);
    expect(all.map(({ cluster }) => cluster.clusterID)).toEqual(["cluster-a", "cluster-b", "cluster-c"]);
    expect(all.map(({ offers: listed }) => listed.length)).toEqual([50, 50, 50]);
    const rest = await reader.providers({ first: 10, after: "cluster-a" }, own);
    expect(rest.map(({ cluster }) => cluster.clusterID)).toEqual(["cluster-c"]);
    expect((await reader.providers({ first: 1, after: null }, null)).map(({ cluster }) => cluster.clusterID)).toEqual([
      "cluster-a",
    ]);
  });
});

async function documentOf(cluster: ClusterFixture, changes: Partial<Offer>) {
  const { payload } = peekJws<{ clusterName: string; clusterPrettyName: string }>(cluster.descriptor);
  const whole: Offer = { ...sampleOffer(payload.clusterPrettyName), ...changes };
  const stock = Object.fromEntries(
    whole.plans.map(({ planID, planQuantity }) => [planID, Math.max(0, planQuantity - 1)]),
  );
  const jws = await cluster.offer(whole, { rev: 1_700_000_000_000, stock });
  const listed: CatalogOffer = {
    ...whole,
    fingerprint: cluster.fingerprint,
    clusterID: cluster.clusterID,
    clusterName: payload.clusterName,
    rev: 1_700_000_000_000,
    termsRev: 1_700_000_000_000,
    stock,
    staleSince: null,
    jws,
  };
  return { cluster, jws, listed };
}

async function admit({ sql }: BrokerTestDatabase, cluster: ClusterFixture): Promise<void> {
  const { payload } = peekJws<{ clusterID: string; clusterName: string; clusterPrettyName: string; seq: number }>(
    cluster.descriptor,
  );
  const member = enrolled(
    undefined,
    { ...payload, fingerprint: cluster.fingerprint, descriptor: cluster.descriptor },
    "ADMITTED",
    1_700_000_000,
  );
  await new PostgresMemberStorage(sql, TEST_LIMITS).transact(async (work) => {
    await work.members.save(member);
    await work.items.upsertCluster(member);
  });
}

async function put(
  { sql }: BrokerTestDatabase,
  documents: readonly { jws: string; cluster: ClusterFixture }[],
): Promise<void> {
  const items = await Promise.all(
    documents.map(async ({ jws, cluster }) =>
      offerItem(peekJws<OfferDocument>(jws).payload, cluster.clusterID, { jws, digest: await digest(jws) }),
    ),
  );
  await sql.transaction(async (tx) => {
    await tx.query(LOCK_HEAD);
    const { judgements } = await putDocuments((text, parameters) => tx.query(text, parameters), items, TEST_LIMITS);
    expect(judgements.map(({ verdict }) => verdict)).toEqual(items.map(() => "WRITTEN"));
  });
}

function ids(offers: readonly CatalogOffer[]): string[] {
  return offers.map(({ clusterID, offerID }) => `${clusterID}/${offerID}`);
}

function at<T>(list: readonly T[], index: number): T {
  const value = list[index];
  if (value === undefined) throw new RangeError(`no element ${index}`);
  return value;
}
