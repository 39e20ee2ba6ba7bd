import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";

import type { Offer } from "@catalog/schema/offer";
import * as operations from "@catalog/schema/operations";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { startBrokerApp, type BrokerApp } from "../testing/broker-app.js";
import { createCluster, sampleOffer } from "../testing/cluster-fixture.js";
import { MemberClient } from "../testing/member-client.js";

const FILTERED = "query ($filter: OfferFilter) { offers(filter: $filter) { totalCount } }";

let app: BrokerApp;
let turin: MemberClient;
let milan: MemberClient;
beforeAll(async () => {
  app = await startBrokerApp({ ENROLMENT_MODE: "open", PROBE_DURATION: "500ms", PROBE_INTERVAL: "1h" });
  await app.broker.established;
  turin = new MemberClient(
    app,
    await createCluster({ clusterID: "turin", clusterName: "turin", clusterPrettyName: "Turin" }),
  );
  milan = new MemberClient(
    app,
    await createCluster({ clusterID: "milan", clusterName: "milan", clusterPrettyName: "Milan" }),
  );
  await turin.enrol();
  await milan.enrol();
});
afterAll(() => app.stop());

const codes = (outcomes: readonly operations.DocumentOutcome[]) =>
  outcomes.map((outcome) => outcome.code ?? "accepted");
const codeOf = (expected: string) => expect.objectContaining({ code: expected });
const listed = async (filter: object = {}): Promise<unknown[]> => {
  const { data } = await app.operate(
    "query ($filter: OfferFilter) { offers(filter: $filter) { nodes { clusterID offerID } } }",
    { filter },
  );
  return (data?.["offers"] as { nodes: unknown[] }).nodes;
};

describe("what members publish", () => {
  it("is read back field by field", async () => {
    const jws = await turin.cluster.offer({ offerID: "general" }, { rev: 1_700_000_000_000, stock: { small: 3 } });
    expect(codes(await turin.publish(jws))).toEqual(["accepted"]);
    const plan = "plans { planID planName planCost planCostCurrency planCostPeriod planQuantity available resources }";
    const fields = `offerID offerName offerType description clusterPrettyName created status labels approval capacity noticePeriod minDuration
      fingerprint clusterID clusterName rev termsRev staleSince jws ${plan}`;
    const expected = {
      ...sampleOffer("Turin"),
      offerID: "general",
      plans: sampleOffer("Turin").plans.map((one) => ({ ...one, available: 3 })),
      fingerprint: turin.cluster.fingerprint,
      clusterID: "turin",
      clusterName: "turin",
      rev: 1_700_000_000_000,
      termsRev: 1_700_000_000_000,
      staleSince: null,
      jws,
    };
    const { data } = await app.operate(`{
      offer(clusterID: "turin", offerID: "general") { ${fields} }
      offers(filter: { text: "general purp" }) { edges { cursor node { ${fields} } } nodes { offerID } pageInfo { hasNextPage endCursor } totalCount }
      catalog { clusterName clusterID fingerprint endpoint token clusterContractEndpoint created staleSince offers { ${fields} } }
      clusters { fingerprint clusterID clusterPrettyName status seq liqo { mode version } jws }
    }`);
    expect(data?.["offer"]).toEqual(expected);
    const offers = data?.["offers"] as { edges: { cursor: string; node: unknown }[]; pageInfo: unknown };
    expect(offers.edges.map(({ node }) => node)).toEqual([expected]);
    expect(offers).toMatchObject({
      nodes: [{ offerID: "general" }],
      totalCount: 1,
      pageInfo: { hasNextPage: false, endCursor: offers.edges[0]?.cursor },
    });
    expect(data?.["catalog"]).toEqual([
      {
        clusterName: "turin",
        clusterID: "turin",
        fingerprint: turin.cluster.fingerprint,
        endpoint: "https://auth.example.org",
        token: null,
        clusterContractEndpoint: "https://connector.example.org/graphql",
        created: expect.any(Number),
        staleSince: null,
        offers: [expected],
      },
    ]);
    expect(data?.["clusters"]).toHaveLength(2);
    expect(data?.["clusters"]).toContainEqual(
      expect.objectContaining({
        clusterID: "milan",
        status: "ADMITTED",
        liqo: { mode: "manual", version: null },
        jws: milan.cluster.descriptor,
      }),
    );
  });

  it("leaves out the own cluster unless asked for", async () => {
    const own = async (client: MemberClient, args: string) =>
      (await client.call<{ catalog: unknown[] }>(`{ catalog${args} { clusterID } }`)).catalog;
    expect(await own(milan, "")).toEqual([{ clusterID: "turin" }]);
    expect(await own(turin, "")).toEqual([]);
    expect(await own(turin, "(includeOwn: true)")).toEqual([{ clusterID: "turin" }]);
  });

  it("is refused document by document, and the rest is taken", async () => {
    const rev = Date.now();
    const newest = await turin.cluster.offer({ offerID: "numbered" }, { rev });
    expect(codes(await turin.publish(newest))).toEqual(["accepted"]);
    const outcomes = await turin.publish(
      await turin.cluster.offer({ offerID: "numbered" }, { rev: rev - 1 }),
      await turin.cluster.offer({ offerID: "numbered", offerName: "Other" }, { rev }),
      newest,
      await milan.cluster.offer({ offerID: "theirs" }),
      await turin.cluster.offer({ offerID: "future" }, { rev: Date.now() + 3_600_000 }),
      await turin.cluster.offer({ offerID: "duplicate", plans: twice(sampleOffer("Turin")) }),
      await turin.cluster.offer({
        offerID: "negative",
        plans: sampleOffer("Turin").plans.map((one) => ({ ...one, resources: { cpu: "-1" } })),
      }),
      await turin.cluster.offer({ offerID: "large", description: "x".repeat(40_000) }),
      await turin.cluster.withdrawal("numbered"),
      "nonsense",
      await turin.cluster.offer({ offerID: "good" }),
    );
    expect(codes(outcomes)).toEqual([
      "DOCUMENT_OUTDATED",
      "DOCUMENT_EQUIVOCATION",
      "accepted",
      "DOCUMENT_NOT_YOURS",
      "NUMBER_AHEAD",
      "DOCUMENT_INVALID",
      "DOCUMENT_INVALID",
      "DOCUMENT_TOO_LARGE",
      "DOCUMENT_INVALID",
      "DOCUMENT_INVALID",
      "accepted",
    ]);
    expect(outcomes[0]).toMatchObject({ offerID: "numbered", rev: rev - 1, higher: newest });
    expect(await listed({ clusterIDs: ["turin"] })).toHaveLength(3);
    expect(await listed({ clusterIDs: ["milan"] })).toEqual([]);
  });

  it("is withdrawn by its issuer only", async () => {
    await turin.publish(await turin.cluster.offer({ offerID: "passing" }));
    expect(codes(await milan.withdraw(await turin.cluster.withdrawal("passing", Date.now() + 1)))).toEqual([
      "DOCUMENT_NOT_YOURS",
    ]);
    expect(await listed({ clusterIDs: ["turin"] })).toContainEqual({ clusterID: "turin", offerID: "passing" });
    expect(codes(await turin.withdraw(await turin.cluster.withdrawal("passing", Date.now() + 1)))).toEqual([
      "accepted",
    ]);
    expect(await app.operate(`{ offer(clusterID: "turin", offerID: "passing") { offerID } }`)).toMatchObject({
      code: "OFFER_NOT_FOUND",
      data: { offer: null },
    });
  });

  it("is compared with what an announcement lists", async () => {
    const kept = await milan.cluster.offer({ offerID: "kept" });
    await milan.publish(kept, await milan.cluster.offer({ offerID: "gone" }));
    const announced = await milan.call<operations.AnnounceResult>(operations.ANNOUNCE, {
      descriptor: await milan.cluster.describe({ clusterPrettyName: "Milano" }),
      asOf: Date.now() + 1000,
      offers: [
        { offerID: "kept", rev: 1, digest: "A".repeat(43) },
        { offerID: "missing", rev: 1, digest: "A".repeat(43) },
      ],
    });
    expect(announced.announce).toMatchObject({ need: ["missing"], dropped: ["gone"], descriptorAccepted: true });
    expect(announced.announce.higher).toContain(kept);
    expect(await listed({ clusterIDs: ["milan"] })).toEqual([{ clusterID: "milan", offerID: "kept" }]);
  });
});

describe("a page", () => {
  it("may be as long as allowed and name every field", async () => {
    const plan = "plans { planID planName planCost planCostCurrency planCostPeriod planQuantity available resources }";
    const offer = `offerID offerName offerType description clusterPrettyName created status labels approval capacity noticePeriod minDuration
      fingerprint clusterID clusterName rev termsRev staleSince jws ${plan}`;
    const connection = `edges { cursor node { ${offer} } } nodes { ${offer} } pageInfo { hasNextPage endCursor } totalCount`;
    expect(
      (
        await app.operate(
          `{ offers(first: 200) { ${connection} } catalog(first: 200) { clusterID offers { ${offer} } } }`,
        )
      ).code,
    ).toBeUndefined();
  });

  it("is followed by the next until all are read", async () => {
    const seen: string[] = [];
    let after: string | null = null;
    do {
      const { data }: { data?: unknown } = await app.operate(
        "query ($after: String) { offers(first: 2, orderBy: CREATED_DESC, after: $after) { nodes { clusterID offerID } pageInfo { hasNextPage endCursor } totalCount } }",
        { after },
      );
      const page = (
        data as {
          offers: {
            nodes: { clusterID: string; offerID: string }[];
            pageInfo: { hasNextPage: boolean; endCursor: string };
          };
        }
      ).offers;
      seen.push(...page.nodes.map(({ clusterID, offerID }) => `${clusterID}/${offerID}`));
      after = page.pageInfo.hasNextPage ? page.pageInfo.endCursor : null;
    } while (after !== null);
    expect(new Set(seen).size).toBe(seen.length);
    expect(seen.length).toBe((await listed()).length);
  });
});

describe("input that is not valid", () => {
  it.each<[string, string, string, object?]>([
    ["a page that is too long", "{ offers(first: 201) { totalCount } }", "LIMIT_EXCEEDED"],
    ["an empty page", "{ offers(first: 0) { totalCount } }", "BAD_USER_INPUT"],
    ["a negative page", "{ catalog(first: -5) { clusterID } }", "BAD_USER_INPUT"],
    ["a page of clusters that is too long", "{ clusters(first: 1000) { clusterID } }", "LIMIT_EXCEEDED"],
    ["a cursor of nobody", '{ offers(after: "nonsense") { totalCount } }', "CURSOR_INVALID"],
    ["an unknown offer", '{ offer(clusterID: "turin", offerID: "none") { offerID } }', "OFFER_NOT_FOUND"],
    [
      "an id with a NUL",
      "query ($id: ID!) { offer(clusterID: $id, offerID: $id) { offerID } }",
      "OFFER_NOT_FOUND",
      { id: "a\0b" },
    ],
    [
      "a filter with too many clusters",
      FILTERED,
      "BAD_USER_INPUT",
      { filter: { clusterIDs: Array.from({ length: 101 }, (_, i) => `c${i}`) } },
    ],
    ["a currency that is none", FILTERED, "BAD_USER_INPUT", { filter: { currency: "XXQ" } }],
    ["a negative quantity", FILTERED, "BAD_USER_INPUT", { filter: { minResources: { cpu: "-1" } } }],
    [
      "a price with 7 decimals",
      FILTERED,
      "BAD_USER_INPUT",
      { filter: { maxCost: { amount: 0.0000001, currency: "EUR", period: "hour" } } },
    ],
    ["a wrong type", FILTERED, "BAD_USER_INPUT", { filter: { text: 5 } }],
    ["an unknown field of the input", FILTERED, "BAD_USER_INPUT", { filter: { colour: "red" } }],
    ["an unknown field", "{ secrets }", "GRAPHQL_VALIDATION_FAILED"],
    ["no GraphQL", "{ offers", "GRAPHQL_PARSE_FAILED"],
    ["a token id with a NUL", "mutation ($id: ID!) { revokeToken(tokenID: $id) }", "NOT_FOUND", { id: "a\0bc" }],
    [
      "a fingerprint with a NUL",
      "mutation ($id: ID!) { approveCluster(fingerprint: $id) { status } }",
      "CLUSTER_NOT_FOUND",
      { id: "a\0b" },
    ],
    [
      "a challenge for nobody",
      "mutation ($id: ID!) { challenge(fingerprint: $id) }",
      "BAD_USER_INPUT",
      { id: "x".repeat(100_000) },
    ],
    [
      "a name with a NUL",
      "mutation ($name: String) { createReadToken(name: $name) { token } }",
      "BAD_USER_INPUT",
      { name: "a\0b" },
    ],
    ["a place with a NUL", "query ($id: ID) { catalog(after: $id) { clusterID } }", "BAD_USER_INPUT", { id: "a\0b" }],
    ["a text with a NUL", FILTERED, "BAD_USER_INPUT", { filter: { text: "a\0b" } }],
    ["a type with a NUL", FILTERED, "BAD_USER_INPUT", { filter: { offerType: "a\0b" } }],
    ["a label with a NUL", FILTERED, "BAD_USER_INPUT", { filter: { labels: { region: "a\0b" } } }],
    ["a token that does not exist", 'mutation { revokeToken(tokenID: "none") }', "NOT_FOUND"],
    ["an expiry in the past", "mutation { createReadToken(expiresAt: 5) { token } }", "BAD_USER_INPUT"],
    [
      "an endless name",
      "mutation ($name: String) { createJoinString(name: $name) { join } }",
      "BAD_USER_INPUT",
      { name: "n".repeat(101) },
    ],
  ])("is refused: %s", async (_, query, code, variables) => {
    const answer = await app.operate(query, variables);
    expect(answer.code).toBe(code);
    expect(answer.errors[0]?.message).not.toMatch(/SELECT|stack|node_modules/);
  });

  it.each<[string, string, string, object]>([
    [
      "an offer id with a NUL",
      operations.ANNOUNCE,
      "BAD_USER_INPUT",
      { asOf: 1, offers: [{ offerID: "a\0b", rev: 1, digest: "x" }] },
    ],
    [
      "an offer named twice",
      operations.ANNOUNCE,
      "BAD_USER_INPUT",
      { asOf: 1, offers: [1, 2].map((rev) => ({ offerID: "a", rev, digest: "x" })) },
    ],
    ["a negative number", operations.ANNOUNCE, "BAD_USER_INPUT", { asOf: -1, offers: [] }],
    ["a number beyond 2^53", operations.ANNOUNCE, "BAD_USER_INPUT", { asOf: 2 ** 53, offers: [] }],
    [
      "more offers than a member may have",
      operations.ANNOUNCE,
      "LIMIT_EXCEEDED",
      { asOf: 1, offers: Array.from({ length: 201 }, (_, i) => ({ offerID: `o${i}`, rev: 1, digest: "x" })) },
    ],
    [
      "too many documents",
      operations.PUBLISH_OFFERS,
      "LIMIT_EXCEEDED",
      { documents: Array.from({ length: 501 }, () => "x") },
    ],
    [
      "somebody else's descriptor",
      operations.ANNOUNCE,
      "DOCUMENT_NOT_YOURS",
      { asOf: 1, offers: [], descriptor: "milan" },
    ],
  ])("of a member is refused: %s", async (_, operation, code, { ...variables }) => {
    const { descriptor } = ("descriptor" in variables ? milan : turin).cluster;
    await expect(turin.call(operation, { ...variables, descriptor })).rejects.toEqual(codeOf(code));
  });

  it("is refused: a body beyond the limit", async () => {
    expect(
      await app.send(JSON.stringify({ query: "{ viewer { kind } }", padding: "x".repeat(300_000) })),
    ).toMatchObject({ status: 413, code: "BODY_TOO_LARGE" });
  });

  it("is refused: a cursor of another list", async () => {
    const { data } = await app.operate("{ offers(orderBy: NAME_ASC, first: 1) { pageInfo { endCursor } } }");
    const { endCursor } = (data?.["offers"] as { pageInfo: { endCursor: string } }).pageInfo;
    const next = (args: string) =>
      app.operate(`query ($after: String) { offers(first: 1, after: $after, ${args}) { totalCount } }`, {
        after: endCursor,
      });
    expect((await next("orderBy: NAME_ASC")).code).toBeUndefined();
    expect((await next("orderBy: COST_ASC")).code).toBe("CURSOR_INVALID");
    expect((await next('orderBy: NAME_ASC, filter: { text: "x" }')).code).toBe("CURSOR_INVALID");
  });
});

describe("who may do what over HTTP", () => {
  const READS = [
    "{ offers { totalCount } }",
    "{ catalog { clusterID } }",
    "{ clusters { clusterID } }",
    '{ offer(clusterID: "turin", offerID: "general") { offerID } }',
  ];
  const MEMBER = [
    "mutation { leave }",
    "mutation { publishOffers(documents: []) { results { rev } } }",
    "mutation { probeContractEndpoint { reachable } }",
  ];
  const OPERATOR = [
    "mutation { createJoinString { join } }",
    "mutation { createReadToken { token } }",
    'mutation { revokeToken(tokenID: "x") }',
    'mutation { approveCluster(fingerprint: "x") { status } }',
    'mutation { revokeCluster(fingerprint: "x") { status } }',
    "mutation { setEnrolmentMode(mode: TOKEN) }",
    "mutation { resynchroniseMembers }",
    "{ joinStrings { tokenID } }",
    "{ readTokens { tokenID } }",
    "{ clusters(status: PENDING) { clusterID } }",
  ];

  it("nobody in particular may read who the Broker is, and ask for a challenge", async () => {
    expect((await app.ask("{ broker { name url fingerprint } viewer { kind } }")).data).toEqual({
      broker: {
        name: "Catalog Broker",
        url: app.endpoint.replace("/graphql", ""),
        fingerprint: app.broker.fingerprint,
      },
      viewer: { kind: "ANONYMOUS" },
    });
    for (const query of [...READS, ...MEMBER, ...OPERATOR])
      expect((await app.ask(query)).code, query).toBe("UNAUTHENTICATED");
  });

  it("a holder of a read token may read", async () => {
    const { data } = await app.operate('mutation { createReadToken(name: "dashboard") { token tokenID } }');
    const { token, tokenID } = data?.["createReadToken"] as { token: string; tokenID: string };
    expect((await app.askAs(token, "{ viewer { kind name } }")).data).toEqual({
      viewer: { kind: "READER", name: "dashboard" },
    });
    for (const query of READS) expect((await app.askAs(token, query)).code, query).toBeUndefined();
    for (const query of [...MEMBER, ...OPERATOR]) expect((await app.askAs(token, query)).code, query).toBe("FORBIDDEN");
    expect((await app.operate("mutation ($id: ID!) { revokeToken(tokenID: $id) }", { id: tokenID })).data).toEqual({
      revokeToken: true,
    });
    expect((await app.askAs(token, "{ viewer { kind } }")).code).toBe("UNAUTHENTICATED");
  });

  it("only the operator sees clusters that are no members", async () => {
    const former = new MemberClient(app, await createCluster());
    await former.enrol();
    await former.call(operations.LEAVE);
    const query = "{ clusters { fingerprint status } }";
    const gone = { fingerprint: former.cluster.fingerprint, status: "LEFT" };
    expect((await app.operate(query)).data?.["clusters"]).toContainEqual(gone);
    const seen = (await turin.call<{ clusters: { status: string }[] }>(query)).clusters;
    expect(seen.map(({ status }) => status)).toEqual(["ADMITTED", "ADMITTED"]);
  });

  it("the operator may not act as a member, nor a member as the operator", async () => {
    for (const query of MEMBER) expect((await app.operate(query)).code, query).toBe("FORBIDDEN");
    for (const query of OPERATOR) expect((await turin.send(JSON.stringify({ query }))).code, query).toBe("FORBIDDEN");
    for (const query of READS) expect((await turin.send(JSON.stringify({ query }))).code, query).toBeUndefined();
  });

  it("everybody may read where the catalog is public", async () => {
    const open = await startBrokerApp({ CATALOG_READ: "public" });
    await open.broker.established;
    try {
      for (const query of READS.slice(0, 3)) expect((await open.ask(query)).code, query).toBeUndefined();
      for (const query of [...MEMBER, ...OPERATOR]) expect((await open.ask(query)).code, query).toBe("UNAUTHENTICATED");
    } finally {
      await open.stop();
    }
  });
});

describe("the probe of a contract endpoint", () => {
  const servers: Server[] = [];
  afterAll(() => servers.forEach((server) => server.close()));
  const serve = async (text: () => string): Promise<string> => {
    const server = createServer((_, response) => response.setHeader("content-type", "application/json").end(text()));
    servers.push(server);
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  };
  const probe = async (client: MemberClient) =>
    (await client.call<operations.ProbeResult>(operations.PROBE)).probeContractEndpoint;
  const joined = async (clusterContractEndpoint: string): Promise<MemberClient> => {
    const client = new MemberClient(app, await createCluster({ clusterContractEndpoint }));
    await client.enrol();
    return client;
  };
  const answering = async (descriptorOf: (client: MemberClient) => string): Promise<MemberClient> => {
    let descriptor = "";
    const client = await joined(await serve(() => JSON.stringify({ data: { descriptor } })));
    descriptor = descriptorOf(client);
    return client;
  };

  it("says yes for the own descriptor, and only once in a while", async () => {
    const client = await answering(({ cluster }) => cluster.descriptor);
    expect(await probe(client)).toEqual({ reachable: true, message: null });
    await expect(probe(client)).rejects.toEqual(codeOf("RATE_LIMITED"));
  });

  it("says no in the same words, whatever is wrong", async () => {
    const clients = [
      await answering(() => turin.cluster.descriptor),
      await answering(() => "nonsense"),
      await joined(await serve(() => "<html>")),
      await joined("http://127.0.0.1:1/graphql"),
      await joined("https://10.0.0.1/graphql"),
      await joined("http://169.254.169.254/graphql"),
    ];
    const answers = await Promise.all(clients.map(probe));
    expect(answers).toEqual(clients.map(() => answers[0]));
    expect(answers[0]).toMatchObject({ reachable: false, message: expect.stringContaining("firewall") });
  });

  it("goes to /graphql only", async () => {
    expect(await probe(await joined("http://127.0.0.1:1/admin"))).toEqual({
      reachable: false,
      message: "The announced contract endpoint must end in /graphql.",
    });
  });
});

function twice(offer: Offer): Offer["plans"] {
  return [...offer.plans, ...offer.plans];
}
