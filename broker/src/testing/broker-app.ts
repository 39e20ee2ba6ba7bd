import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { silentLog } from "@catalog/server/log";
import { freePort } from "@catalog/server/testing/free-port";
import { createTestDatabase } from "@catalog/server/testing/test-database";
import { createClient, type Client, type ClientOptions } from "graphql-ws";
import { WebSocket } from "ws";

import { startBroker, type Broker } from "../app.js";
import { readBrokerConfig } from "../config.js";
import { BROKER_MIGRATIONS } from "../storage/migrations.js";

/** The answer to a GraphQL request over HTTP. */
export interface Answer {
  readonly status: number;
  readonly data: Readonly<Record<string, unknown>> | null | undefined;
  /** Code of the first error. */
  readonly code: string | undefined;
  readonly errors: readonly { readonly message: string; readonly extensions: Readonly<Record<string, unknown>> }[];
}

/** A whole Broker on free ports of this machine. */
export interface BrokerApp {
  readonly broker: Broker;
  /** URL of the GraphQL endpoint. */
  readonly endpoint: string;
  readonly adminToken: string;
  readonly databaseUrl: string;
  /** A replica has the same. */
  readonly dataDir: string;
  /** Sends a GraphQL request with any headers; `body` as it is. */
  send(body: string, headers?: Readonly<Record<string, string>>): Promise<Answer>;
  /** Asks without saying who. */
  ask(query: string, variables?: object): Promise<Answer>;
  /** Asks with a bearer token. */
  askAs(token: string, query: string, variables?: object): Promise<Answer>;
  /** Asks as the operator. */
  operate(query: string, variables?: object): Promise<Answer>;
  /** A stock client of graphql-transport-ws. */
  socket(options?: Partial<ClientOptions>): Client;
  /** Stops the Broker and removes what it left. */
  stop(): Promise<void>;
}

const ADMIN_TOKEN = "operator-token-for-tests";

/** Starts a Broker on a database of its own, or on `DATABASE_URL`. */
export async function startBrokerApp(env: Readonly<Record<string, string>> = {}): Promise<BrokerApp> {
  const dataDir = env["DATA_DIR"] ?? (await mkdtemp(join(tmpdir(), "catalog-broker-")));
  const database = env["DATABASE_URL"] === undefined ? await createTestDatabase(BROKER_MIGRATIONS) : undefined;
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const config = readBrokerConfig({
    DATA_DIR: dataDir,
    DATABASE_URL: database?.url,
    PORT: String(port),
    OPS_PORT: "0",
    PUBLIC_URL: url,
    ADMIN_TOKEN,
    ALLOW_HTTP: "true",
    FEED_POLL: "50ms",
    STOP_GRACE: "1s",
    ...env,
  });
  const broker = await startBroker(config, silentLog());
  broker.established.catch(() => undefined); // whoever cares awaits it too
  const endpoint = `${url}/graphql`;
  const send = async (body: string, headers: Readonly<Record<string, string>> = {}): Promise<Answer> => {
    const response = await fetch(endpoint, {
      method: "POST",
      headers: { "content-type": "application/json", ...headers },
      body,
    });
    const { data, errors = [] } = (await response.json()) as Partial<Answer>;
    return { status: response.status, data, errors, code: errors[0]?.extensions["code"] as string | undefined };
  };
  const askAs = (token: string, query: string, variables: object = {}): Promise<Answer> =>
    send(JSON.stringify({ query, variables }), { authorization: `Bearer ${token}` });
  return {
    broker,
    endpoint,
    adminToken: ADMIN_TOKEN,
    databaseUrl: config.databaseUrl ?? "",
    dataDir,
    send,
    askAs,
    ask: (query, variables = {}) => send(JSON.stringify({ query, variables })),
    operate: (query, variables) => askAs(ADMIN_TOKEN, query, variables),
    socket: (options) =>
      createClient({
        url: endpoint.replace("http", "ws"),
        webSocketImpl: WebSocket,
        retryAttempts: 0,
        lazy: true,
        ...options,
      }),
    stop: async () => {
      await broker.stop();
      await database?.drop();
      if (env["DATA_DIR"] === undefined) await rm(dataDir, { recursive: true, force: true });
    },
  };
}
