import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { buildSchema } from "graphql";
import { expect, test } from "vitest";
import { sdlOf, writeSdl } from "./emit-schema.js";
import { testSchema } from "./graphql-listener.fixture.js";

test("the SDL is sorted, has descriptions, and describes the same schema", async () => {
  const directory = await mkdtemp(join(tmpdir(), "catalog-sdl-"));
  try {
    await writeSdl(testSchema, join(directory, "test.graphql"));
    const text = await readFile(join(directory, "test.graphql"), "utf8");
    expect(sdlOf(buildSchema(text))).toBe(text);
    expect(text.indexOf("scalar Labels")).toBeLessThan(text.indexOf("scalar Money"));
    expect(text).toContain("An amount of money as a JSON number");
  } finally {
    await rm(directory, { recursive: true });
  }
});
