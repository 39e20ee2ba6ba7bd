import { resolve } from "node:path";
import { parseArgs } from "node:util";
import type { BrokerPorts, ConnectorPorts } from "../harness/ports.js";

/** What was asked for on the command line of the demo. */
export interface DemoOptions {
  /** Absolute path of the directory that keeps identities, databases and logs between two runs. */
  readonly dataDir: string;
  /** Throw away what an earlier run left there. */
  readonly isReset: boolean;
  readonly ports: DemoPorts;
}

export interface DemoPorts {
  readonly broker: BrokerPorts;
  readonly turin: ConnectorPorts;
  readonly milan: ConnectorPorts;
  readonly paris: ConnectorPorts;
}

/** The command line is not understood; the message says what it takes. */
export class DemoUsageError extends Error {
  override readonly name = "DemoUsageError";
}

export const USAGE = `npm run demo -- [--port-base N] [--data DIR] [--reset] [--help]

  --port-base N   use ports N, N+1, … N+13 instead of 8000/8001, 6001–6004, 6101–6104, 6201–6204
  --data DIR      keep everything below DIR (default .catalog-demo/)
  --reset         start afresh: throw away what an earlier run left in DIR`;

const LAST_PORT = 65_535;
const PORT_COUNT = 14;

/** Reads the command line; undefined: only help was asked for. Throws {@link DemoUsageError}. */
export function readArguments(args: readonly string[], workingDirectory: string): DemoOptions | undefined {
  const values = parse(args);
  if (values.help === true) return undefined;
  const base = values["port-base"];
  return {
    dataDir: resolve(workingDirectory, values.data ?? ".catalog-demo"),
    isReset: values.reset ?? false,
    ports: base === undefined ? USUAL_PORTS : portsFrom(portNumber(base)),
  };
}

/** Every port of a demo, in the order Broker, Turin, Milan, Paris. */
export function allPorts(ports: DemoPorts): number[] {
  return [ports.broker, ports.turin, ports.milan, ports.paris].flatMap((part) => Object.values(part) as number[]);
}

const USUAL_PORTS: DemoPorts = {
  broker: { graphql: 8000, ops: 8001 },
  turin: connectorPorts(6001),
  milan: connectorPorts(6101),
  paris: connectorPorts(6201),
};

function portsFrom(base: number): DemoPorts {
  return {
    broker: { graphql: base, ops: base + 1 },
    turin: connectorPorts(base + 2),
    milan: connectorPorts(base + 6),
    paris: connectorPorts(base + 10),
  };
}

function connectorPorts(first: number): ConnectorPorts {
  return { grpc: first, admin: first + 1, contract: first + 2, ops: first + 3 };
}

function portNumber(text: string): number {
  const port = Number(text);
  if (!/^\d+$/.test(text) || port < 1 || port + PORT_COUNT - 1 > LAST_PORT) {
    throw new DemoUsageError(`--port-base ${text}: a whole number from 1 to ${LAST_PORT - PORT_COUNT + 1}\n\n${USAGE}`);
  }
  return port;
}

function parse(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      options: {
        "port-base": { type: "string" },
        data: { type: "string" },
        reset: { type: "boolean" },
        help: { type: "boolean", short: "h" },
      },
    }).values;
  } catch (error) {
    throw new DemoUsageError(`${error instanceof Error ? error.message : String(error)}\n\n${USAGE}`);
  }
}
