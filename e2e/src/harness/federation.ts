import { randomBytes } from "node:crypto";
import { readFile, writeFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { GraphqlClient } from "./graphql-client.js";
import type { BrokerPorts, ConnectorPorts } from "./ports.js";
import { ServerProcess } from "./server-process.js";

/** The folder of this checkout, where everything is built. */
const ROOT = fileURLToPath(new URL("../../../", import.meta.url));

/** One cluster of a federation, before it runs. */
export interface ConnectorSpec {
  /** Lower-case name, also the name of its folder and database. */
  readonly name: string;
  readonly clusterID: string;
  readonly clusterName: string;
  /** What people call it; its cluster name unless given. */
  readonly prettyName?: string;
  readonly ports: ConnectorPorts;
  readonly env?: Readonly<Record<string, string>>;
}

export interface FederationSpec {
  /** Holds every data directory and log of the federation. */
  readonly dataDir: string;
  /** The connection URL of the named database, which exists. */
  readonly databaseUrl: (name: string) => string;
  readonly broker: { readonly ports: BrokerPorts; readonly env?: Readonly<Record<string, string>> };
  readonly connectors: readonly ConnectorSpec[];
  /** Folder of the checkout whose programs run; this one unless given. */
  readonly root?: string;
}

/** A running part and how to talk to it. */
export interface RunningPart {
  readonly process: ServerProcess;
  /** Its GraphQL API with the admin token. */
  readonly api: GraphqlClient;
  readonly url: string;
  readonly opsUrl: string;
  readonly adminToken: string;
}

export interface RunningConnector extends RunningPart {
  readonly spec: ConnectorSpec;
  readonly contractEndpoint: string;
  /** host:port */
  readonly grpc: string;
}

const READY = { broker: "{ broker { fingerprint } viewer { kind } }", connector: "{ connector { fingerprint } }" };

/**
 * One Broker and its Connectors as child processes of this one, each with its own data directory and database.
 *
 * Admin tokens are made here and given to the children, so a server that accepts one is this federation's own and not
 * another program that happens to listen on the port.
 */
export class Federation {
  private constructor(
    readonly broker: RunningPart,
    readonly connectors: readonly RunningConnector[],
  ) {}

  static async prepare(spec: FederationSpec): Promise<Federation> {
    const broker = await prepareBroker(spec);
    const connectors = [];
    for (const connector of spec.connectors) connectors.push(await prepareConnector(spec, connector));
    return new Federation(broker, connectors);
  }

  get processes(): ServerProcess[] {
    return [this.broker, ...this.connectors].map((part) => part.process);
  }

  /** The Connector of that name; throws if there is none. */
  connector(name: string): RunningConnector {
    const found = this.connectors.find((connector) => connector.spec.name === name);
    if (!found) throw new Error(`no Connector named ${name}`);
    return found;
  }

  /** Starts every part and waits until all are ready. */
  async start(): Promise<void> {
    for (const process of this.processes) process.spawn();
    await Promise.all(this.processes.map((process) => process.ready()));
  }

  /** Stops every part; what does not end within `graceMs` is killed. */
  async stop(graceMs = 8_000): Promise<void> {
    await Promise.all(this.processes.map((process) => process.stop(graceMs)));
  }

  /** Has every Connector that is not yet a member join the Broker, through the public API. */
  async enrolAll(): Promise<void> {
    await Promise.all(
      this.connectors.map(async ({ api, spec, contractEndpoint }) => {
        const { connector, brokers } = await api.request<{
          connector: { prettyName: string | null };
          brokers: unknown[];
        }>("{ connector { prettyName } brokers { brokerID } }");
        if (connector.prettyName === null) {
          await api.request(
            "mutation ($name: String!, $endpoint: String!) { initCatalog(prettyName: $name, contractEndpoint: $endpoint) { prettyName } }",
            {
              name: spec.prettyName ?? spec.clusterName,
              endpoint: contractEndpoint,
            },
          );
        }
        if (brokers.length > 0) return;
        const { createJoinString } = await this.broker.api.request<{ createJoinString: { join: string } }>(
          "mutation { createJoinString { join } }",
        );
        await api.request(
          "mutation ($join: String!, $name: String!) { registerBroker(join: $join, name: $name) { brokerID } }",
          {
            join: createJoinString.join,
            name: "Demo Broker",
          },
        );
      }),
    );
  }
}

async function prepareBroker(spec: FederationSpec): Promise<RunningPart> {
  const { graphql, ops } = spec.broker.ports;
  const dataDir = join(spec.dataDir, "broker");
  const adminToken = await adminTokenOf(spec, "broker");
  const url = `http://localhost:${graphql}`;
  return part({
    name: "broker",
    script: "broker/dist/main.js",
    spec,
    url,
    opsUrl: `http://localhost:${ops}`,
    adminToken,
    readyQuery: READY.broker,
    env: {
      ...commonEnv(spec, "broker", dataDir, adminToken),
      PORT: String(graphql),
      OPS_PORT: String(ops),
      PUBLIC_URL: url,
      ...spec.broker.env,
    },
  });
}

async function prepareConnector(spec: FederationSpec, connector: ConnectorSpec): Promise<RunningConnector> {
  const { grpc, admin, contract, ops } = connector.ports;
  const dataDir = join(spec.dataDir, connector.name);
  const adminToken = await adminTokenOf(spec, connector.name);
  const running = part({
    name: connector.name,
    script: "connector/dist/main.js",
    spec,
    url: `http://localhost:${admin}`,
    opsUrl: `http://localhost:${ops}`,
    adminToken,
    readyQuery: READY.connector,
    env: {
      ...commonEnv(spec, connector.name, dataDir, adminToken),
      GRPC_PORT: String(grpc),
      ADMIN_PORT: String(admin),
      CONTRACT_PORT: String(contract),
      OPS_PORT: String(ops),
      LIQO_MODE: "manual",
      LIQO_CLUSTER_ID: connector.clusterID,
      LIQO_CLUSTER_NAME: connector.clusterName,
      ...connector.env,
    },
  });
  return {
    ...running,
    spec: connector,
    contractEndpoint: `http://localhost:${contract}/graphql`,
    grpc: `localhost:${grpc}`,
  };
}

function commonEnv(spec: FederationSpec, name: string, dataDir: string, adminToken: string): Record<string, string> {
  return {
    NODE_ENV: "development",
    HOST: "127.0.0.1",
    DATA_DIR: dataDir,
    DATABASE_URL: spec.databaseUrl(name),
    ADMIN_TOKEN: adminToken,
    ALLOW_HTTP: "true",
  };
}

function part(given: {
  name: string;
  script: string;
  spec: FederationSpec;
  url: string;
  opsUrl: string;
  adminToken: string;
  readyQuery: string;
  env: Record<string, string>;
}): RunningPart {
  const api = new GraphqlClient(given.url, given.adminToken);
  const isReady = async (): Promise<boolean> => {
    const ready = await fetch(`${given.opsUrl}/readyz`, { signal: AbortSignal.timeout(2_000) });
    if (!ready.ok) return false;
    await api.request(given.readyQuery);
    return true;
  };
  const process = new ServerProcess({
    name: given.name,
    script: resolve(given.spec.root ?? ROOT, given.script),
    env: given.env,
    logFile: join(given.spec.dataDir, `${given.name}.log`),
    isReady,
  });
  return { process, api, url: given.url, opsUrl: given.opsUrl, adminToken: given.adminToken };
}

/** The admin token of a part: the one kept beside its data directory by an earlier start, or a new one. */
async function adminTokenOf(spec: FederationSpec, name: string): Promise<string> {
  const file = join(spec.dataDir, `${name}.token`);
  try {
    return (await readFile(file, "utf8")).trim();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ENOENT") throw error;
  }
  const token = randomBytes(32).toString("base64url");
  await writeFile(file, token, { mode: 0o600, flush: true });
  return token;
}
