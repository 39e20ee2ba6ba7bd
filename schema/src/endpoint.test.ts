import { describe, expect, it } from "vitest";
import { graphqlUrl } from "./endpoint.js";

describe("graphqlUrl", () => {
  it.each([
    ["http://localhost:6003", "http://localhost:6003/graphql"],
    ["http://localhost:6003/", "http://localhost:6003/graphql"],
    ["https://turin.example/graphql", "https://turin.example/graphql"],
    ["https://proxy.example/turin/graphql?x=1#y", "https://proxy.example/turin/graphql"],
  ])("%s → %s", (endpoint, url) => {
    expect(graphqlUrl(endpoint)).toBe(url);
  });

  it("refuses what is no absolute URL", () => {
    expect(() => graphqlUrl("localhost")).toThrow(TypeError);
  });
});
