import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { startEmbedded, type EmbeddedPostgres } from "@catalog/server/database/embedded-postgres";
import { silentLog } from "@catalog/server/log";
import { freePort } from "@catalog/server/testing/free-port";
import { waitFor } from "@catalog/server/testing/wait-for";
import { afterEach, describe, expect, it } from "vitest";

import { startBrokerApp, type BrokerApp } from "../testing/broker-app.js";
import { createCluster } from "../testing/cluster-fixture.js";
import { MemberClient } from "../testing/member-client.js";

const WAIT = { timeoutMs: 30_000 };
const ends: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0).reverse()) await end();
});

async function directory(): Promise<string> {
  const path = await mkdtemp(join(tmpdir(), "catalog-outage-"));
  ends.push(() => rm(path, { recursive: true, force: true }));
  return path;
}

async function startApp(env: Readonly<Record<string, string>>): Promise<BrokerApp> {
  const app = await startBrokerApp(env);
  ends.push(() => app.stop());
  return app;
}

const ready = async (app: BrokerApp): Promise<number> => (await fetch(`${app.broker.opsUrl}/readyz`)).status;
const healthy = async (app: BrokerApp): Promise<number> => (await fetch(`${app.broker.opsUrl}/healthz`)).status;
const startPostgres = (path: string, port: number): Promise<EmbeddedPostgres> =>
  startEmbedded(path, { log: silentLog(), port, durable: true });

describe("a Broker whose PostgreSQL is away", () => {
  it(
    "answers UNAVAILABLE while it is stopped and goes on by itself when it is back",
    { timeout: 120_000 },
    async () => {
      const [path, port] = [await directory(), await freePort()];
      let server = await startPostgres(path, port);
      ends.push(() => server.stop());
      const app = await startApp({ DATABASE_URL: await server.ensureDatabase("broker"), ENROLMENT_MODE: "open" });
      await app.broker.established;
      const turin = new MemberClient(app, await createCluster());
      await turin.enrol();
      await turin.publish(await turin.cluster.offer({ offerID: "before" }));
      const seen: (string | null)[] = [];
      const types: string[] = [];
      const client = app.socket({ connectionParams: () => turin.connectionParams() });
      ends.push(async () => client.dispose());
      client.subscribe<{ catalog: { type: string; changes: { offerID: string | null }[] } }>(
        { query: "subscription { catalog { type changes { offerID } } }" },
        {
          next: ({ data }) => {
            if (data) types.push(data.catalog.type);
            seen.push(...(data?.catalog.changes ?? []).map(({ offerID }) => offerID));
          },
          error: () => undefined,
          complete: () => undefined,
        },
      );
      await waitFor(() => seen.includes("before"), WAIT);

      await server.stop();
      await waitFor(async () => (await ready(app)) === 503, WAIT);
      expect(await healthy(app)).toBe(200);
      expect(await app.operate("{ offers { totalCount } }")).toMatchObject({ status: 503, code: "UNAVAILABLE" });
      const refused = await Promise.all(Array.from({ length: 20 }, () => app.operate("{ clusters { clusterID } }")));
      expect(refused.map(({ code }) => code)).toEqual(refused.map(() => "UNAVAILABLE"));
      await expect(turin.publish(await turin.cluster.offer({ offerID: "during" }))).rejects.toMatchObject({
        code: "UNAVAILABLE",
      });

      server = await startPostgres(path, port);
      await waitFor(async () => (await ready(app)) === 200, WAIT);
      const after = await turin.cluster.offer({ offerID: "after" });
      await waitFor(async () => (await turin.publish(after)).every(({ accepted }) => accepted), WAIT);
      await waitFor(() => seen.includes("after"), { ...WAIT, what: "the change after the outage" });
      expect(types.filter((type) => type === "RESET")).toHaveLength(1);
      const { data } = await app.operate("{ offers { nodes { offerID staleSince } } }");
      expect((data?.["offers"] as { nodes: unknown[] }).nodes).toEqual(
        expect.arrayContaining([
          { offerID: "before", staleSince: null },
          { offerID: "after", staleSince: null },
        ]),
      );
    },
  );

  it("starts without it, and serves once it is there", { timeout: 120_000 }, async () => {
    const [path, port] = [await directory(), await freePort()];
    const first = await startPostgres(path, port);
    const url = await first.ensureDatabase("broker");
    await first.stop();
    const app = await startApp({ DATABASE_URL: url });
    expect([await healthy(app), await ready(app)]).toEqual([200, 503]);
    expect(await app.ask("{ broker { name } }")).toMatchObject({ status: 503, code: "UNAVAILABLE" });
    const server = await startPostgres(path, port);
    ends.push(() => server.stop());
    await app.broker.established;
    await waitFor(async () => (await ready(app)) === 200, WAIT);
    expect((await app.ask("{ broker { name } }")).data).toEqual({ broker: { name: "Catalog Broker" } });
  });

  it("stops in good order while it still waits", { timeout: 60_000 }, async () => {
    const app = await startBrokerApp({ DATABASE_URL: `postgresql://nobody@127.0.0.1:${await freePort()}/none` });
    await app.stop();
    await expect(app.broker.established).resolves.toBeUndefined();
    await expect(fetch(app.endpoint)).rejects.toThrow();
  });
});

describe("a Broker's identity", () => {
  it("must be the one that its database was filled with", async () => {
    const app = await startApp({});
    await app.broker.established;
    const { databaseUrl } = app;
    const stranger = await startApp({ DATABASE_URL: databaseUrl });
    await expect(stranger.broker.established).rejects.toThrow(/belongs to the Broker with key fingerprint/);
    expect(await ready(stranger)).toBe(503);
    expect(await stranger.ask("{ broker { name } }")).toMatchObject({ code: "UNAVAILABLE" });
  });

  it("is shared by replicas, as are members, revocations and the feed", { timeout: 60_000 }, async () => {
    const dataDir = await directory();
    const first = await startApp({ DATA_DIR: dataDir, ENROLMENT_MODE: "open" });
    await first.broker.established;
    const second = await startApp({ DATA_DIR: dataDir, DATABASE_URL: first.databaseUrl });
    await second.broker.established;
    const cluster = await createCluster();
    await new MemberClient(first, cluster).enrol();
    const there = new MemberClient(second, cluster);
    expect(await there.call("{ viewer { kind } }")).toEqual({ viewer: { kind: "MEMBER" } });
    const body = JSON.stringify({ query: "{ viewer { kind } }" });
    const proof = await there.proof(body);
    expect((await there.send(body, proof)).code).toBeUndefined();
    expect((await first.send(body, { authorization: `Catalog ${proof}` })).code).toBe("PROOF_REPLAYED");
    let closed: unknown;
    const client = second.socket({
      connectionParams: () => there.connectionParams(),
      lazy: false,
      onNonLazyError: () => undefined,
    });
    client.on("closed", (event) => (closed = event));
    const connected = new Promise((resolve) => client.on("connected", resolve));
    await connected;
    await first.operate(
      "mutation ($fingerprint: ID!) { revokeCluster(fingerprint: $fingerprint) { status } }",
      cluster,
    );
    await waitFor(() => closed !== undefined, WAIT);
    expect(closed).toMatchObject({ code: 4403 });
    await client.dispose();
  });
});
