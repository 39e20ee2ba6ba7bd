import { randomUUID } from "node:crypto";

import { silentLog } from "@catalog/server/log";
import { TaskGroup } from "@catalog/server/tasks";
import { waitFor } from "@catalog/server/testing/wait-for";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";

import { LivenessService } from "../services/liveness.service.js";
import { openBrokerDatabase, type BrokerTestDatabase } from "../testing/broker-database.js";
import { createCluster, type ClusterFixture } from "../testing/cluster-fixture.js";
import { admit, startFeed, type FeedFixture } from "../testing/feed-fixture.js";
import { SessionRepository, type LivenessPeriods } from "./session.repository.js";

const DAY = 86_400_000;
const PERIODS: LivenessPeriods = {
  renewMs: 15_000,
  staleMs: 90_000,
  removeMs: 7 * DAY,
  graceMs: 180_000,
  clockOffsetMs: 0,
};

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

beforeEach(async () => {
  await test.sql.query("DELETE FROM broker_instances");
  await test.sql.query("DELETE FROM member_sessions");
  await test.sql.query("UPDATE liveness_state SET grace_until = '-infinity'");
});

/** A process whose clock (the database's, shifted) stands so many ms after now. */
function at(instance: string, ms: number): SessionRepository {
  return new SessionRepository(test.sql, instance, { ...PERIODS, clockOffsetMs: ms });
}

async function member(): Promise<ClusterFixture> {
  const cluster = await createCluster();
  await admit(broker.members, cluster);
  return cluster;
}

async function standing(cluster: ClusterFixture): Promise<"fresh" | "stale" | "removed"> {
  const [row] = await test.sql.query<{ removed: boolean; stale_since: string | null }>(
    "SELECT removed, stale_since FROM catalog_items WHERE fingerprint = $1 AND kind = 'CLUSTER'",
    [cluster.fingerprint],
  );
  if (row === undefined || row.removed) return "removed";
  return row.stale_since === null ? "fresh" : "stale";
}

const open = (cluster: ClusterFixture, session: string): ReadonlyMap<string, string> =>
  new Map([[session, cluster.fingerprint]]);

/** Renews every 15 s from one moment to another, as a process does, so that there is no outage. */
async function live(instance: string, sessions: ReadonlyMap<string, string>, from: number, to: number): Promise<void> {
  for (let ms = from; ms <= to; ms += PERIODS.renewMs) await at(instance, ms).renew(sessions);
}

describe("a cluster", () => {
  it("stays fresh while it has a session, grows stale 90 s after the last one, and is gone 7 days later", async () => {
    const [cluster, broker1, session] = [await member(), randomUUID(), randomUUID()];
    await broker.publishing.publish(cluster, [await cluster.offer({})]);
    await live(broker1, open(cluster, session), 0, 600_000);
    await at(broker1, 600_000).sweep();
    expect(await standing(cluster)).toBe("fresh");
    await at(broker1, 600_000).close(session);
    await live(broker1, new Map(), 615_000, 690_000);
    await at(broker1, 689_000).sweep();
    expect(await standing(cluster)).toBe("fresh");
    await at(broker1, 691_000).sweep();
    expect(await standing(cluster)).toBe("stale");
    const [{ stale_since: since } = { stale_since: "" }] = await test.sql.query<{ stale_since: string }>(
      "SELECT stale_since FROM catalog_items WHERE fingerprint = $1 AND kind = 'CLUSTER'",
      [cluster.fingerprint],
    );
    expect(Math.abs(Number(since) - (Date.now() + 600_000) / 1000)).toBeLessThan(20);
    await at(broker1, 590_000 + 7 * DAY).sweep();
    expect(await standing(cluster)).toBe("stale");
    await at(broker1, 620_000 + 7 * DAY).sweep();
    expect(await standing(cluster)).toBe("removed");
    const listed = await test.sql.query("SELECT 1 FROM catalog_items WHERE fingerprint = $1 AND NOT removed", [
      cluster.fingerprint,
    ]);
    expect(listed).toEqual([]);
  });

  it("is fresh again as soon as it opens a session, and the feed says both", async () => {
    const [cluster, instance] = [await member(), randomUUID()];
    const events: (number | null)[] = [];
    const follow = broker.feed.subscribe({ since: null, filter: { clusterIDs: [cluster.clusterID] } });
    const following = (async () => {
      for await (const { changes } of follow)
        events.push(...changes.filter(({ kind }) => kind === "CLUSTER").map(({ staleSince }) => staleSince));
    })();
    await live(instance, new Map(), 0, 300_000);
    await at(instance, 300_000).sweep();
    expect(await standing(cluster)).toBe("stale");
    await at(instance, 300_000).open(randomUUID(), cluster.fingerprint);
    expect(await standing(cluster)).toBe("fresh");
    await waitFor(() => events.length >= 3);
    expect(events).toEqual([null, expect.any(Number), null]);
    await follow.return?.();
    await following;
  });

  it("is healed by a sweep if its return was missed", async () => {
    const [cluster, instance] = [await member(), randomUUID()];
    await live(instance, new Map(), 0, 300_000);
    await at(instance, 300_000).sweep();
    await live(instance, open(cluster, randomUUID()), 315_000, 330_000);
    expect(await standing(cluster)).toBe("stale");
    await at(instance, 330_000).sweep();
    expect(await standing(cluster)).toBe("fresh");
  });

  it("keeps its session at another process when one process dies without a word", async () => {
    const [here, there, dead, living] = [await member(), await member(), randomUUID(), randomUUID()];
    const shared = randomUUID();
    await at(dead, 0).renew(
      new Map([
        [randomUUID(), here.fingerprint],
        [randomUUID(), there.fingerprint],
      ]),
    );
    await live(living, open(there, shared), 0, 300_000);
    await at(living, 300_000).sweep();
    expect([await standing(here), await standing(there)]).toEqual(["stale", "fresh"]);
  });
});

describe("after an outage", () => {
  it("of all processes nobody becomes stale for 180 s", async () => {
    const [cluster, first, second] = [await member(), randomUUID(), randomUUID()];
    await live(first, open(cluster, randomUUID()), 0, 60_000);
    await live(second, new Map(), 360_000, 525_000);
    await at(second, 525_000).sweep();
    expect(await standing(cluster)).toBe("fresh");
    await live(second, new Map(), 540_000, 555_000);
    await at(second, 555_000).sweep();
    expect(await standing(cluster)).toBe("stale");
  });

  it("of the database, which every process survives, nobody becomes stale for 180 s", async () => {
    const [cluster, instance, other] = [await member(), randomUUID(), randomUUID()];
    await at(other, 0).renew(open(cluster, randomUUID()));
    await live(instance, new Map(), 0, 60_000);
    await live(instance, new Map(), 120_000, 285_000);
    await at(instance, 285_000).sweep();
    expect(await standing(cluster)).toBe("fresh");
  });

  it("too short to show in the renewals, a process that finds no other alive begins the grace", async () => {
    const [cluster, first, second] = [await member(), randomUUID(), randomUUID()];
    await live(first, open(cluster, randomUUID()), 0, 60_000);
    await live(second, new Map(), 70_000, 250_000);
    await at(second, 250_000).sweep();
    expect(await standing(cluster)).toBe("fresh");
    await live(second, new Map(), 265_000, 280_000);
    await at(second, 280_000).sweep();
    expect(await standing(cluster)).toBe("stale");
  });

  it("a second process that starts beside a living one begins no grace", async () => {
    const [cluster, first, second] = [await member(), randomUUID(), randomUUID()];
    await live(first, new Map(), 0, 300_000);
    for (let ms = 315_000; ms < 360_000; ms += 15_000) {
      await at(first, ms).renew(new Map());
      await at(second, ms + 1_000).renew(new Map());
    }
    await at(second, 360_000).sweep();
    expect(await standing(cluster)).toBe("stale");
  });
});

describe("LivenessService", () => {
  it("stores at the next renewal what it could not store at once, and ends its sessions when it stops", async () => {
    const [cluster, instance] = [await member(), randomUUID()];
    const repository = new SessionRepository(test.sql, instance, { ...PERIODS, renewMs: 30 });
    let isAway = true;
    const sessions = {
      renew: (sessionsNow: ReadonlyMap<string, string>) => repository.renew(sessionsNow),
      open: (session: string, fingerprint: string) =>
        isAway ? Promise.reject(new Error("away")) : repository.open(session, fingerprint),
      close: (session: string) => repository.close(session),
      end: () => repository.end(),
      sweep: () => repository.sweep(),
    };
    const service = new LivenessService(sessions, 30, silentLog());
    const tasks = new TaskGroup(silentLog());
    tasks.start(service);
    const session = randomUUID();
    await service.opened(cluster.fingerprint, session);
    isAway = false;
    const count = async (): Promise<number> =>
      (await test.sql.query("SELECT 1 FROM member_sessions WHERE session = $1 AND ended_at IS NULL", [session])).length;
    await waitFor(async () => (await count()) === 1);
    await tasks.stop();
    expect(await count()).toBe(0);
    expect(await test.sql.query("SELECT 1 FROM broker_instances WHERE instance = $1", [instance])).toEqual([]);
  });
});
