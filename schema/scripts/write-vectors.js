// Writes schema/vectors with the code that verifies them. Run after `tsc -b`; a test fails while code and files differ.
// The files with encrypted documents are random: they are written only if they are missing or with --fresh.
import { existsSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { format } from "prettier";
import { ENCRYPTED_FILES, vectorFiles } from "../dist/testing/vector-files.js";

const fresh = process.argv.includes("--fresh");
for (const [name, content] of Object.entries(await vectorFiles())) {
  const file = new URL(`../vectors/${name}.json`, import.meta.url);
  if (!fresh && ENCRYPTED_FILES.includes(name) && existsSync(file)) continue;
  await writeFile(file, await format(JSON.stringify(content), { parser: "json", printWidth: 120 }));
}
