import { spawn, spawnSync } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { waitFor } from "@catalog/server/testing/wait-for";
import { availableOf, ownStockOf, saveOffer } from "../federation/operations.js";
import { startFederation, type TestFederation } from "../federation/test-federation.js";
import { programIn, readPage, ROOT } from "./markdown.js";
import { GENERAL } from "./sample-offer.js";

/** How each program of the page is run, and what it needs beside the demo. */
const PROGRAMS: readonly (readonly [string, readonly string[], readonly string[]])[] = [
  ["buy.sh", ["sh"], ["curl", "jq"]],
  ["buy.mjs", [process.execPath], []],
  ["buy.py", ["python3"], ["python3"]],
  ["buy.go", ["go", "run"], ["go"]],
];

let running: TestFederation;
let folder: string;

beforeAll(async () => {
  running = await startFederation(["turin", "paris"]);
  const [turin, paris] = [running.federation.connector("turin"), running.federation.connector("paris")];
  await saveOffer(turin.api, GENERAL);
  await waitFor(async () => (await availableOf(paris.api, turin.spec.clusterID, "general", "small")) === 12);
  // Inside the checkout, so that JavaScript finds the packages that it names.
  folder = await mkdtemp(join(ROOT, "e2e/dist/programs-"));
});
afterAll(async () => {
  if (folder !== undefined) await rm(folder, { recursive: true, force: true });
  await running?.stop();
});

describe("the programs of docs/api-by-example.md", () => {
  it.for(PROGRAMS)("%s buys and ends what it bought", async ([name, command, needed], { skip }) => {
    const missing = needed.filter((program) => spawnSync(program, ["--help"], { stdio: "ignore" }).error !== undefined);
    if (missing.length > 0) {
      process.stdout.write(`docs/api-by-example.md: ${name} not run, there is no ${missing.join(", ")}\n`);
      skip();
    }
    const left = await stock();
    const file = join(folder, name);
    await writeFile(file, programIn(await readPage("docs/api-by-example.md"), name));
    const { url, adminToken } = running.federation.connector("paris");
    const [program = "", ...args] = command;
    const { code, output } = await run(program, [...args, file], { CATALOG_URL: url, CATALOG_TOKEN: adminToken });
    expect(output).toMatch(/[0-9a-f-]{36} ACTIVE\nTERMINATED\n$/);
    expect(code).toBe(0);
    await waitFor(async () => (await stock()) === left);
  });
});

function stock(): Promise<number | undefined> {
  return ownStockOf(running.federation.connector("turin").api, "general", "small");
}

function run(
  program: string,
  args: readonly string[],
  env: Record<string, string>,
): Promise<{ code: number | null; output: string }> {
  const child = spawn(program, args, {
    cwd: tmpdir(),
    env: { ...process.env, ...env },
    stdio: ["ignore", "pipe", "pipe"],
    timeout: 100_000,
  });
  let output = "";
  const hear = (chunk: Buffer): void => {
    output += chunk.toString();
  };
  child.stdout.on("data", hear);
  child.stderr.on("data", hear);
  return new Promise((resolve, reject) => {
    child.once("error", reject);
    child.once("close", (code) => resolve({ code, output }));
  });
}
