import { CatalogError } from "@catalog/schema/errors";
import { GraphQLInt, GraphQLList, GraphQLNonNull, GraphQLObjectType, GraphQLSchema, GraphQLString } from "graphql";
import { silentLog } from "../log.js";
import { createGraphqlListener } from "./graphql-listener.js";
import { DEFAULT_LIMITS, type ListenerLimits, type ListenerOptions, type RequestContext } from "./listener-options.js";
import { Labels, Money, ResourceList, Timestamp } from "./scalars.js";

/** Who asks in these tests: the text of the bearer token, or nobody. */
export interface TestViewer {
  readonly name: string;
}
export type TestContext = RequestContext<TestViewer>;
export type TestOptions = ListenerOptions<TestViewer, TestContext>;

const node: GraphQLObjectType = new GraphQLObjectType({
  name: "Node",
  fields: () => ({ self: { type: node, resolve: () => ({}) }, name: { type: GraphQLString, resolve: () => "node" } }),
});

async function* countTo(n: number): AsyncGenerator<{ count: number }> {
  for (let count = 1; count <= n; count += 1) yield { count };
}

/** Runs until its consumer ends it. */
function forever(): AsyncGenerator<{ forever: number }> {
  let wake: () => void = () => undefined;
  const end = new Promise<void>((resolve) => (wake = resolve));
  const finish = async (): Promise<IteratorResult<{ forever: number }, undefined>> => {
    wake();
    await end;
    return { done: true, value: undefined };
  };
  return {
    next: () => end.then(finish),
    return: finish,
    throw: finish,
    [Symbol.asyncIterator]() {
      return this;
    },
  };
}

function fail(kind: string): never {
  if (kind === "known") throw new CatalogError("OFFER_NOT_FOUND", "there is no offer o1", { offerID: "o1" });
  if (kind === "unauthenticated") throw new CatalogError("UNAUTHENTICATED", "say who you are");
  if (kind === "database") throw Object.assign(new Error("connect ECONNREFUSED secret-host"), { code: "ECONNREFUSED" });
  throw new Error("password=hunter2 in SELECT * FROM secrets");
}

/** A schema that shows every behaviour of the endpoint. */
export const testSchema = new GraphQLSchema({
  query: new GraphQLObjectType<unknown, TestContext>({
    name: "Query",
    fields: {
      hello: { type: GraphQLString, resolve: (_source, _args, context) => `hello ${context.viewer.name}` },
      node: { type: node, resolve: () => ({}) },
      nodes: { type: new GraphQLList(node), args: { first: { type: GraphQLInt } }, resolve: () => [] },
      fail: {
        type: GraphQLString,
        args: { kind: { type: new GraphQLNonNull(GraphQLString) } },
        resolve: (_s, { kind }) => fail(kind as string),
      },
      failNonNull: {
        type: new GraphQLNonNull(GraphQLString),
        args: { kind: { type: new GraphQLNonNull(GraphQLString) } },
        resolve: (_s, { kind }) => fail(kind as string),
      },
      timestamp: { type: Timestamp, args: { value: { type: Timestamp } }, resolve: (_s, { value }) => value as number },
      money: { type: Money, args: { value: { type: Money } }, resolve: (_s, { value }) => value as number },
      resources: {
        type: ResourceList,
        args: { value: { type: ResourceList } },
        resolve: (_s, { value }) => value as object,
      },
      labels: { type: Labels, args: { value: { type: Labels } }, resolve: (_s, { value }) => value as object },
    },
  }),
  mutation: new GraphQLObjectType({
    name: "Mutation",
    fields: { change: { type: GraphQLString, resolve: () => "changed" } },
  }),
  subscription: new GraphQLObjectType({
    name: "Subscription",
    fields: {
      count: {
        type: GraphQLInt,
        args: { to: { type: new GraphQLNonNull(GraphQLInt) } },
        subscribe: (_s, { to }) => countTo(to as number),
      },
      forever: { type: GraphQLInt, subscribe: forever },
      catalog: {
        type: GraphQLString,
        args: { since: { type: GraphQLString, defaultValue: "start" } },
        subscribe: () => countTo(0),
      },
      broken: {
        type: GraphQLInt,
        args: { kind: { type: GraphQLString } },
        subscribe: (_s, { kind }) => fail(kind as string),
      },
    },
  }),
});

/** The token as `Bearer …`, in a header or in connection_init. "bad" is refused as a stranger's, "away" as by a lost database. */
export function authenticateByName(request: Parameters<TestOptions["authenticate"]>[0]): Promise<TestViewer> {
  const given = request.connectionParams?.["authorization"] ?? request.headers.authorization;
  const name = typeof given === "string" ? given.replace(/^Bearer /, "") : "nobody";
  if (name === "bad") return Promise.reject(new CatalogError("UNAUTHENTICATED", "the token is not valid"));
  if (name === "stranger") return Promise.reject(new CatalogError("NOT_A_MEMBER", "not a member"));
  if (name === "skewed")
    return Promise.reject(new CatalogError("CLOCK_SKEW", "clocks differ", { serverTime: 1_700_000_000 }));
  if (name === "away")
    return Promise.reject(Object.assign(new Error("connect ECONNREFUSED"), { code: "ECONNREFUSED" }));
  return Promise.resolve({ name });
}

/** A listening endpoint on a free port of loopback. */
export async function startListener(options: Partial<TestOptions> = {}, limits: Partial<ListenerLimits> = {}) {
  const listener = createGraphqlListener<TestViewer, TestContext>({
    schema: testSchema,
    host: "127.0.0.1",
    port: 0,
    log: silentLog(),
    limits: { ...DEFAULT_LIMITS, ...limits },
    authenticate: authenticateByName,
    context: (request) => request,
    ...options,
  });
  const address = await listener.listen();
  return {
    listener,
    url: `${address.url}/graphql`,
    socketUrl: `${address.url.replace("http", "ws")}/graphql`,
    port: address.port,
  };
}
