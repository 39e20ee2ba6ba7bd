import type { FetcherOpts, FetcherParams } from "@graphiql/toolkit";
import { Kind, parse } from "graphql";
import { expect, it } from "vitest";
import { sendingItsOwnOperation } from "./own-operation.ts";

/** What reaches the server of a query that is run while GraphiQL still knows the tab before. */
function sent(query: string, operationName: string | null) {
  const calls: { params: FetcherParams; options: FetcherOpts | undefined }[] = [];
  const fetcher = sendingItsOwnOperation((params, options) => {
    calls.push({ params, options });
    return { data: null };
  });
  void fetcher({ query, operationName }, { documentAST: parse("query Before { viewer { actor } }") });
  const [call] = calls;
  if (call === undefined) throw new Error("nothing was sent");
  return call;
}

it.each([
  ["the tab before", "query Now { viewer { actor } }", "Before", "Now"],
  ["one of several", "query A { viewer { actor } } query B { viewer { role } }", "B", "B"],
  ["none of several", "query A { viewer { actor } } query B { viewer { role } }", "Before", "A"],
  ["the tab before, and this one has no name", "{ viewer { actor } }", "Before", undefined],
])("names the operation of its own text where GraphiQL names that of %s", (_what, query, given, name) => {
  expect(sent(query, given).params.operationName).toBe(name);
});

it("is a subscription where its text is one", () => {
  const { options } = sent("subscription Live { contracts { state } }", "Before");
  expect(options?.documentAST?.definitions).toEqual([
    expect.objectContaining({ kind: Kind.OPERATION_DEFINITION, operation: "subscription" }),
  ]);
});

it("leaves a text that is not GraphQL to the server", () => {
  expect(sent("query {", "Before").params).toEqual({ query: "query {", operationName: "Before" });
});
