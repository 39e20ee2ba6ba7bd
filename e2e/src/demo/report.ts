import { rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Federation } from "../harness/federation.js";

/** The shape of `demo.json`: where everything is, for scripts. URLs have no path. */
export interface DemoReport {
  readonly broker: { readonly url: string; readonly opsUrl: string; readonly adminToken: string };
  readonly connectors: readonly {
    readonly name: string;
    readonly clusterID: string;
    readonly clusterName: string;
    readonly adminUrl: string;
    readonly contractEndpoint: string;
    /** host:port */
    readonly grpc: string;
    readonly opsUrl: string;
    readonly adminToken: string;
  }[];
}

const FILE = "demo.json";

export function describe(federation: Federation): DemoReport {
  const { broker, connectors } = federation;
  return {
    broker: { url: broker.url, opsUrl: broker.opsUrl, adminToken: broker.adminToken },
    connectors: connectors.map(({ spec, url, contractEndpoint, grpc, opsUrl, adminToken }) => ({
      name: spec.name,
      clusterID: spec.clusterID,
      clusterName: spec.clusterName,
      adminUrl: url,
      contractEndpoint: new URL(contractEndpoint).origin,
      grpc,
      opsUrl,
      adminToken,
    })),
  };
}

/** Takes an earlier run's `demo.json` away, so that its presence means that this run is ready. */
export async function removeReport(dataDir: string): Promise<void> {
  await rm(join(dataDir, FILE), { force: true });
}

/** Puts `demo.json` in place whole: a reader sees all of it or nothing. */
export async function writeReport(dataDir: string, report: DemoReport): Promise<string> {
  const file = join(dataDir, FILE);
  await writeFile(`${file}.new`, `${JSON.stringify(report, null, 2)}\n`, { mode: 0o600, flush: true });
  await rename(`${file}.new`, file);
  return file;
}

/** The same for people: a table, and three commands to try. */
export function printable(report: DemoReport, file: string): string {
  const rows = [
    ["", "GraphQL", "contract endpoint", "gRPC", "health", "admin token"],
    ["Broker", `${report.broker.url}/graphql`, "", "", report.broker.opsUrl, report.broker.adminToken],
    ...report.connectors.map((connector) => [
      connector.clusterName,
      `${connector.adminUrl}/graphql`,
      `${connector.contractEndpoint}/graphql`,
      connector.grpc,
      connector.opsUrl,
      connector.adminToken,
    ]),
  ];
  return `${table(rows)}\n\n${commands(report)}\n\nAll of this is also in ${file}. Ctrl-C stops everything.\n`;
}

function table(rows: readonly (readonly string[])[]): string {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  return rows
    .map((row) =>
      row
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join("  ")
        .trimEnd(),
    )
    .join("\n");
}

function commands({ broker, connectors }: DemoReport): string {
  const [turin, paris] = [connectors[0], connectors[2]];
  if (!turin || !paris) return "";
  const post = (url: string, token: string | undefined, query: string): string =>
    `curl -s ${url}/graphql -H 'content-type: application/json'${token === undefined ? "" : ` -H 'authorization: Bearer ${token}'`} \\\n    -d '${JSON.stringify({ query })}'`;
  const buy = `mutation { buy(input: { clusterID: "${turin.clusterID}", offerID: "general-purpose", planID: "small", units: 2 }) { contractID state units } }`;
  return [
    "Three things to try:",
    "1. Read the Catalog at the Broker",
    `  ${post(broker.url, undefined, "{ catalog { clusterName offers { offerID offerName plans { planID planCost planCostCurrency available } } } }")}`,
    "2. Buy two small units for Paris from Turin",
    `  ${post(paris.adminUrl, paris.adminToken, buy)}`,
    "3. See what Turin has sold",
    `  ${post(turin.adminUrl, turin.adminToken, "{ contracts(role: SELLER) { contractID buyerID state units planID } }")}`,
  ].join("\n");
}
