import { CATALOG_SUBSCRIPTION } from "@catalog/schema/feed";
import { waitFor } from "@catalog/server/testing/wait-for";
import type { Client, ClientOptions } from "graphql-ws";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";

import { startBrokerApp, type BrokerApp } from "../testing/broker-app.js";
import { createCluster } from "../testing/cluster-fixture.js";
import { MemberClient } from "../testing/member-client.js";

interface Change {
  readonly revision: number;
  readonly op: string;
  readonly kind: string;
  readonly clusterID: string;
  readonly offerID: string | null;
  readonly jws: string | null;
  readonly offer?: {
    readonly offerName: string;
    readonly plans: readonly { readonly planID: string; readonly available: number }[];
  } | null;
  readonly cluster?: { readonly clusterPrettyName: string; readonly status: string } | null;
}
interface Event {
  readonly type: string;
  readonly cursor: string;
  readonly changes: readonly Change[];
}

const READABLE = `subscription ($since: String, $filter: OfferFilter) { catalog(since: $since, filter: $filter) {
  type cursor changes { revision op kind clusterID offerID staleSince jws cluster { clusterPrettyName status } offer { offerName plans { planID available } } } } }`;

/** What one subscription of a stock client has received, and how its socket ended. */
class Follower {
  readonly events: Event[] = [];
  readonly errors: string[] = [];
  readonly client: Client;
  closed: { code: number; reason: string } | undefined;
  private readonly end: () => void;

  constructor(
    app: BrokerApp,
    options: Partial<ClientOptions>,
    variables: Record<string, unknown> = {},
    query = READABLE,
  ) {
    this.client = app.socket(options);
    this.client.on("closed", (event) => (this.closed = event as { code: number; reason: string }));
    this.end = this.client.subscribe<{ catalog: Event }>(
      { query, variables },
      {
        next: ({ data, errors }) => {
          if (data) this.events.push(data.catalog);
          this.errors.push(...codesOf(errors));
        },
        error: (error) => this.errors.push(...codesOf(error)),
        complete: () => undefined,
      },
    );
  }

  get types(): string[] {
    return this.events.map(({ type }) => type).filter((type) => type !== "HEARTBEAT");
  }

  get changes(): readonly Change[] {
    return this.events.flatMap(({ changes }) => changes);
  }

  get cursor(): string | undefined {
    return this.events.at(-1)?.cursor;
  }

  async stop(): Promise<void> {
    this.end();
    await this.client.dispose();
  }
}

function codesOf(errors: unknown): string[] {
  return Array.isArray(errors)
    ? (errors as { extensions: { code: string } }[]).map(({ extensions }) => extensions.code)
    : [];
}

let app: BrokerApp;
let turin: MemberClient;
const followers: Follower[] = [];

beforeAll(async () => {
  app = await startBrokerApp({ ENROLMENT_MODE: "open", FEED_HEARTBEAT: "300ms" });
  await app.broker.established;
  turin = new MemberClient(app, await createCluster({ clusterID: "turin", clusterPrettyName: "Turin" }));
  await turin.enrol();
  await turin.publish(await turin.cluster.offer({ offerID: "first", offerName: "First" }));
});
afterEach(async () => {
  await Promise.all(followers.splice(0).map((follower) => follower.stop()));
});
afterAll(() => app.stop());

function follow(options: Partial<ClientOptions>, variables?: Record<string, unknown>, query?: string): Follower {
  const follower = new Follower(app, options, variables, query);
  followers.push(follower);
  return follower;
}
const asMember = (client = turin): Partial<ClientOptions> => ({ connectionParams: () => client.connectionParams() });
const asOperator = (): Partial<ClientOptions> => ({ connectionParams: { authorization: `Bearer ${app.adminToken}` } });
const synced = (follower: Follower) => waitFor(() => follower.types.includes("SYNCED"), { what: "SYNCED" });

describe("the feed over a WebSocket", () => {
  it("sends everything, then what changes, to a stock client", async () => {
    const follower = follow(asMember());
    await synced(follower);
    expect(follower.types).toEqual(["RESET", "ITEMS", "SYNCED"]);
    const [cluster, offer] = follower.changes;
    expect(cluster).toMatchObject({
      op: "UPSERT",
      kind: "CLUSTER",
      clusterID: "turin",
      offerID: null,
      offer: null,
      cluster: { clusterPrettyName: "Turin", status: "ADMITTED" },
    });
    expect(offer).toMatchObject({
      op: "UPSERT",
      kind: "OFFER",
      offerID: "first",
      cluster: null,
      offer: { offerName: "First", plans: [{ planID: "small", available: 4 }] },
    });

    const jws = await turin.cluster.offer({ offerID: "first", offerName: "Renamed" }, { stock: { small: 1 } });
    await turin.publish(jws);
    await waitFor(() => follower.changes.length === 3, { what: "the change" });
    expect(follower.changes[2]).toMatchObject({
      op: "UPSERT",
      jws,
      offer: { offerName: "Renamed", plans: [{ available: 1 }] },
    });
    expect(follower.changes[2]?.revision).toBe((offer?.revision ?? 0) + 1);
    await waitFor(() => follower.events.at(-1)?.type === "HEARTBEAT", { what: "a heartbeat" });
  });

  it("goes on from a cursor, and tells a filter's reader what no longer fits", async () => {
    const filter = { text: "renamed" };
    const first = follow(asOperator(), { filter });
    await synced(first);
    expect(first.changes.filter(({ kind }) => kind === "OFFER").map(({ offerID }) => offerID)).toEqual(["first"]);
    await turin.publish(await turin.cluster.offer({ offerID: "first", offerName: "Again" }));
    await waitFor(() => first.changes.some(({ op }) => op === "REMOVE"), { what: "the removal" });
    const since = first.cursor;
    await turin.publish(await turin.cluster.offer({ offerID: "second", offerName: "Renamed too" }));
    const next = follow(asOperator(), { since, filter });
    await synced(next);
    expect(next.types).toEqual(["ITEMS", "SYNCED"]);
    expect(next.changes.map(({ op, offerID }) => [op, offerID])).toEqual([["UPSERT", "second"]]);
    const other = follow(asOperator(), { since });
    await synced(other);
    expect(other.types[0]).toBe("RESET");
  });

  it("sends Connectors the documents alone", async () => {
    const follower = follow(asMember(), {}, CATALOG_SUBSCRIPTION);
    await synced(follower);
    expect(follower.changes.find(({ kind }) => kind === "CLUSTER")).toEqual({
      revision: expect.any(Number),
      op: "UPSERT",
      kind: "CLUSTER",
      fingerprint: turin.cluster.fingerprint,
      clusterID: "turin",
      offerID: null,
      staleSince: null,
      jws: turin.cluster.descriptor,
    });
  });

  it("begins anew when the operator resynchronises", async () => {
    const follower = follow(asMember());
    await synced(follower);
    expect((await app.operate("mutation { resynchroniseMembers }")).data).toEqual({ resynchroniseMembers: true });
    await waitFor(() => follower.types.filter((type) => type === "RESET").length === 2, { what: "RESET" });
  });

  it("refuses cursors and filters that are not valid", async () => {
    const cursor = follow(asOperator(), { since: "forged" });
    const filter = follow(asOperator(), { filter: { currency: "XXQ" } });
    await waitFor(() => cursor.errors.length > 0 && filter.errors.length > 0);
    expect([cursor.errors, filter.errors]).toEqual([["CURSOR_INVALID"], ["BAD_USER_INPUT"]]);
  });
});

describe("who may follow the feed", () => {
  it("is refused to nobody in particular, with the same code as over HTTP", async () => {
    const follower = follow({});
    await waitFor(() => follower.errors.length > 0);
    expect(follower.errors).toEqual(["UNAUTHENTICATED"]);
    expect((await app.ask("{ offers { totalCount } }")).code).toBe("UNAUTHENTICATED");
  });

  it.each<[string, number, () => Promise<Record<string, unknown>>]>([
    ["PROOF_REPLAYED", 4401, replayed],
    ["PROOF_TARGET_MISMATCH", 4401, async () => ({ proof: await turin.proof("") })],
    ["PROOF_BODY_MISMATCH", 4401, async () => ({ proof: await turin.proof("x", { method: "GET" }) })],
    ["CLOCK_SKEW", 4401, async () => ({ proof: await turin.proof("", { method: "GET", now: 1_700_000_000 }) })],
    ["NOT_A_MEMBER", 4403, async () => new MemberClient(app, await createCluster()).connectionParams()],
    ["NOT_A_MEMBER", 4403, introduced],
    ["UNAUTHENTICATED", 4401, () => Promise.resolve({ authorization: "Bearer nothing" })],
  ])("refuses a socket with %s", async (code, closeCode, connectionParams) => {
    const follower = follow({ connectionParams });
    await waitFor(() => follower.closed !== undefined);
    expect(follower.closed).toMatchObject({ code: closeCode, reason: expect.stringMatching(new RegExp(`^${code}`)) });
    expect(follower.events).toEqual([]);
  });

  it("lets a member subscribe and query, never change anything", async () => {
    const client = app.socket(asMember());
    const run = async (query: string): Promise<unknown> => {
      for await (const { data } of client.iterate({ query })) return data;
      return undefined;
    };
    expect(await run("{ viewer { kind } }")).toEqual({ viewer: { kind: "MEMBER" } });
    const refused = [expect.objectContaining({ extensions: expect.objectContaining({ code: "FORBIDDEN" }) })];
    await expect(run("mutation { leave }")).rejects.toEqual(refused);
    await expect(run("mutation { publishOffers(documents: []) { results { rev } } }")).rejects.toEqual(refused);
    await client.dispose();
  });

  it("lets the operator change things over a socket as over HTTP", async () => {
    const client = app.socket(asOperator());
    const run = async (query: string): Promise<unknown> => {
      for await (const { data } of client.iterate({ query })) return data;
      return undefined;
    };
    expect(await run("mutation { resynchroniseMembers }")).toEqual({ resynchroniseMembers: true });
    await client.dispose();
  });

  it("ends the sockets of a revoked member and of a revoked token at once", async () => {
    const member = new MemberClient(app, await createCluster());
    await member.enrol();
    const { data } = await app.operate("mutation { createReadToken { token tokenID } }");
    const { token, tokenID } = data?.["createReadToken"] as { token: string; tokenID: string };
    const [ofMember, ofReader, ofTurin] = [
      follow(asMember(member)),
      follow({ connectionParams: { authorization: `Bearer ${token}` } }),
      follow(asMember()),
    ];
    await Promise.all([ofMember, ofReader, ofTurin].map(synced));
    await app.operate(
      "mutation ($fingerprint: ID!) { revokeCluster(fingerprint: $fingerprint) { status } }",
      member.cluster,
    );
    await app.operate("mutation ($tokenID: ID!) { revokeToken(tokenID: $tokenID) }", { tokenID });
    await waitFor(() => ofMember.closed !== undefined && ofReader.closed !== undefined);
    expect([ofMember.closed?.code, ofReader.closed?.code, ofTurin.closed]).toEqual([4403, 4403, undefined]);
    await waitFor(() =>
      ofTurin.changes.some(
        ({ op, kind, clusterID }) => op === "REMOVE" && kind === "CLUSTER" && clusterID === member.cluster.clusterID,
      ),
    );
  });

  it("allows a member four sockets at once", async () => {
    const member = new MemberClient(app, await createCluster());
    await member.enrol();
    const allowed = Array.from({ length: 4 }, () => follow(asMember(member)));
    await Promise.all(allowed.map(synced));
    const fifth = follow(asMember(member));
    await waitFor(() => fifth.closed !== undefined);
    expect(fifth.closed).toMatchObject({ code: 4429 });
  });

  it("allows a member eight subscriptions at once, over all its sockets", async () => {
    const member = new MemberClient(app, await createCluster());
    await member.enrol();
    const refused: string[] = [];
    const begun = new Set<number>();
    const clients = [app.socket(asMember(member)), app.socket(asMember(member))];
    const ends = Array.from({ length: 10 }, (_, n) =>
      clients[n % 2]?.subscribe(
        { query: READABLE },
        {
          next: ({ errors }) => (errors === undefined ? begun.add(n) : refused.push(...codesOf(errors))),
          error: () => undefined,
          complete: () => undefined,
        },
      ),
    );
    await waitFor(() => begun.size + refused.length === 10, { what: "an answer to each" });
    expect([begun.size, refused]).toEqual([8, ["LIMIT_EXCEEDED", "LIMIT_EXCEEDED"]]);
    ends.forEach((end) => end?.());
    await waitFor(async () => {
      const again = follow(asMember(member));
      await waitFor(() => again.types.includes("SYNCED") || again.errors.length > 0);
      return again.errors.length === 0;
    });
    for (const client of clients) await client.dispose();
  });
});

async function replayed(): Promise<Record<string, unknown>> {
  const params = await turin.connectionParams();
  const first = follow({ connectionParams: params });
  await synced(first);
  return params;
}

async function introduced(): Promise<Record<string, unknown>> {
  const cluster = await createCluster();
  return { ...(await new MemberClient(app, cluster).connectionParams()), descriptor: cluster.descriptor };
}
