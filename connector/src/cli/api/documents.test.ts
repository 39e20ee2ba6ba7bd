import { readFile } from "node:fs/promises";
import { buildSchema, parse, validate } from "graphql";
import { describe, expect, it } from "vitest";
import * as DOCUMENTS from "./documents.js";

const sdl = await readFile(new URL("../../../../schema/connector.graphql", import.meta.url), "utf8");
const schema = buildSchema(sdl);

describe("the documents of the command line", () => {
  it.each(Object.entries(DOCUMENTS))("%s fits the committed schema", (_name, { text }) => {
    expect(validate(schema, parse(text)).map(({ message }) => message)).toEqual([]);
  });

  it("are refused by this test if they do not", () => {
    expect(validate(schema, parse("{ myOffers { nothing } }"))).not.toEqual([]);
  });
});
