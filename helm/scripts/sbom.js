// npm run sbom -- broker|connector: what is in the image of a part, as CycloneDX on standard output.
import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("../..", import.meta.url));
const [part] = process.argv.slice(2);
if (part !== "broker" && part !== "connector") {
  process.stderr.write("Say of which part: npm run --silent sbom -- broker|connector\n");
  process.exit(1);
}
const { status } = spawnSync(
  "npm",
  ["sbom", "--sbom-format=cyclonedx", "--sbom-type=application", "--omit=dev", "--omit=optional", "--workspace", part],
  { cwd: root, stdio: "inherit" },
);
process.exit(status ?? 1);
