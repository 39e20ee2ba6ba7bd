import { silentLog } from "@catalog/server/log";
import { createTestDatabase } from "@catalog/server/testing/test-database";
import { waitFor } from "@catalog/server/testing/wait-for";
import { createClient, type Client } from "graphql-ws";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { WebSocket } from "ws";
import { startConnector, type RunningConnector } from "../app.js";
import { readConnectorConfig } from "../config.js";

const TOKEN = "the-admin-token-of-a-test";

/** An answer of the admin API. */
export interface Answer<T> {
  readonly status: number;
  readonly data: T | null;
  /** Code of the first error. */
  readonly code: string | undefined;
  readonly message: string | undefined;
}

/** A whole Connector on free ports, with a database of its own, in this process. */
export class TestConnector {
  private readonly sockets: Client[] = [];

  private constructor(
    private running: RunningConnector,
    private environment: Record<string, string>,
    private readonly clean: () => Promise<void>,
  ) {}

  static async start(settings: Record<string, string> = {}): Promise<TestConnector> {
    const dataDir = await mkdtemp(join(tmpdir(), "catalog-connector-"));
    const database = await createTestDatabase();
    const environment = {
      DATA_DIR: dataDir,
      DATABASE_URL: database.url,
      HOST: "127.0.0.1",
      GRPC_PORT: "0",
      ADMIN_PORT: "0",
      CONTRACT_PORT: "0",
      OPS_PORT: "0",
      ADMIN_TOKEN: TOKEN,
      ALLOW_HTTP: "true",
      RECONNECT_FIRST: "50ms",
      RECONNECT_MAX: "200ms",
      STOP_GRACE: "500ms",
      ...settings,
    };
    const running = await startConnector(readConnectorConfig(environment), silentLog());
    return new TestConnector(running, environment, async () => {
      await database.drop();
      await rm(dataDir, { recursive: true, force: true });
    });
  }

  get ports(): RunningConnector["ports"] {
    return this.running.ports;
  }

  get contractEndpoint(): string {
    return `http://localhost:${this.ports.contract}`;
  }

  /** Sends to the admin API, as the admin unless another token is given. */
  async ask<T>(query: string, variables: object = {}, token: string | null = TOKEN): Promise<Answer<T>> {
    const response = await fetch(`http://localhost:${this.ports.admin}/graphql`, {
      method: "POST",
      headers: { "content-type": "application/json", ...(token === null ? {} : { authorization: `Bearer ${token}` }) },
      body: JSON.stringify({ query, variables }),
    });
    const body = (await response.json()) as {
      data?: T | null;
      errors?: { message: string; extensions: { code: string } }[];
    };
    const [error] = body.errors ?? [];
    return { status: response.status, data: body.data ?? null, code: error?.extensions.code, message: error?.message };
  }

  /** As {@link ask}, for what must succeed. */
  async get<T>(query: string, variables: object = {}): Promise<T> {
    const { data, code, message } = await this.ask<T>(query, variables);
    if (data === null || code !== undefined) throw new Error(`${String(code)}: ${String(message)}`);
    return data;
  }

  /** Subscribes with a stock client; what comes is collected. */
  subscribe<T>(
    query: string,
    variables: Record<string, unknown> = {},
    token = TOKEN,
  ): { readonly received: T[]; readonly errors: unknown[]; stop(): void } {
    const client = createClient({
      url: `ws://localhost:${this.ports.admin}/graphql`,
      webSocketImpl: WebSocket,
      connectionParams: { authorization: `Bearer ${token}` },
      retryAttempts: 0,
    });
    this.sockets.push(client);
    const received: T[] = [];
    const errors: unknown[] = [];
    const stop = client.subscribe<T>(
      { query, variables },
      {
        next: ({ data, errors: failed }) => {
          if (failed !== undefined) errors.push(failed);
          else if (data !== undefined && data !== null) received.push(data);
        },
        error: (error) => void errors.push(error),
        complete: () => undefined,
      },
    );
    return { received, errors, stop };
  }

  get databaseUrl(): string {
    return this.environment["DATABASE_URL"] ?? "";
  }

  get dataDir(): string {
    return this.environment["DATA_DIR"] ?? "";
  }

  /** Ends the process's work; {@link startAgain} goes on. */
  async halt(): Promise<void> {
    await this.running.stop();
  }

  /** The same, and its data directory is lost. */
  async destroy(): Promise<void> {
    await this.halt();
    await rm(this.dataDir, { recursive: true, force: true });
  }

  /** Starts what was halted, with these settings changed; resolves once it serves. */
  async startAgain(settings: Record<string, string>): Promise<void> {
    this.environment = { ...this.environment, ...settings };
    this.running = await startConnector(readConnectorConfig(this.environment), silentLog());
    await waitFor(async () => (await this.ask("{ connector { ready } }")).code === undefined);
  }

  /** Ends the process's work and starts it again with the same data. */
  async restart(): Promise<void> {
    await this.running.stop();
    this.running = await startConnector(readConnectorConfig(this.environment), silentLog());
  }

  async stop(): Promise<void> {
    for (const socket of this.sockets) await socket.dispose();
    await this.running.stop();
    await this.clean();
  }
}
