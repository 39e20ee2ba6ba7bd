import { expect, it } from "vitest";
import { endpointProblem, nameProblem } from "./cluster-input.ts";

it("takes a name that the server takes", () => {
  expect(nameProblem(" Turin ")).toBeUndefined();
  expect([nameProblem("  "), nameProblem("x".repeat(129))].every((problem) => problem !== undefined)).toBe(true);
});

it.each(["https://catalog.example.org:6003", "http://127.0.0.1:6003", " https://proxy.example/catalog "])(
  "takes %s as endpoint",
  (text) => expect(endpointProblem(text)).toBeUndefined(),
);

it.each(["", "catalog.example.org:6003", "ftp://x", "https://a:b@x", "https://x?y", "https://x#y"])(
  "refuses %s as endpoint",
  (text) => expect(endpointProblem(text)).toBeTypeOf("string"),
);
