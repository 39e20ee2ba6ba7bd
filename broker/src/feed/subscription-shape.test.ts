import { buildSchema, parse, print } from "graphql";
import { describe, expect, it } from "vitest";

import { shapeOf } from "./subscription-shape.js";

const schema = buildSchema(`
  type Query { a: Int }
  type Event { type: String cursor: String }
  input Filter { text: String }
  type Subscription { catalog(since: String, filter: Filter): Event other: Int }
`);

const shape = (text: string, variables: Record<string, unknown> = {}, operation?: string) =>
  shapeOf(schema, parse(text), operation, variables);

describe("shapeOf", () => {
  it("takes the arguments out, so that readers at different places share what is executed", () => {
    const text = "subscription($s: String, $f: Filter) { catalog(since: $s, filter: $f) { type } }";
    const one = shape(text, { s: "1", f: { text: "x" } });
    const two = shape(text, { s: "2" });
    expect(one).toMatchObject({ field: "catalog", arguments: { since: "1", filter: { text: "x" } }, variables: {} });
    expect(two).toMatchObject({ arguments: { since: "2" }, variables: {} });
    expect(print(one?.document ?? parse("{a}"))).toBe(print(two?.document ?? parse("{b}")));
    expect(print(one?.document ?? parse("{a}"))).not.toContain("$");
  });

  it("keeps variables that the selection uses", () => {
    const text = "subscription($s: String, $with: Boolean!) { catalog(since: $s) { type cursor @include(if: $with) } }";
    const found = shape(text, { s: "1", with: true });
    expect(found?.variables).toEqual({ with: true });
    expect(print(found?.document ?? parse("{a}"))).toContain("$with: Boolean!");
  });

  it("finds the field under an alias, in fragments and in the operation named", () => {
    const text =
      "subscription A { other } subscription B { ...F } fragment F on Subscription { ... on Subscription { x: catalog { type } } }";
    expect(shape(text, {}, "B")?.field).toBe("catalog");
    expect(shape(text, {}, "A")?.field).toBe("other");
  });
});
