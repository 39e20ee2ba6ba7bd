import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { parse } from "yaml";
import { ownStockOf, saveOffer } from "../federation/operations.js";
import { startFederation, type TestFederation } from "../federation/test-federation.js";
import { blocksAfter, readPage, ROOT } from "./markdown.js";

const PAGES = ["docs/walkthrough-liqo-0.8.md", "docs/walkthrough-liqo-1.2.md"];
let running: TestFederation;
let folder: string;

beforeAll(async () => {
  running = await startFederation(["turin"]);
  folder = await mkdtemp(join(tmpdir(), "catalog-walkthrough-"));
});
afterAll(async () => {
  await running?.stop();
  if (folder !== undefined) await rm(folder, { recursive: true, force: true });
});

describe("the walk-throughs", () => {
  it("have offers that a Connector takes", async () => {
    const [block] = blocksAfter(await readPage("docs/walkthrough-liqo-0.8.md"), "offers");
    const { api } = running.federation.connector("turin");
    // Nobody counts nodes here, which a MEASURED offer needs.
    for (const offer of parse(block?.text ?? "") as Record<string, unknown>[])
      await saveOffer(api, { ...offer, capacity: "DECLARED" });
    expect(await ownStockOf(api, "general", "small")).toBeDefined();
  });

  it.for(PAGES)("%s has values that the charts take", async (page, { skip }) => {
    const helm = helmProgram();
    if (helm === undefined) {
      process.stdout.write(`${page}: values not tried, there is no helm (HELM, KUBEBUILDER_ASSETS or PATH)\n`);
      skip();
      return;
    }
    const blocks = blocksAfter(await readPage(page), "values");
    expect(blocks.length).toBeGreaterThan(0);
    for (const { words, text } of blocks) {
      const [chart = "", version = ""] = words;
      const values = join(folder, "values.yaml");
      await writeFile(values, text);
      const args = ["template", chart, join(ROOT, "helm", chart), "--namespace", "catalog", "--kube-version", version];
      const { status, stdout, stderr } = spawnSync(helm, [...args, "--values", values], { encoding: "utf8" });
      expect(stderr.split("\n").filter((line) => line.startsWith("Error"))).toEqual([]);
      expect(status).toBe(0);
      expect(stdout).toContain(`app.kubernetes.io/name: ${chart}`);
    }
  });
});

/** The program that is named, lies with the tests' other programs, or is installed. */
function helmProgram(): string | undefined {
  const beside = join(process.env["KUBEBUILDER_ASSETS"] ?? "", "helm");
  const candidates = [process.env["HELM"], existsSync(beside) ? beside : undefined, "helm"];
  return candidates.find((one) => one !== undefined && spawnSync(one, ["version"], { stdio: "ignore" }).status === 0);
}
