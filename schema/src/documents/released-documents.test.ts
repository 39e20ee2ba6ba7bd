import { readdirSync, readFileSync } from "node:fs";
import { beforeAll, describe, expect, it } from "vitest";
import { testParties } from "../testing/identities.js";
import type { Parties, ValidVector } from "../testing/vectors.js";
import { verifyVector } from "../testing/verify-vector.js";

const folder = new URL("../../releases/", import.meta.url);
const releases = readdirSync(folder, { withFileTypes: true }).flatMap((entry) =>
  entry.isDirectory() ? [entry.name] : [],
);

let parties: Parties;
beforeAll(async () => {
  parties = await testParties();
});

describe.each(releases)("what clusters with release %s have signed", (version) => {
  const file = new URL(`${version}/documents.json`, folder);
  const documents = JSON.parse(readFileSync(file, "utf8")) as ValidVector[];

  it.each(documents.map((one): [string, string, ValidVector] => [one.kind, one.name, one]))(
    "is still accepted: %s, %s",
    async (_kind, _name, { kind, document, expect: given }) => {
      await expect(verifyVector(kind, document, given ?? {}, parties)).resolves.toBeDefined();
    },
  );
});
