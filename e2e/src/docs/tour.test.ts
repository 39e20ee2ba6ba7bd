import { spawnSync } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { waitFor } from "@catalog/server/testing/wait-for";
import { SAMPLE_OFFERS } from "../demo/sample-offers.js";
import { availableOf, saveOffer } from "../federation/operations.js";
import { startFederation, type TestFederation } from "../federation/test-federation.js";
import { readPage, ROOT } from "./markdown.js";

let running: TestFederation;
let folder: string;

beforeAll(async () => {
  running = await startFederation(["turin", "paris"]);
  folder = await mkdtemp(join(tmpdir(), "catalog-tour-"));
  const [turin, paris] = [running.federation.connector("turin"), running.federation.connector("paris")];
  for (const offer of SAMPLE_OFFERS.turin) await saveOffer(turin.api, offer);
  const { clusterID } = turin.spec;
  await waitFor(async () => (await availableOf(paris.api, clusterID, "general-purpose", "small")) !== undefined);
});
afterAll(async () => {
  if (folder !== undefined) await rm(folder, { recursive: true, force: true });
  await running?.stop();
});

describe("the tour of the README", () => {
  it("finds, buys and shows what Liqo is told, also from the command line", async ({ skip }) => {
    const missing = ["bash", "curl", "jq"].filter(
      (program) => spawnSync(program, ["--help"], { stdio: "ignore" }).error,
    );
    if (missing.length > 0) {
      process.stdout.write(`README.md: the tour was not taken, there is no ${missing.join(", ")}\n`);
      skip();
    }
    const [tour = "", commandLine = ""] = await shellBlocks();
    // The search ends the lines whose outcome the tour needs; what follows is the reader's choice.
    const lines = `set -eu\n${tour}\n${commandLine.split("\n").slice(0, 2).join("\n")}\n`;
    const { status, stdout, stderr } = spawnSync("bash", ["-c", lines], {
      cwd: ROOT,
      encoding: "utf8",
      timeout: 90_000,
    });
    expect(`${status} ${stderr}`).toMatch(/^0 /);
    expect(stdout).toContain('"offerName": "General purpose"');
    expect(stdout).toContain('"state": "ACTIVE"');
    expect(stdout).toContain('"total": 0.09');
    expect(stdout).toMatch(/"?cpu"?: ?"2"|cpu\s+2/);
    expect(stdout).toContain("0.045 EUR/hour");
  });
});

/** The shell blocks of the tour, with the addresses of this federation in place of the demo's. */
async function shellBlocks(): Promise<string[]> {
  const { broker } = running.federation;
  const [turin, paris] = [running.federation.connector("turin"), running.federation.connector("paris")];
  const report = [turin, undefined, paris].map((one) => ({
    clusterID: one?.spec.clusterID,
    adminToken: one?.adminToken,
  }));
  const file = join(folder, "demo.json");
  await writeFile(file, JSON.stringify({ connectors: report }));
  const [, after = ""] = (await readPage("README.md")).split("## A tour of five minutes");
  return [...after.matchAll(/^```sh\n([\s\S]*?)^```/gm)].map(([, text = ""]) =>
    text
      .replaceAll(".catalog-demo/demo.json", file)
      .replaceAll("localhost:8000", new URL(broker.url).host)
      .replaceAll("localhost:6202", new URL(paris.url).host)
      .replaceAll("localhost:6001", turin.grpc),
  );
}
