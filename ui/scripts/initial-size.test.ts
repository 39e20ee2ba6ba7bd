import { fileURLToPath } from "node:url";
import { expect, it } from "vitest";
import { initialBytes, MOST_INITIAL_BYTES } from "./initial-size.js";

it.each(["connector", "broker"])("loads little before it shows something: %s", async (app) => {
  const bytes = await initialBytes(fileURLToPath(new URL(`../dist/${app}`, import.meta.url)));
  expect(bytes).toBeGreaterThan(10_000);
  expect(bytes).toBeLessThanOrEqual(MOST_INITIAL_BYTES);
});
