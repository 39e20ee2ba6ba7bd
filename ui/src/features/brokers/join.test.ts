import { formatJoinString } from "@catalog/schema/documents/join-string";
import { expect, it } from "vitest";
import { readPasted } from "./join.ts";

const fingerprint = "A".repeat(43);
const join = formatJoinString({
  brokerUrl: "https://broker.example",
  fingerprint,
  tokenId: "abcd",
  secret: "A".repeat(22),
});

it("says whose a join string is before it is used", () => {
  expect(readPasted(`\n ${join} `)).toMatchObject({
    kind: "join",
    join: { brokerUrl: "https://broker.example", fingerprint, tokenId: "abcd" },
  });
});

it("says what is wrong with another text, and nothing of an empty one", () => {
  expect(readPasted("  ")).toEqual({ kind: "empty" });
  expect(readPasted("hello")).toMatchObject({ kind: "wrong", problem: expect.stringContaining("catalog-join:") });
  expect(readPasted(join.slice(0, -10))).toMatchObject({ kind: "wrong", problem: expect.stringContaining("token") });
});
