import { CatalogError } from "@catalog/schema/errors";
import { waitFor } from "@catalog/server/testing/wait-for";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

import type { LogEntry } from "../services/catalog-ports.js";
import { openBrokerDatabase, type BrokerTestDatabase } from "../testing/broker-database.js";
import { createCluster, type ClusterFixture } from "../testing/cluster-fixture.js";
import { admit, openSecond, startFeed, type FeedFixture } from "../testing/feed-fixture.js";

let test: BrokerTestDatabase;
let broker: FeedFixture;

beforeAll(async () => {
  test = await openBrokerDatabase();
  broker = startFeed(test);
});

afterAll(async () => {
  await broker.stop();
  await test.close();
});

async function member(): Promise<ClusterFixture> {
  const cluster = await createCluster();
  await admit(broker.members, cluster);
  return cluster;
}

const outcome = async (cluster: ClusterFixture, ...documents: string[]) =>
  (await broker.publishing.publish(cluster, documents)).results.map(({ accepted, code }) => (accepted ? "ok" : code));

async function itemOf(cluster: ClusterFixture, offerID: string) {
  const rows = await test.sql.query<{
    jws: string;
    removed: boolean;
    withdrawn: boolean;
    revision: string;
    number: string;
  }>("SELECT jws, removed, withdrawn, revision, number FROM catalog_items WHERE fingerprint = $1 AND offer_id = $2", [
    cluster.fingerprint,
    offerID,
  ]);
  return rows[0];
}

describe("one writer", () => {
  it("keeps the exact document and the columns by which it is found", async () => {
    const cluster = await member();
    const jws = await cluster.offer({ offerID: "a" }, { rev: 1_000, stock: { small: 3 } });
    expect(await outcome(cluster, jws)).toEqual(["ok"]);
    expect((await itemOf(cluster, "a"))?.jws).toBe(jws);
    const [plan] = await test.sql.query<object>("SELECT * FROM catalog_plans WHERE fingerprint = $1", [
      cluster.fingerprint,
    ]);
    expect(plan).toMatchObject({
      plan_id: "small",
      currency: "EUR",
      cost_micros: "10000000",
      cost_monthly: "840000000",
      available: "3",
      amounts: { cpu: 1e9, memory: 1073741824e9, storage: 1073741824e9 },
    });
  });

  it("replaces the plans of an offer", async () => {
    const cluster = await member();
    const plan = {
      planName: "P",
      planCost: 1,
      planCostCurrency: "EUR",
      planCostPeriod: "hour" as const,
      planQuantity: 1,
      resources: { cpu: "1" },
    };
    await outcome(
      cluster,
      await cluster.offer(
        {
          plans: [
            { ...plan, planID: "one" },
            { ...plan, planID: "two" },
          ],
        },
        { rev: 10 },
      ),
    );
    await outcome(
      cluster,
      await cluster.offer(
        {
          plans: [
            { ...plan, planID: "two", planCost: 7 },
            { ...plan, planID: "three" },
          ],
        },
        { rev: 11 },
      ),
    );
    const plans = await test.sql.query(
      "SELECT plan_id, cost_micros FROM catalog_plans WHERE fingerprint = $1 ORDER BY 1",
      [cluster.fingerprint],
    );
    expect(plans).toEqual([
      { plan_id: "three", cost_micros: "1000000" },
      { plan_id: "two", cost_micros: "7000000" },
    ]);
    await broker.publishing.withdraw(cluster, [await cluster.withdrawal("offer-1", 12)]);
    expect(await test.sql.query("SELECT 1 FROM catalog_plans WHERE fingerprint = $1", [cluster.fingerprint])).toEqual(
      [],
    );
  });

  it("keeps the highest number and proves it to whoever sends a lower one", async () => {
    const cluster = await member();
    const newer = await cluster.offer({}, { rev: 20 });
    expect(await outcome(cluster, newer)).toEqual(["ok"]);
    const { results } = await broker.publishing.publish(cluster, [await cluster.offer({}, { rev: 19 })]);
    expect(results).toMatchObject([
      { offerID: "offer-1", rev: 19, accepted: false, code: "DOCUMENT_OUTDATED", higher: newer },
    ]);
    expect((await itemOf(cluster, "offer-1"))?.jws).toBe(newer);
  });

  it("takes the same document twice without a change", async () => {
    const cluster = await member();
    const jws = await cluster.offer({}, { rev: 20 });
    await outcome(cluster, jws);
    const before = await itemOf(cluster, "offer-1");
    expect(await outcome(cluster, jws)).toEqual(["ok"]);
    expect(await itemOf(cluster, "offer-1")).toEqual(before);
  });

  it("keeps both documents of an equivocation and the first in use", async () => {
    const cluster = await member();
    const first = await cluster.offer({ description: "one" }, { rev: 20 });
    const second = await cluster.offer({ description: "other" }, { rev: 20 });
    await outcome(cluster, first);
    expect(await outcome(cluster, second)).toEqual(["DOCUMENT_EQUIVOCATION"]);
    expect((await itemOf(cluster, "offer-1"))?.jws).toBe(first);
    const kept = await test.sql.query("SELECT first_jws, second_jws FROM equivocations WHERE fingerprint = $1", [
      cluster.fingerprint,
    ]);
    expect(kept).toEqual([{ first_jws: first, second_jws: second }]);
  });

  it("refuses a number more than ten minutes ahead, and takes it when it is time", async () => {
    const cluster = await member();
    expect(await outcome(cluster, await cluster.offer({}, { rev: Date.now() + 660_000 }))).toEqual(["NUMBER_AHEAD"]);
    expect(await outcome(cluster, await cluster.offer({}, { rev: Date.now() + 540_000 }))).toEqual(["ok"]);
  });

  it("hides a withdrawn offer, whatever comes with a lower number, and lists it again with a higher one", async () => {
    const cluster = await member();
    await outcome(cluster, await cluster.offer({}, { rev: 20 }));
    const withdrawal = await cluster.withdrawal("offer-1", 21);
    expect((await broker.publishing.withdraw(cluster, [withdrawal])).results).toMatchObject([
      { accepted: true, offerID: "offer-1", rev: 21 },
    ]);
    expect(await itemOf(cluster, "offer-1")).toMatchObject({ removed: true, withdrawn: true, jws: withdrawal });
    expect(await outcome(cluster, await cluster.offer({}, { rev: 20 }))).toEqual(["DOCUMENT_OUTDATED"]);
    expect(await outcome(cluster, await cluster.offer({}, { rev: 22 }))).toEqual(["ok"]);
    expect(await itemOf(cluster, "offer-1")).toMatchObject({ removed: false, withdrawn: false });
  });

  it("lists at most 200 offers of a member, however they come", async () => {
    const cluster = await member();
    const documents = await Promise.all(
      Array.from({ length: 205 }, (_, n) => cluster.offer({ offerID: `o${n}` }, { rev: 30 })),
    );
    const first = await outcome(cluster, ...documents);
    expect(first.filter((code) => code === "ok")).toHaveLength(200);
    expect(first.filter((code) => code === "OFFER_LIMIT_REACHED")).toHaveLength(5);
    const [accepted] = documents.filter((_, n) => first[n] === "ok");
    const [refused = ""] = documents.filter((_, n) => first[n] !== "ok");
    expect(await outcome(cluster, accepted ?? "", refused)).toEqual(["ok", "OFFER_LIMIT_REACHED"]);
    await broker.publishing.withdraw(cluster, [await cluster.withdrawal("o3", 31)]);
    expect(await outcome(cluster, refused)).toEqual(["ok"]);
  });

  it("refuses another's document and a foreign kind, and takes the rest", async () => {
    const [cluster, other] = [await member(), await member()];
    const documents = [await other.offer({}), "nonsense", await cluster.withdrawal("x"), await cluster.offer({})];
    expect(await outcome(cluster, ...documents)).toEqual([
      "DOCUMENT_NOT_YOURS",
      "DOCUMENT_INVALID",
      "DOCUMENT_INVALID",
      "ok",
    ]);
  });

  it("takes nothing of a member that was removed, and forgets its items", async () => {
    const cluster = await member();
    await outcome(cluster, await cluster.offer({}, { rev: 20 }));
    const descriptor = {
      descriptorOf: async () => JSON.parse(Buffer.from(cluster.descriptor.split(".")[1] ?? "", "base64url").toString()),
    };
    await broker.members.transact(async (work) => {
      const before = await work.members.lock(cluster.fingerprint);
      if (before === undefined) throw new Error("not a member");
      await work.members.save({ ...before, status: "REVOKED" });
      await work.items.removeMember(cluster.fingerprint);
    });
    const { PublishService } = await import("../services/publish.service.js");
    const late = new PublishService(
      descriptor,
      broker.lane,
      { documents: 10, rate: { burst: 10, perSecond: 1 } },
      () => new Date(),
    );
    const { results } = await late.publish(cluster, [await cluster.offer({}, { rev: 21 })]);
    expect(results).toMatchObject([{ accepted: false, code: "NOT_A_MEMBER" }]);
    expect(await itemOf(cluster, "offer-1")).toMatchObject({ removed: true });
    expect(await itemOf(cluster, "")).toMatchObject({ removed: true });
  });

  it("tries the documents of a refused batch alone", async () => {
    const cluster = await member();
    const good = {
      fingerprint: cluster.fingerprint,
      kind: "OFFER" as const,
      cluster_id: "c",
      number: 5,
      digest: "d",
      jws: "j",
      withdrawn: false,
      search_text: "",
    };
    const plans = [
      { plan_id: "p", currency: "EUR", cost_micros: "not a number", cost_monthly: "1", available: 1, amounts: "{}" },
    ];
    const puts = [
      broker.lane.put({ ...good, offer_id: "g1" }),
      broker.lane.put({ ...good, offer_id: "poison", plans }),
      broker.lane.put({ ...good, offer_id: "g2" }),
    ];
    const [first, poison, second] = await Promise.allSettled(puts);
    expect(first).toMatchObject({ value: { verdict: "WRITTEN" } });
    expect(second).toMatchObject({ value: { verdict: "WRITTEN" } });
    expect(poison).toMatchObject({ reason: expect.objectContaining({ code: "DOCUMENT_INVALID" }) });
  });

  it("answers two documents of one item in one batch one after the other", async () => {
    const cluster = await member();
    const documents = await Promise.all([21, 20, 22, 22].map((rev) => cluster.offer({}, { rev })));
    const codes = await outcome(cluster, ...documents);
    expect(codes[2]).toBe("ok");
    expect(codes[3]).toBe("ok");
    expect((await itemOf(cluster, "offer-1"))?.number).toBe("22");
  });
});

describe("several writers on one database", () => {
  it("lose no change, leave no gap and invert nothing for a reader that polls, though connections are cut", async () => {
    const processes = await Promise.all(Array.from({ length: 4 }, () => openSecond(test)));
    const writers = processes.map((process) => startFeed(process));
    const clusters = await Promise.all(Array.from({ length: 8 }, member));
    const start = (await broker.log.head()).revision;
    const seen: LogEntry[] = [];
    let isDone = false;
    const polling = (async () => {
      for (
        let last = start;
        !isDone || (await broker.log.head()).revision > last;
        last = seen.at(-1)?.change.revision ?? last
      ) {
        seen.push(...(await broker.log.entriesFrom(last, 100)).entries);
      }
    })();
    const base = Date.now() - 1_000_000;
    const written = new Map<string, string>();
    const work = writers.flatMap((writer, w) =>
      clusters.map(async (cluster, c) => {
        for (let n = 0; n < 80; n += 1) {
          const offerID = `o${(n + c) % 7}`;
          const jws = await cluster.offer({ offerID }, { rev: base + n * 4 + w });
          const [result] = (await writer.publishing.publish(cluster, [jws])).results;
          if (result?.accepted) written.set(jws, offerID);
          else expect(result?.code).toBe("DOCUMENT_OUTDATED");
        }
      }),
    );
    let cuts = 0;
    const cutting = (async () => {
      while (cuts < 6 && !isDone) {
        await waitFor(() => seen.length > cuts * 60 || isDone);
        const cut = await test.sql.query(
          "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND query LIKE '%feed_head FOR UPDATE%' AND pid <> pg_backend_pid() LIMIT 1",
        );
        cuts += cut.length;
      }
    })();
    await Promise.all([...work, cutting]).finally(() => {
      isDone = true;
    });
    await polling;
    expect(seen.map(({ change }) => change.revision)).toEqual(seen.map((_, n) => start + n + 1));
    const logged = new Set(seen.map(({ change }) => change.jws));
    expect([...written.keys()].filter((jws) => !logged.has(jws))).toEqual([]);
    for (const cluster of clusters) {
      const revs = seen.filter(({ change }) => change.fingerprint === cluster.fingerprint && change.offerID === "o1");
      const numbers = revs.map(
        ({ change }) => JSON.parse(Buffer.from(change.jws?.split(".")[1] ?? "", "base64url").toString()).rev as number,
      );
      expect(numbers).toEqual(numbers.toSorted((a, b) => a - b));
      expect(new Set(numbers).size).toBe(numbers.length);
    }
    expect(seen.length).toBeGreaterThan(500);
    expect(cuts).toBeGreaterThan(0);
    await Promise.all(writers.map((writer) => writer.stop()));
    await Promise.all(processes.map((process) => process.close()));
  }, 60_000);

  it("answers UNAVAILABLE while the database cannot be reached", async () => {
    const cut = { withConnection: () => Promise.reject(new CatalogError("UNAVAILABLE", "away")) };
    const { WriteLane } = await import("./write-lane.js");
    const { FEED_SETTINGS } = await import("../testing/feed-settings.js");
    const { silentLog } = await import("@catalog/server/log");
    const lane = new WriteLane(cut, FEED_SETTINGS.lane, silentLog(), () => undefined);
    const document = {
      fingerprint: "f",
      kind: "OFFER" as const,
      offer_id: "o",
      cluster_id: "c",
      number: 5,
      digest: "d",
      jws: "j",
      withdrawn: false,
      search_text: "",
    };
    await expect(lane.put(document)).rejects.toMatchObject({ code: "UNAVAILABLE" });
  });
});
