import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { parse } from "yaml";
import { startFederation, type TestFederation } from "../federation/test-federation.js";
import { readPage, ROOT } from "./markdown.js";

const PAGE = "docs/operations.md";
let running: TestFederation;

beforeAll(async () => {
  running = await startFederation(["turin"]);
});
afterAll(async () => {
  await running?.stop();
});

describe("docs/operations.md", () => {
  it("tells every metric of its own, and no other", async () => {
    const [, after = ""] = (await readPage(PAGE)).split("<!-- metrics -->");
    const rows = [...(after.split("<!-- end of metrics -->")[0] ?? "").matchAll(/^\| `(\w+)` \| (\w+) \| (\w+) \|/gm)];
    const told = rows.map(([, name, part, kind]) => `${part} ${name} ${kind}`);
    const { broker, connectors } = running.federation;
    const parts = [
      ["Broker", broker.opsUrl] as const,
      ...connectors.map(({ opsUrl }) => ["Connector", opsUrl] as const),
    ];
    const served = await Promise.all(parts.map(([part, opsUrl]) => metricsOf(part, opsUrl)));
    expect(told.toSorted()).toEqual(served.flat().toSorted());
  });

  it.each(["broker", "connector"])("has a runbook for each alert of the %s's chart, and no other", async (part) => {
    const file = join(ROOT, "helm", part, "files", "alerts.yaml");
    const alerts = parse(await readFile(file, "utf8")) as readonly { readonly alert: string }[];
    const name = part === "broker" ? "Broker" : "Connector";
    const runbooks = [...(await readPage(PAGE)).matchAll(/^#### (\w+)$/gm)].map(([, heading = ""]) => heading);
    expect(runbooks.filter((heading) => heading.startsWith(`Catalog${name}`)).toSorted()).toEqual(
      alerts.map(({ alert }) => alert).toSorted(),
    );
  });
});

async function metricsOf(part: string, opsUrl: string): Promise<string[]> {
  const text = await (await fetch(`${opsUrl}/metrics`)).text();
  return [...text.matchAll(/^# TYPE (catalog_\w+) (\w+)$/gm)].map(([, name, kind]) => `${part} ${name} ${kind}`);
}
