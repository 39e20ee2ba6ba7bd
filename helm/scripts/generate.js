// npm run charts: writes what of the charts is made from elsewhere: the templates that both share, the rights and policies of the Connector
// (from the one list of the driver), the schemas of the values and their READMEs. With --check nothing is changed: it fails if what is
// committed is not what would be written.
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { format, resolveConfig } from "prettier";
import { parse } from "yaml";
import { BROKER_SETTINGS } from "../../broker/dist/config.js";
import { CONNECTOR_SETTINGS } from "../../connector/dist/config.js";
import { policiesTemplate, rbacTemplate } from "./rights.js";
import { valuesReadme } from "./values-readme.js";
import { valuesSchema } from "./values-schema.js";

const helm = fileURLToPath(new URL("..", import.meta.url));
const isCheck = process.argv.includes("--check");
const SETTINGS = { broker: BROKER_SETTINGS, connector: CONNECTOR_SETTINGS };
const SHARED = ["_shared.tpl", "_postgresql.tpl"];

const read = (...path) => readFile(join(helm, ...path), "utf8");
const stale = [];

async function put(text, ...path) {
  if ((await read(...path).catch(() => undefined)) === text) return;
  stale.push(join("helm", ...path));
  if (!isCheck) await writeFile(join(helm, ...path), text);
}

async function json(value) {
  const options = await resolveConfig(join(helm, "broker", "values.schema.json"));
  return format(JSON.stringify(value), { ...options, parser: "json" });
}

for (const [chart, settings] of Object.entries(SETTINGS)) {
  const values = await read(chart, "values.yaml");
  const { description } = parse(await read(chart, "Chart.yaml"));
  await put(await json(valuesSchema(chart, values, settings)), chart, "values.schema.json");
  await put(valuesReadme(chart, description, values), chart, "README.md");
  for (const file of SHARED) await put(await read("shared", file), chart, "templates", file);
}
await put(rbacTemplate(), "connector", "templates", "rbac.yaml");
await put(policiesTemplate(), "connector", "templates", "policies.yaml");
if (isCheck && stale.length > 0) {
  process.stderr.write(`not what their sources say: ${stale.join(", ")}; run "npm run charts"\n`);
  process.exit(1);
}
