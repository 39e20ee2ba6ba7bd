import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { parse } from "yaml";
import { CHARTS, HELM_FOLDER } from "./charts.js";

const ROOT = fileURLToPath(new URL("../../../", import.meta.url));
/** Metrics of Prometheus itself and of every process of Node. */
const OF_ALL = /^(up|process_|nodejs_)/;

/** Names of the metrics that a part makes, read from its sources. */
async function metricsOf(part: string): Promise<readonly string[]> {
  const folder = join(ROOT, part, "src");
  const files = (await readdir(folder, { recursive: true })).filter((file) => file.endsWith("metrics.ts"));
  const texts = await Promise.all(files.map((file) => readFile(join(folder, file), "utf8")));
  return texts.flatMap((text) => [...text.matchAll(/"(catalog_[a-z_]+)"/g)].map(([, name = ""]) => name));
}

/** Names of the metrics that an expression reads. */
function namesIn(expression: string): string[] {
  return [...expression.matchAll(/([a-z][a-z0-9_]*)\{/g)].map(([, name = ""]) =>
    name.replace(/_(bucket|sum|count)$/, ""),
  );
}

describe.each(CHARTS)("%s", (chart) => {
  test("alerts and panels read metrics that exist", async () => {
    const known = await metricsOf(chart);
    expect(known.length).toBeGreaterThan(8);
    const files = join(HELM_FOLDER, chart, "files");
    const alerts = parse(await readFile(join(files, "alerts.yaml"), "utf8")) as readonly { expr: string }[];
    const board = await readFile(join(files, "dashboard.json"), "utf8");
    const { panels } = JSON.parse(board) as { panels: readonly { targets: readonly { expr: string }[] }[] };
    const expressions = [
      ...alerts.map(({ expr }) => expr),
      ...panels.flatMap(({ targets }) => targets.map(({ expr }) => expr)),
    ];
    expect(expressions.length).toBeGreaterThan(15);
    for (const expression of expressions) {
      const names = namesIn(expression);
      expect(names, expression).not.toEqual([]);
      for (const name of names) if (!OF_ALL.test(name)) expect(known, expression).toContain(name);
    }
  });

  test("each alert says what to do, and has its line in the documentation", async () => {
    const alerts = parse(await readFile(join(HELM_FOLDER, chart, "files", "alerts.yaml"), "utf8")) as readonly {
      alert: string;
      summary: string;
      description: string;
    }[];
    const documented = await readFile(join(HELM_FOLDER, "README.md"), "utf8");
    for (const { alert, summary, description } of alerts) {
      expect(`${summary} ${description}`.length, alert).toBeGreaterThan(60);
      expect(documented).toContain(alert);
    }
  });
});
