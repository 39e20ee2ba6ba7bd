import { digest } from "@catalog/schema/documents/jws";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { AnnouncementRepository } from "../storage/announcement.repository.js";
import { openBrokerDatabase, type BrokerTestDatabase } from "../testing/broker-database.js";
import { createCluster, type ClusterFixture } from "../testing/cluster-fixture.js";
import { admit, startFeed, type FeedFixture } from "../testing/feed-fixture.js";
import { AnnounceService } from "./announce.service.js";

let test: BrokerTestDatabase;
let broker: FeedFixture;
let service: AnnounceService;
let rev = Date.now() + 60_000;

beforeAll(async () => {
  test = await openBrokerDatabase();
  broker = startFeed(test);
  const limits = { offers: 200, aheadMs: 600_000 };
  service = new AnnounceService(
    broker.members,
    new AnnouncementRepository(test.sql),
    broker.lane,
    limits,
    () => new Date(),
  );
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

interface Document {
  readonly offerID: string;
  readonly rev: number;
  readonly jws: string;
}

async function offer(cluster: ClusterFixture, offerID: string): Promise<Document> {
  rev += 1;
  return { offerID, rev, jws: await cluster.offer({ offerID }, { rev }) };
}

async function publish(cluster: ClusterFixture, ...documents: Document[]): Promise<void> {
  await broker.publishing.publish(
    cluster,
    documents.map(({ jws }) => jws),
  );
}

const listed = async ({ offerID, rev: number, jws }: Document) => ({ offerID, rev: number, digest: await digest(jws) });

async function announce(cluster: ClusterFixture, documents: readonly Document[], asOf = rev) {
  return service.announce(cluster, {
    descriptor: cluster.descriptor,
    asOf,
    offers: await Promise.all(documents.map(listed)),
  });
}

const listing = async (cluster: ClusterFixture): Promise<readonly string[]> =>
  (
    await test.sql.query<{ offer_id: string }>(
      "SELECT offer_id FROM catalog_items WHERE fingerprint = $1 AND NOT removed ORDER BY 1",
      [cluster.fingerprint],
    )
  ).map((row) => row.offer_id);

describe("announce", () => {
  it("asks for what is missing and then for nothing", async () => {
    const cluster = await member();
    const documents = [await offer(cluster, "a"), await offer(cluster, "b")];
    expect(await announce(cluster, documents)).toMatchObject({
      need: ["a", "b"],
      dropped: [],
      higher: [],
      descriptorAccepted: true,
    });
    await publish(cluster, ...documents);
    expect(await announce(cluster, documents)).toEqual({
      need: [],
      dropped: [],
      higher: [],
      highestRev: rev,
      descriptorAccepted: true,
    });
  });

  it("rebuilds a Broker whose items are lost", async () => {
    const cluster = await member();
    const document = await offer(cluster, "a");
    await publish(cluster, document);
    await test.sql.query("DELETE FROM catalog_items WHERE fingerprint = $1", [cluster.fingerprint]);
    expect((await announce(cluster, [document])).need).toEqual(["a"]);
    await publish(cluster, document);
    expect(await listing(cluster)).toEqual(["", "a"]);
  });

  it("drops what is not announced, but nothing younger than the list", async () => {
    const cluster = await member();
    const [old, young] = [await offer(cluster, "old"), await offer(cluster, "young")];
    await publish(cluster, old, young);
    expect((await announce(cluster, [], young.rev - 1)).dropped).toEqual(["old"]);
    expect(await listing(cluster)).toEqual(["", "young"]);
    expect((await announce(cluster, [old], young.rev)).need).toEqual(["old"]);
  });

  it("proves the higher numbers that a restored cluster has forgotten", async () => {
    const cluster = await member();
    const [before, after] = [await offer(cluster, "a"), await offer(cluster, "a")];
    await publish(cluster, after);
    const answer = await announce(cluster, [before], before.rev);
    expect(answer).toMatchObject({ need: [], highestRev: after.rev, higher: [after.jws] });
    const withdrawal = await cluster.withdrawal("a", ++rev);
    await broker.publishing.withdraw(cluster, [withdrawal]);
    expect(await announce(cluster, [after], after.rev)).toMatchObject({
      need: [],
      highestRev: rev,
      higher: [withdrawal],
    });
  });

  it("takes a newer descriptor, proves it to an older one, and keeps both of a contradiction", async () => {
    const cluster = await member();
    const first = cluster.descriptor;
    const newer = await cluster.describe({ clusterPrettyName: "Renamed" });
    expect((await announce(cluster, [])).descriptorAccepted).toBe(true);
    const [item] = await test.sql.query<{ jws: string }>(
      "SELECT jws FROM catalog_items WHERE fingerprint = $1 AND kind = 'CLUSTER'",
      [cluster.fingerprint],
    );
    expect(item?.jws).toBe(newer);
    expect((await broker.members.read.members.find(cluster.fingerprint))?.clusterPrettyName).toBe("Renamed");
    const older = await service.announce(cluster, { descriptor: first, asOf: rev, offers: [] });
    expect(older).toMatchObject({ descriptorAccepted: false, higher: [newer] });
    const seq = JSON.parse(Buffer.from(newer.split(".")[1] ?? "", "base64url").toString()).seq as number;
    await cluster.describe({ clusterPrettyName: "Contradiction", seq });
    expect((await announce(cluster, [])).descriptorAccepted).toBe(false);
    const kept = await test.sql.query("SELECT first_jws, second_jws FROM equivocations WHERE fingerprint = $1", [
      cluster.fingerprint,
    ]);
    expect(kept).toEqual([{ first_jws: newer, second_jws: cluster.descriptor }]);
  });

  it("lists a removed or stale cluster again", async () => {
    const cluster = await member();
    await test.sql.query("UPDATE catalog_items SET stale_since = 5 WHERE fingerprint = $1", [cluster.fingerprint]);
    await announce(cluster, []);
    expect(
      await test.sql.query("SELECT stale_since FROM catalog_items WHERE fingerprint = $1", [cluster.fingerprint]),
    ).toEqual([{ stale_since: null }]);
    await broker.members.transact((work) => work.items.removeMember(cluster.fingerprint));
    await announce(cluster, []);
    expect(await listing(cluster)).toEqual([""]);
  });

  it("asks for the offers again when the cluster id changes, and refuses one that is taken", async () => {
    const [cluster, other] = [await member(), await member()];
    const document = await offer(cluster, "a");
    await publish(cluster, document);
    await cluster.describe({ clusterID: `${cluster.clusterID}-2`, seq: ++rev });
    expect((await announce(cluster, [document])).need).toEqual(["a"]);
    await publish(cluster, document);
    expect((await announce(cluster, [document])).need).toEqual([]);
    await cluster.describe({ clusterID: other.clusterID, seq: ++rev });
    await expect(announce(cluster, [document])).rejects.toMatchObject({ code: "CLUSTER_ID_TAKEN" });
  });

  it("refuses another's descriptor, too long a list, a repeated id and a number from the future", async () => {
    const [cluster, other] = [await member(), await member()];
    const input = { descriptor: cluster.descriptor, asOf: rev, offers: [] };
    await expect(service.announce(other, input)).rejects.toMatchObject({ code: "DOCUMENT_NOT_YOURS" });
    const many = Array.from({ length: 201 }, (_, n) => ({ offerID: `${n}`, rev: 1, digest: "d" }));
    await expect(service.announce(cluster, { ...input, offers: many })).rejects.toMatchObject({
      code: "LIMIT_EXCEEDED",
    });
    const twice = [many[0], many[0]].filter((one) => one !== undefined);
    await expect(service.announce(cluster, { ...input, offers: twice })).rejects.toMatchObject({
      code: "BAD_USER_INPUT",
    });
    await expect(service.announce(cluster, { ...input, asOf: Date.now() + 700_000 })).rejects.toMatchObject({
      code: "NUMBER_AHEAD",
    });
    const stranger = await createCluster();
    await expect(service.announce(stranger, { ...input, descriptor: stranger.descriptor })).rejects.toMatchObject({
      code: "NOT_A_MEMBER",
    });
  });
});

describe("publish", () => {
  it("takes so many documents at once and postpones the rest", async () => {
    const { PublishService } = await import("./publish.service.js");
    const { VerifiedDescriptors } = await import("./member-descriptors.js");
    const cluster = await member();
    let now = 0;
    const limits = { documents: 10, rate: { burst: 3, perSecond: 2 } };
    const publishing = new PublishService(
      new VerifiedDescriptors(broker.members.read.members),
      broker.lane,
      limits,
      () => new Date(now),
    );
    const documents = await Promise.all(
      ["a", "b", "c", "d", "e"].map((offerID) => cluster.offer({ offerID }, { rev: 5 })),
    );
    const codes = async () => (await publishing.publish(cluster, documents)).results.map(({ code }) => code);
    expect(await codes()).toEqual([null, null, null, "RATE_LIMITED", "RATE_LIMITED"]);
    now = 1_000;
    expect(await codes()).toEqual([null, null, "RATE_LIMITED", "RATE_LIMITED", "RATE_LIMITED"]);
    await expect(
      publishing.publish(
        cluster,
        Array.from({ length: 11 }, () => ""),
      ),
    ).rejects.toMatchObject({ code: "LIMIT_EXCEEDED" });
  });
});
