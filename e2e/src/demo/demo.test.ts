import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { access, chmod, mkdtemp, readFile, rm } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { ownPorts } from "@catalog/server/testing/free-port";
import { waitFor } from "@catalog/server/testing/wait-for";
import { GraphqlClient } from "../harness/graphql-client.js";
import { takenPorts } from "../harness/ports.js";
import type { DemoReport } from "./report.js";

const MAIN = fileURLToPath(new URL("../../dist/demo/main.js", import.meta.url));
const ROOT = fileURLToPath(new URL("../../..", import.meta.url));
const STARTS = { timeoutMs: 60_000, intervalMs: 200 };
const PORT_COUNT = 14;

let dataDir: string;
let base: number;
const demos: ChildProcess[] = [];

beforeAll(async () => {
  dataDir = await mkdtemp(join(tmpdir(), "catalog-demo-"));
  await chmod(dataDir, 0o700);
  base = await waitFor(async () => {
    const { first: lowest, last } = ownPorts();
    const first = lowest + Math.floor(Math.random() * (last - lowest - PORT_COUNT));
    return (await takenPorts(allOf(first))).length === 0 ? first : undefined;
  });
});
afterAll(async () => {
  for (const demo of demos) if (demo.exitCode === null && demo.signalCode === null) demo.kill("SIGKILL");
  await waitFor(async () => (await takenPorts(allOf(base))).length === 0, { timeoutMs: 20_000 });
  await rm(dataDir, { recursive: true, force: true });
});

const allOf = (first: number): number[] => Array.from({ length: PORT_COUNT }, (_, index) => first + index);

function run(...args: string[]) {
  return follow(process.execPath, [MAIN, "--port-base", String(base), "--data", dataDir, ...args]);
}

/** As the README says it, which is also what scripts start and send their signals to. */
function runByNpm() {
  return follow("npm", ["run", "demo", "--", "--port-base", String(base), "--data", dataDir]);
}

function follow(command: string, args: readonly string[]) {
  const demo = spawn(command, args, { cwd: ROOT, stdio: ["ignore", "pipe", "pipe"] });
  demos.push(demo);
  const output = { text: "" };
  demo.stdout.on("data", (chunk: Buffer) => (output.text += chunk.toString()));
  demo.stderr.on("data", (chunk: Buffer) => (output.text += chunk.toString()));
  return { demo, output, exited: once(demo, "exit") };
}

async function report(): Promise<DemoReport> {
  return JSON.parse(await readFile(join(dataDir, "demo.json"), "utf8")) as DemoReport;
}

async function offersAt(url: string, token: string): Promise<string[]> {
  const { catalog } = await new GraphqlClient(url, token).request<{ catalog: { offers: { offerID: string }[] }[] }>(
    "{ catalog { offers { offerID } } }",
  );
  return catalog.flatMap((cluster) => cluster.offers.map((offer) => offer.offerID)).sort();
}

describe("the demo", () => {
  it("starts, resumes with the same identities, offers and contracts, and leaves no process behind", async () => {
    const first = run();
    const before = await waitFor(report, STARTS);
    expect(before.connectors.map((connector) => connector.name)).toEqual(["turin", "milan", "paris"]);
    const [turin, , paris] = before.connectors;
    if (!turin || !paris) throw new Error("demo.json names too few Connectors");
    const offers = await offersAt(paris.adminUrl, paris.adminToken);
    expect(offers).toEqual(["bulk-storage", "edge-nodes", "general-purpose", "gpu-a100", "memory-heavy"]);
    const fingerprint = await fingerprintOf(paris.adminUrl, paris.adminToken);
    const { buy } = await new GraphqlClient(paris.adminUrl, paris.adminToken).request<{ buy: { contractID: string } }>(
      'mutation ($id: ID!) { buy(input: { clusterID: $id, offerID: "general-purpose", planID: "small" }) { contractID } }',
      { id: turin.clusterID },
    );

    const rival = run("--port-base", String(base + PORT_COUNT), "--reset");
    expect(await rival.exited).toEqual([1, null]);
    expect(rival.output.text).toContain(`A demo runs in ${dataDir} already (process ${first.demo.pid})`);
    expect(await report()).toEqual(before);

    first.demo.kill("SIGTERM");
    first.demo.kill("SIGINT"); // a second signal is not a second shutdown
    expect(await first.exited).toEqual([0, null]);
    expect(await takenPorts(allOf(base))).toEqual([]);
    await expect(access(join(dataDir, "demo.json"))).rejects.toThrow("ENOENT");

    const second = run();
    const after = await waitFor(
      async () => (second.output.text.includes("Three things") ? report() : undefined),
      STARTS,
    );
    expect(after).toEqual(before);
    expect(await fingerprintOf(paris.adminUrl, paris.adminToken)).toBe(fingerprint);
    expect(await offersAt(paris.adminUrl, paris.adminToken)).toEqual(offers);
    const { contract } = await new GraphqlClient(paris.adminUrl, paris.adminToken).request<{
      contract: { state: string };
    }>("query ($id: ID!) { contract(id: $id) { state } }", { id: buy.contractID });
    expect(contract.state).toBe("ACTIVE");

    second.demo.kill("SIGKILL"); // its children end by themselves, its PostgreSQL is stopped by the next start
    await waitFor(async () => (await takenPorts(allOf(base))).length === 0, { timeoutMs: 20_000 });
    const third = runByNpm();
    await waitFor(() => third.output.text.includes("Three things"), STARTS);
    expect(await report()).toEqual(before);
    third.demo.kill("SIGTERM");
    await third.exited;
    expect(await takenPorts(allOf(base))).toEqual([]);
  });

  it("names a taken port and starts nothing", async () => {
    const other = createServer().listen(base + 3, "127.0.0.1");
    await once(other, "listening");
    const { exited, output } = run();
    expect(await exited).toEqual([1, null]);
    expect(output.text).toContain(`Port ${base + 3} is taken`);
    other.close();
  });

  it("tells what it takes when asked, and starts nothing", async () => {
    const { exited, output } = run("--help");
    expect(await exited).toEqual([0, null]);
    expect(output.text).toContain("--port-base N");
  });

  it("says what it takes when it does not understand its arguments", async () => {
    const { exited, output } = run("--no-such-flag");
    expect(await exited).toEqual([1, null]);
    expect(output.text).toContain("--port-base N");
    await expect(access(join(dataDir, "no-such-flag"))).rejects.toThrow("ENOENT");
  });
});

async function fingerprintOf(url: string, token: string): Promise<string> {
  const { connector } = await new GraphqlClient(url, token).request<{ connector: { fingerprint: string } }>(
    "{ connector { fingerprint } }",
  );
  return connector.fingerprint;
}
