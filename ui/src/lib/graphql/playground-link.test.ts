import { expect, it } from "vitest";
import { playgroundLink, readPlaygroundLink } from "./playground-link.ts";

it("carries an operation to the playground whatever its texts hold, and nothing of it before the #", () => {
  const operation = { query: 'mutation { a(b: "#%&?\\n🙂") }', variables: '{\n  "reason": "50 % off #1"\n}' };
  const link = playgroundLink(operation);
  expect(link.split("#")).toHaveLength(2);
  expect(link.startsWith("/playground#")).toBe(true);
  expect(readPlaygroundLink(new URL(link, "http://x").hash)).toEqual(operation);
});

it.each(["", "#", "#top", "#%E0%A4%A", "#null", "#%7B%22query%22%3A1%7D"])("finds nothing in %j", (hash) => {
  expect(readPlaygroundLink(hash)).toBeUndefined();
});
