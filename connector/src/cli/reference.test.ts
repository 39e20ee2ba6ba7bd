import { readFile } from "node:fs/promises";
import { expect, it } from "vitest";
import { createProgram } from "./program.js";
import { referenceOf } from "./reference.js";
import { run } from "./testing/run.js";

const nobody = {
  env: {},
  out: () => undefined,
  err: () => undefined,
  readInput: async () => "",
  signal: new AbortController().signal,
};

it("the committed reference is what --help says", async () => {
  const committed = await readFile(new URL("../../../docs/cli.md", import.meta.url), "utf8");
  expect(committed).toBe(referenceOf(createProgram(nobody, "").program));
  const { out } = await run(["offers", "apply", "--help"]);
  expect(out).toContain("catalog offers diff -f offers/");
  expect(committed).toContain(`## catalog offers apply\n\n\`\`\`text\n${out.trimEnd()}\n`);
});
