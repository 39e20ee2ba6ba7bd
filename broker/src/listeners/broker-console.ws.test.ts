import { ConsolePage } from "@catalog/server/testing/console-page";
import { waitFor } from "@catalog/server/testing/wait-for";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { startBrokerApp, type BrokerApp } from "../testing/broker-app.js";
import { createCluster } from "../testing/cluster-fixture.js";
import { MemberClient } from "../testing/member-client.js";

const MEMBERS = "fingerprint connected sockets lastSeen offers lag cluster { clusterPrettyName status }";
const IGNORE = { next: () => undefined, error: () => undefined, complete: () => undefined };

interface Member {
  readonly fingerprint: string;
  readonly connected: boolean;
  readonly offers: number;
  readonly lag: number | null;
  readonly lastSeen: number | null;
  readonly cluster: { readonly status: string };
}

let app: BrokerApp;
let member: MemberClient;

const pageOf = (one: BrokerApp): ConsolePage => new ConsolePage(Number(new URL(one.endpoint).port));
const members = async (args = ""): Promise<Member[]> =>
  (await app.operate(`{ members${args} { ${MEMBERS} } }`)).data?.["members"] as Member[];

beforeAll(async () => {
  app = await startBrokerApp({ UI_DIR: "off", LEASE_RENEWAL: "100ms", ENROLMENT_MODE: "open" });
  await app.broker.established;
  member = new MemberClient(app, await createCluster());
  await member.enrol();
});
afterAll(() => app.stop());

describe("the operator's session", () => {
  it("operates the Broker from the own pages only, and ends on every replica", async () => {
    const second = await startBrokerApp({ UI_DIR: "off", DATABASE_URL: app.databaseUrl, DATA_DIR: app.dataDir });
    const page = pageOf(app);
    expect((await page.signIn(app.adminToken)).status).toBe(201);
    expect(await page.ask("{ viewer { kind expiresAt } members { fingerprint } }")).toMatchObject({
      status: 200,
      data: { viewer: { kind: "OPERATOR", expiresAt: expect.any(Number) as number } },
    });
    expect((await page.ask("{ viewer { kind } }", { secret: null })).data).toEqual({ viewer: { kind: "ANONYMOUS" } });
    expect(await page.ask("{ viewer { kind } }", { origin: "https://evil.example" })).toMatchObject({ status: 401 });
    const elsewhere = pageOf(second);
    Object.assign(elsewhere, { cookie: page.cookie, secret: page.secret });
    const codes: number[] = [];
    const client = elsewhere.socket((code) => codes.push(code));
    const connected = new Promise<void>((resolve) => client.on("connected", () => resolve()));
    client.subscribe({ query: "subscription { feedFigures { head } }" }, IGNORE);
    await connected;
    expect((await page.signOut()).status).toBe(204);
    await waitFor(() => codes.length > 0);
    expect(codes).toEqual([4403]);
    expect((await elsewhere.ask("{ viewer { kind } }")).status).toBe(401);
    await client.dispose();
    await second.stop();
  });

  it("is not for read tokens, nor for what is no token", async () => {
    const { data } = await app.operate("mutation { createReadToken { token } }");
    const { token } = data?.["createReadToken"] as { token: string };
    expect((await pageOf(app).signIn(token)).status).toBe(401);
  });
});

describe("the console", () => {
  it("is for the operator alone", async () => {
    for (const query of ["{ members { fingerprint } }", "{ feedFigures { head } }", "{ equivocations { number } }"]) {
      expect((await app.ask(query)).code).toBe("UNAUTHENTICATED");
      expect((await member.send(JSON.stringify({ query }))).code).toBe("FORBIDDEN");
    }
    for (const field of [
      "members { fingerprint }",
      "feedFigures { head }",
      "joinStrings { tokenID }",
      "readTokens { tokenID }",
    ]) {
      const client = app.socket({ connectionParams: () => member.connectionParams() });
      const refused: unknown[] = [];
      client.subscribe(
        { query: `subscription { ${field} }` },
        { ...IGNORE, next: ({ errors }) => void refused.push(errors), error: (error) => void refused.push(error) },
      );
      await waitFor(() => refused.length > 0);
      expect(JSON.stringify(refused[0])).toContain("FORBIDDEN");
      await client.dispose();
    }
  });

  it("tells live who is connected, what they list and how far they are", async () => {
    const client = app.socket({ connectionParams: { authorization: `Bearer ${app.adminToken}` } });
    const told: Member[] = [];
    const connected = new Promise<void>((resolve) => client.on("connected", () => resolve()));
    client.subscribe<{ members: Member }>(
      { query: `subscription { members { ${MEMBERS} } }` },
      { ...IGNORE, next: ({ data }) => void (data && told.push(data.members)) },
    );
    await connected;
    await member.publish(await member.cluster.offer({}));
    await waitFor(() => told.some(({ offers }) => offers === 1));
    const follower = app.socket({ connectionParams: () => member.connectionParams() });
    follower.subscribe({ query: "subscription { catalog { type cursor } }" }, IGNORE);
    await waitFor(() => told.some((one) => one.connected));
    expect(await members()).toMatchObject([
      {
        fingerprint: member.cluster.fingerprint,
        connected: true,
        sockets: 1,
        offers: 1,
        lag: 0,
        cluster: { status: "ADMITTED" },
      },
    ]);
    const { data } = await app.operate(
      "{ feedFigures { head epoch clusters offers subscribers memberSockets changesLastMinute lag { current behind max } } }",
    );
    expect(data?.["feedFigures"]).toMatchObject({
      clusters: 1,
      offers: 1,
      subscribers: 1,
      memberSockets: 1,
      lag: { current: 1, behind: 0, max: 0 },
    });
    await follower.dispose();
    await waitFor(() => told.at(-1)?.connected === false);
    expect(told.at(-1)).toMatchObject({ lastSeen: expect.any(Number) as number, lag: null });
    await client.dispose();
  });

  it("tells live which join strings and read tokens were made, used and revoked, without their text", async () => {
    const client = app.socket({ connectionParams: { authorization: `Bearer ${app.adminToken}` } });
    const connected = new Promise<void>((resolve) => client.on("connected", () => resolve()));
    const told: Record<string, unknown>[] = [];
    for (const field of [
      "joinStrings { tokenID name usedBy revokedAt join }",
      "readTokens { tokenID revokedAt token }",
    ]) {
      client.subscribe<Record<string, Record<string, unknown>>>(
        { query: `subscription { ${field} }` },
        { ...IGNORE, next: ({ data }) => void (data && told.push(...Object.values(data))) },
      );
    }
    await connected;
    const made = async (mutation: string): Promise<Record<string, string>> =>
      Object.values((await app.operate(`mutation { ${mutation} }`)).data ?? {})[0] as Record<string, string>;
    // The stream tells what changes from its beginning on, and nothing says when that was.
    const heard = await waitFor(
      async () => {
        const { tokenID } = await made('createJoinString(name: "live") { tokenID }');
        return (await waitFor(() => told.find((one) => one["tokenID"] === tokenID), { timeoutMs: 3_000 })) && tokenID;
      },
      { timeoutMs: 25_000 },
    );
    expect(told.at(-1)).toMatchObject({ name: "live", usedBy: null, revokedAt: null, join: null });
    await app.operate(`mutation { revokeToken(tokenID: "${heard}") }`);
    await waitFor(() => told.some((one) => one["tokenID"] === heard && one["revokedAt"] !== null));
    const joining = await made("createJoinString { tokenID join }");
    const newcomer = new MemberClient(app, await createCluster());
    await newcomer.enrol(joining["join"]);
    await waitFor(() => told.some((one) => one["usedBy"] === newcomer.cluster.fingerprint));
    const { tokenID } = await made("createReadToken { tokenID }");
    await waitFor(() => told.some((one) => one["tokenID"] === tokenID && one["token"] === null));
    await client.dispose();
  });

  it("finds members by standing and text, page by page", async () => {
    const other = new MemberClient(app, await createCluster());
    await other.enrol();
    await app.operate(`mutation { revokeCluster(fingerprint: "${other.cluster.fingerprint}") { status } }`);
    expect((await members("(status: REVOKED)")).map(({ fingerprint }) => fingerprint)).toEqual([
      other.cluster.fingerprint,
    ]);
    const { fingerprint } = member.cluster;
    expect(await members(`(text: "${fingerprint.slice(3, 20).toUpperCase()}")`)).toMatchObject([{ fingerprint }]);
    expect(await members('(text: "%")')).toEqual([]);
    const [first] = await members("(first: 1)");
    expect(await members(`(first: 1, after: "${first?.fingerprint ?? ""}")`)).toHaveLength(1);
    expect((await app.operate("{ members(first: 201) { fingerprint } }")).code).toBe("LIMIT_EXCEEDED");
  });

  it("shows who signed two different documents with one number", async () => {
    for (const [n, rev] of [1, 2].entries()) {
      await member.publish(await member.cluster.offer({ offerID: "twice", description: "one" }, { rev: 100 + rev }));
      const [second] = await member.publish(
        await member.cluster.offer({ offerID: "twice", description: "two" }, { rev: 100 + rev }),
      );
      expect([n, second?.code]).toEqual([n, "DOCUMENT_EQUIVOCATION"]);
    }
    const page = async (args: string) =>
      (
        await app.operate(
          `{ equivocations${args} { equivocationID fingerprint kind offerID number first second seenAt } }`,
        )
      ).data?.["equivocations"] as { equivocationID: string; number: number }[];
    const all = await page("");
    expect(all).toMatchObject([
      { fingerprint: member.cluster.fingerprint, kind: "OFFER", offerID: "twice", number: 102 },
      { number: 101 },
    ]);
    expect(await page(`(first: 1, after: "${all[0]?.equivocationID ?? ""}")`)).toEqual([all[1]]);
  });
});
