import { parse } from "graphql";
import { expect, it } from "vitest";
import { Access } from "./access.svelte.ts";

const BUY = parse("mutation Buy { mine: buy { contractID } }");

it("refuses nothing until the server has said what is allowed", () => {
  expect(new Access().refusalOf(BUY)).toBeUndefined();
});

it("says why a mutation is off for a role, by the mutation's name and not its alias", () => {
  const access = new Access();
  access.tell("VIEWER", []);
  expect(access.refusalOf(BUY)).toBe("Your role (viewer) does not allow this.");
  access.tell("CUSTOMER", ["buy"]);
  expect(access.refusalOf(BUY)).toBeUndefined();
  expect(access.refusalOf(parse("mutation { buy { contractID } saveOffer { offerID } }"))).toContain("customer");
  expect(access.refusalOf(parse("query { contracts { contractID } }"))).toBeUndefined();
});
