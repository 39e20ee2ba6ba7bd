// npm run release:record: keeps what this version promises in schema/releases/<version>, for the tests of all later ones:
// schemas, signed documents, names of settings and error codes, and the state of a Broker and two clusters that have traded.
import { cp, mkdir, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { ERROR_CODES } from "@catalog/schema/errors";
import { readState } from "@catalog/server/testing/database-state";
import { RELEASES, type ReleasedNames, type ReleasedPart } from "@catalog/server/testing/releases";
import { waitFor } from "@catalog/server/testing/wait-for";
import { availableOf, buy, saveOffer, terminate } from "../federation/operations.js";
import { startFederation, type TestFederation } from "../federation/test-federation.js";
import type { RunningPart } from "../harness/federation.js";

const root = fileURLToPath(new URL("../../../", import.meta.url));

interface ReleasedDocument {
  readonly kind: string;
  readonly name: string;
  readonly document: string;
  readonly expect?: unknown;
}

const PLAN = { planName: "Small", planCost: 0.045, planCostCurrency: "EUR", planCostPeriod: "hour", planQuantity: 9 };
const OFFERS = [
  {
    offerID: "general",
    offerName: "General purpose",
    labels: { region: "eu-south" },
    plans: [{ ...PLAN, planID: "small", resources: { cpu: "1500m", ram: "2Gi", storage: "10Gi" } }],
  },
  {
    offerID: "asked",
    offerName: "On request",
    approval: "MANUAL",
    plans: [{ ...PLAN, planID: "gpu", resources: { cpu: "2", gpu: "1" } }],
  },
  {
    offerID: "paused",
    offerName: "Not now",
    status: false,
    plans: [{ ...PLAN, planID: "small", resources: { cpu: "1" } }],
  },
];

const CONTRACTS = `{ contracts(first: 50) { contractID role state enabled units code planID resources contract activation
  created validFrom validUntil money { cost currency period total } timeline { state at actor } } }`;
const OWN_OFFERS = `{ myOffers(first: 50) { offerID offerName description status approval labels
  plans { planID planName planCost planCostCurrency planCostPeriod planQuantity available resources } } }`;
const CONNECTOR = [
  CONTRACTS,
  OWN_OFFERS,
  "{ connector { fingerprint prettyName } brokers { brokerID brokerName brokerEndpoint } allowedClusters { clusterID resources unlimited } }",
  "{ offers(first: 50) { nodes { clusterID offerID offerName plans { planID resources } } } }",
];
const BROKER = [
  "{ broker { fingerprint } members { fingerprint offers cluster { clusterID clusterName clusterContractEndpoint } } }",
  "{ offers(first: 50) { nodes { clusterID offerID offerName plans { planID planQuantity available resources } } } }",
];

async function settingsOf(part: "broker" | "connector"): Promise<Record<string, string>> {
  const module = (await import(`${root}${part}/dist/config.js`)) as Record<
    string,
    Record<string, { env: string; type: string }>
  >;
  const settings = Object.values(module[`${part.toUpperCase()}_SETTINGS`] ?? {});
  return Object.fromEntries(settings.map(({ env, type }) => [env, type]));
}

async function names(): Promise<ReleasedNames> {
  return {
    settings: { broker: await settingsOf("broker"), connector: await settingsOf("connector") },
    errors: Object.fromEntries(Object.entries(ERROR_CODES).map(([code, { definitive }]) => [code, definitive])),
  };
}

/** The documents of the test vectors that a receiver must accept, each with the keys and circumstances it is judged by. */
async function documents(): Promise<readonly ReleasedDocument[]> {
  const vectors = join(root, "schema/vectors");
  const files = (await readdir(vectors)).filter((file) => file !== "keys.json").sort();
  const read = await Promise.all(
    files.map(async (file) => JSON.parse(await readFile(join(vectors, file), "utf8")) as { valid: ReleasedDocument[] }),
  );
  return read.flatMap(({ valid }) =>
    valid.map(({ kind, name, document, expect }) => ({ kind, name, document, expect })),
  );
}

/** Contracts in every state that lasts: active, ended, rejected, waiting. */
async function trade({ federation }: TestFederation): Promise<void> {
  const [provider, customer] = [federation.connector("provider"), federation.connector("customer")];
  for (const offer of OFFERS) await saveOffer(provider.api, offer);
  const { clusterID } = provider.spec;
  await waitFor(async () => (await availableOf(customer.api, clusterID, "asked", "gpu")) === 9);
  await buy(customer.api, { clusterID, offerID: "general", planID: "small", units: 2 });
  const ended = await buy(customer.api, { clusterID, offerID: "general", planID: "small" });
  await terminate(customer.api, ended.contractID, "no longer needed");
  const rejected = await buy(customer.api, { clusterID, offerID: "asked", planID: "gpu" });
  await provider.api.request("mutation ($id: ID!) { rejectContract(id: $id) { state } }", { id: rejected.contractID });
  await buy(customer.api, { clusterID, offerID: "asked", planID: "gpu", units: 3 });
  await waitFor(async () => (await availableOf(federation.broker.api, clusterID, "general", "small")) === 7);
}

async function record(part: RunningPart, url: string, queries: readonly string[]): Promise<ReleasedPart> {
  const asked = [];
  for (const query of queries) asked.push({ query, data: await part.api.request<Record<string, unknown>>(query) });
  const { DATA_DIR: dataDir = "" } = part.process.options.env;
  const identity: unknown = JSON.parse(await readFile(join(dataDir, "identity.json"), "utf8"));
  return { identity, database: await readState(url), asked };
}

async function put(file: string, value: unknown): Promise<void> {
  await writeFile(file, `${JSON.stringify(value, undefined, 1)}\n`);
}

const { version } = JSON.parse(await readFile(join(root, "package.json"), "utf8")) as { version: string };
const folder = join(RELEASES, version);
await rm(folder, { recursive: true, force: true });
await mkdir(join(folder, "state"), { recursive: true });
for (const schema of ["broker", "connector", "peer"]) {
  await cp(join(root, `schema/${schema}.graphql`), join(folder, `${schema}.graphql`));
}
await put(join(folder, "documents.json"), await documents());
await put(join(folder, "names.json"), await names());

const running = await startFederation(["provider", "customer"]);
try {
  await trade(running);
  const { federation, postgres } = running;
  await put(join(folder, "state/broker.json"), await record(federation.broker, postgres.url("broker"), BROKER));
  for (const name of ["provider", "customer"]) {
    await put(
      join(folder, `state/${name}.json`),
      await record(federation.connector(name), postgres.url(name), CONNECTOR),
    );
  }
} finally {
  await running.stop();
}
process.stdout.write(`recorded ${version} in ${folder}\n`);
