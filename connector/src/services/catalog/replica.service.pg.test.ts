import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { ForeignCluster } from "../../testing/foreign-cluster.js";
import {
  items,
  offersIn,
  register,
  ReplicaFixture,
  signal,
  type ReplicaProcess,
} from "../../testing/replica-fixture.js";

let own: ForeignCluster;
let turin: ForeignCluster;
let fixture: ReplicaFixture;
let one: ReplicaProcess;

beforeEach(async () => {
  [own, turin] = await Promise.all([ForeignCluster.create("own"), ForeignCluster.create("turin")]);
  fixture = await ReplicaFixture.open(own.fingerprint);
  one = await fixture.start();
  await register(one, "A");
});

afterEach(() => fixture.close());

async function follow(process: ReplicaProcess, broker: string, ...events: ReturnType<typeof items>[]): Promise<void> {
  for (const event of events) await process.service.apply(broker, event);
}

const cursorOf = (process: ReplicaProcess) => process.service.cursor("A");

describe("the durable replica", () => {
  it("keeps message and cursor together and shows the same after a restart", async () => {
    await follow(one, "A", signal("RESET", "c0"), items("c1", await turin.cluster(1), await turin.listing("o", 2)));
    expect([offersIn(one), await cursorOf(one)]).toEqual([["turin/o"], "c1"]);
    const two = await fixture.start();
    expect([offersIn(two), await cursorOf(two)]).toEqual([["turin/o"], "c1"]);
    expect(two.view.offer(turin.fingerprint, "o")).toEqual(one.view.offer(turin.fingerprint, "o"));
  });

  it("writes nothing of a message whose transaction fails, and applies it when it comes again", async () => {
    const event = items("c1", await turin.cluster(1), await turin.listing("o", 2));
    await follow(one, "A", signal("RESET", "c0"));
    fixture.beforeCommit = () => {
      throw new Error("killed");
    };
    await expect(one.service.apply("A", event)).rejects.toThrow("killed");
    fixture.beforeCommit = () => undefined;
    expect([offersIn(one), await cursorOf(one)]).toEqual([[], "c0"]);
    const two = await fixture.start();
    expect([offersIn(two), await cursorOf(two)]).toEqual([[], "c0"]);
    await follow(two, "A", event);
    expect([offersIn(two), await cursorOf(two)]).toEqual([["turin/o"], "c1"]);
  });

  it("does not mind a message that comes twice", async () => {
    const event = items("c1", await turin.cluster(1), await turin.listing("o", 2));
    await follow(one, "A", signal("RESET", "c0"), event);
    const { head } = one.view.log;
    await follow(one, "A", event, event);
    expect([offersIn(one), one.view.log.head]).toEqual([["turin/o"], head]);
  });

  it("sweeps what a RESET does not show again, but not before SYNCED", async () => {
    const cluster = await turin.cluster(1);
    await follow(
      one,
      "A",
      signal("RESET", "c0"),
      items("c1", cluster, await turin.listing("old", 2)),
      signal("SYNCED", "c1"),
    );
    await follow(one, "A", signal("RESET", "d0"), items("d1", cluster, await turin.listing("new", 3)));
    expect(offersIn(one)).toEqual(["turin/new", "turin/old"]);
    await follow(one, "A", signal("SYNCED", "d1"));
    expect(offersIn(one)).toEqual(["turin/new"]);
  });

  it("finishes a RESET that a restart interrupted: what was shown before it survives, the rest is swept", async () => {
    const cluster = await turin.cluster(1);
    const kept = await turin.listing("kept", 2);
    await follow(
      one,
      "A",
      signal("RESET", "c0"),
      items("c1", cluster, kept, await turin.listing("old", 2)),
      signal("SYNCED", "c1"),
    );
    await follow(one, "A", signal("RESET", "d0"), items("d1", cluster, kept));
    const two = await fixture.start();
    expect([offersIn(two), await cursorOf(two)]).toEqual([["turin/kept", "turin/old"], "d1"]);
    await follow(two, "A", items("d2", await turin.listing("later", 4)), signal("SYNCED", "d2"));
    expect(offersIn(two)).toEqual(["turin/kept", "turin/later"]);
  });

  it("does not sweep at a SYNCED that no RESET came before", async () => {
    await follow(
      one,
      "A",
      signal("RESET", "c0"),
      items("c1", await turin.cluster(1), await turin.listing("o", 2)),
      signal("SYNCED", "c1"),
    );
    await follow(one, "A", signal("SYNCED", "c1"), signal("HEARTBEAT", "c2"));
    expect([offersIn(one), await cursorOf(one)]).toEqual([["turin/o"], "c2"]);
  });

  it("holds an offer back until its cluster comes, also across a restart", async () => {
    await follow(one, "A", signal("RESET", "c0"), items("c1", await turin.listing("early", 2)));
    expect(offersIn(one)).toEqual([]);
    const two = await fixture.start();
    await follow(two, "A", items("c2", await turin.cluster(1)), signal("SYNCED", "c2"));
    expect(offersIn(two)).toEqual(["turin/early"]);
    expect(offersIn(await fixture.start())).toEqual(["turin/early"]);
  });

  it("shows again what comes back byte for byte, and takes a withdrawal for what it is each time", async () => {
    const [cluster, offer] = await Promise.all([turin.cluster(1), turin.listing("o", 2)]);
    await register(one, "B");
    await follow(one, "A", signal("RESET", "c0"), items("c1", cluster, offer), signal("SYNCED", "c1"));
    await follow(one, "A", items("c2", turin.removal("OFFER", "o")));
    expect(offersIn(one)).toEqual([]);
    await follow(one, "B", signal("RESET", "b0"), items("b1", cluster, offer), signal("SYNCED", "b1"));
    expect(offersIn(one)).toEqual(["turin/o"]);
    const withdrawal = await turin.withdrawal("o", 3);
    await follow(one, "A", items("c3", withdrawal));
    await follow(one, "B", items("b2", { ...withdrawal, op: "UPSERT" }), items("b3", offer));
    expect(offersIn(one)).toEqual([]);
    expect(one.health.of("B").refusedDocuments).toBe(0);
  });

  it("skips what is its own", async () => {
    await follow(
      one,
      "A",
      signal("RESET", "c0"),
      items("c1", await own.cluster(1), await own.listing("mine", 2)),
      signal("SYNCED", "c1"),
    );
    expect([offersIn(one), one.view.pinned(own.fingerprint)]).toEqual([[], undefined]);
  });

  it("ignores a message for a Broker that is not registered any more", async () => {
    await one.registry.remove("A", { actor: "admin", action: "broker.unregistered", message: "" });
    await follow(one, "A", items("c1", await turin.cluster(1), await turin.listing("o", 2)));
    expect(offersIn(one)).toEqual([]);
  });
});

describe("documents that do not hold", () => {
  it("refuses what was tampered with, what is filed under another identity and what another signed, and keeps the rest", async () => {
    const milan = await ForeignCluster.create("milan");
    const good = await turin.listing("good", 2);
    const tampered = await turin.listing("tampered", 2);
    const [header, payload, signature = ""] = (tampered.jws ?? "").split(".");
    const flipped = `${header}.${payload}.${signature.startsWith("A") ? "B" : "A"}${signature.slice(1)}`;
    const stolen = { ...(await milan.listing("stolen", 2)), fingerprint: turin.fingerprint };
    const renamed = { ...(await turin.listing("other", 2)), offerID: "renamed" };
    const masked = { ...(await milan.cluster(1)), fingerprint: turin.fingerprint };
    await follow(
      one,
      "A",
      signal("RESET", "c0"),
      items("c1", await turin.cluster(1), { ...tampered, jws: flipped }, stolen, renamed, masked, good),
      signal("SYNCED", "c1"),
    );
    expect(offersIn(one)).toEqual(["turin/good"]);
    expect(one.health.of("A").refusedDocuments).toBe(4);
    expect(one.view.pinned(milan.fingerprint)).toBeUndefined();
  });

  it("refuses a forged offer that had to wait for its cluster's key", async () => {
    const forger = await ForeignCluster.create("turin");
    const forged = { ...(await forger.listing("forged", 2)), fingerprint: turin.fingerprint };
    await follow(
      one,
      "A",
      signal("RESET", "c0"),
      items("c1", forged),
      items("c2", await turin.cluster(1)),
      signal("SYNCED", "c2"),
    );
    expect(offersIn(one)).toEqual([]);
  });

  it("keeps the newest document whatever order they come in, and lets no older one back", async () => {
    await follow(
      one,
      "A",
      signal("RESET", "c0"),
      items("c1", await turin.cluster(5), await turin.listing("o", 9, { offerName: "new" })),
    );
    await follow(
      one,
      "A",
      items(
        "c2",
        await turin.listing("o", 7, { offerName: "old" }),
        await turin.cluster(4, { clusterPrettyName: "old" }),
      ),
    );
    expect(one.view.offer(turin.fingerprint, "o")?.offerName).toBe("new");
    expect(one.view.cluster(turin.fingerprint)?.seq).toBe(5);
    await follow(one, "A", items("c3", await turin.withdrawal("o", 10)), items("c4", await turin.listing("o", 9)));
    expect(offersIn(one)).toEqual([]);
    expect(offersIn(await fixture.start())).toEqual([]);
  });

  it("keeps both documents of an equivocation and goes on with the first", async () => {
    await follow(
      one,
      "A",
      signal("RESET", "c0"),
      items("c1", await turin.cluster(1), await turin.listing("o", 2, { offerName: "first" })),
    );
    await follow(
      one,
      "A",
      items(
        "c2",
        await turin.listing("o", 2, { offerName: "second" }),
        await turin.cluster(1, { clusterPrettyName: "other" }),
      ),
    );
    expect(one.view.offer(turin.fingerprint, "o")?.offerName).toBe("first");
    const found = await one.transact(({ identities }) => identities.equivocations(10));
    expect(found.map(({ kind, number, brokerID }) => ({ kind, number, brokerID }))).toEqual(
      expect.arrayContaining([
        { kind: "CLUSTER", number: 1, brokerID: "A" },
        { kind: "OFFER", number: 2, brokerID: "A" },
      ]),
    );
  });

  it("hides a second identity with a known cluster id, wherever it comes from", async () => {
    const impostor = await ForeignCluster.create("turin");
    await register(one, "B");
    await follow(
      one,
      "A",
      signal("RESET", "c0"),
      items("c1", await turin.cluster(1), await turin.listing("o", 2)),
      signal("SYNCED", "c1"),
    );
    await follow(
      one,
      "B",
      signal("RESET", "b0"),
      items("b1", await impostor.cluster(1), await impostor.listing("x", 2)),
      signal("SYNCED", "b1"),
    );
    expect(offersIn(one)).toEqual(["turin/o"]);
    expect(await one.members.isMember(impostor.fingerprint)).toBe(false);
    expect((await one.members.byClusterID("turin")).map(({ fingerprint }) => fingerprint)).toEqual([turin.fingerprint]);
    expect(one.view.pinned(impostor.fingerprint)?.pin.isHolder).toBe(false);
  });
});

describe("several Brokers", () => {
  beforeEach(() => register(one, "B"));

  it("shows the newest document while any enabled Broker lists the offer, and takes a withdrawal from any", async () => {
    const cluster = await turin.cluster(1);
    await follow(
      one,
      "A",
      signal("RESET", "a0"),
      items("a1", cluster, await turin.listing("o", 3, { offerName: "new" })),
      signal("SYNCED", "a1"),
    );
    await follow(
      one,
      "B",
      signal("RESET", "b0"),
      items("b1", cluster, await turin.listing("o", 2, { offerName: "old" })),
      signal("SYNCED", "b1"),
    );
    expect(one.view.offer(turin.fingerprint, "o")?.offerName).toBe("new");
    await one.registry.remove("A", { actor: "admin", action: "broker.unregistered", message: "" });
    expect(one.view.offer(turin.fingerprint, "o")?.offerName).toBe("new");
    await follow(one, "B", items("b2", await turin.withdrawal("o", 4)));
    expect(offersIn(one)).toEqual([]);
  });

  it("does not show what only a switched-off Broker lists", async () => {
    await follow(
      one,
      "B",
      signal("RESET", "b0"),
      items("b1", await turin.cluster(1), await turin.listing("o", 2)),
      signal("SYNCED", "b1"),
    );
    const broker = await one.registry.find("B");
    if (broker === undefined) throw new Error("B is registered");
    await one.registry.save(() => ({ ...broker, isSubscribed: false }), {
      actor: "admin",
      action: "broker.unsubscribed",
      message: "",
    });
    expect([offersIn(one), await one.members.isMember(turin.fingerprint)]).toEqual([[], false]);
    await one.registry.save(() => ({ ...broker, isSubscribed: true }), {
      actor: "admin",
      action: "broker.subscribed",
      message: "",
    });
    expect([offersIn(one), await one.members.isMember(turin.fingerprint)]).toEqual([["turin/o"], true]);
  });

  it("greys what every Broker calls stale, and what only a Broker out of sync for a week lists", async () => {
    const stale = await turin.cluster(1, {}, 1_700_000_100);
    await follow(
      one,
      "A",
      signal("RESET", "a0"),
      items("a1", stale, await turin.listing("o", 2)),
      signal("SYNCED", "a1"),
    );
    expect(one.view.offer(turin.fingerprint, "o")?.staleSince).toBe(1_700_000_100);
    await follow(
      one,
      "B",
      signal("RESET", "b0"),
      items("b1", await turin.cluster(1), await turin.listing("o", 2)),
      signal("SYNCED", "b1"),
    );
    expect(one.view.offer(turin.fingerprint, "o")?.staleSince).toBeNull();
    fixture.clockOffset = 8 * 24 * 3600;
    one.view.refreshAll();
    expect(one.view.offer(turin.fingerprint, "o")?.staleSince).not.toBeNull();
  });
});

describe("forgetting", () => {
  it("forgets unlisted documents after a month but lets nothing older back", async () => {
    await follow(
      one,
      "A",
      signal("RESET", "c0"),
      items("c1", await turin.cluster(1), await turin.listing("o", 9)),
      items("c2", turin.removal("OFFER", "o")),
    );
    await one.service.tidy(Math.floor(Date.now() / 1000) + 31 * 24 * 3600);
    expect(await fixture.database.query("SELECT * FROM replica_documents")).toEqual([]);
    expect(one.view.document(turin.fingerprint, "o")).toBeUndefined();
    const two = await fixture.start();
    await follow(two, "A", items("c3", await turin.listing("o", 8)), items("c4", await turin.listing("fresh", 10)));
    expect(offersIn(two)).toEqual(["turin/fresh"]);
  });
});

describe("a descriptor fetched from its owner", () => {
  beforeEach(async () =>
    follow(one, "A", signal("RESET", "c0"), items("c1", await turin.cluster(5)), signal("SYNCED", "c1")),
  );

  it("replaces an older one and is refused when it is older, another's, or another with the same number", async () => {
    const fresh = await turin.descriptor(6, { clusterContractEndpoint: "https://192.0.2.8:6003" });
    expect((await one.members.refresh(turin.fingerprint, fresh)).descriptor.seq).toBe(6);
    expect(one.view.cluster(turin.fingerprint)?.clusterContractEndpoint).toBe("https://192.0.2.8:6003");
    const milan = await ForeignCluster.create("milan");
    await expect(one.members.refresh(turin.fingerprint, await turin.descriptor(5))).rejects.toMatchObject({
      code: "DOCUMENT_OUTDATED",
    });
    await expect(one.members.refresh(turin.fingerprint, await milan.descriptor(7))).rejects.toMatchObject({
      code: "PEER_NOT_TRUSTED",
    });
    await expect(
      one.members.refresh(turin.fingerprint, await turin.descriptor(6, { clusterPrettyName: "x" })),
    ).rejects.toMatchObject({ code: "DOCUMENT_EQUIVOCATION" });
    await expect(one.members.refresh(milan.fingerprint, await milan.descriptor(1))).rejects.toMatchObject({
      code: "PEER_NOT_TRUSTED",
    });
  });
});
