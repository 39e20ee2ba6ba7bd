import type { Fetcher, FetcherParams } from "@graphiql/toolkit";
import { type DocumentNode, GraphQLError, Kind, parse } from "graphql";

/**
 * A fetcher that sends the operation that stands in the query's own text. For a moment after a change of the tab GraphiQL
 * goes on giving the name and the kind of operation of the tab before: the server would refuse that name, and a
 * subscription would be sent where a query is expected.
 */
export function sendingItsOwnOperation(fetcher: Fetcher): Fetcher {
  return (params, options) => {
    const document = documentOf(params);
    if (document === undefined) return fetcher(params, options);
    return fetcher(
      { ...params, operationName: operationOf(document, params.operationName) },
      { ...options, documentAST: document },
    );
  };
}

/** Undefined where the text does not parse: the server's answer says why. */
function documentOf({ query }: FetcherParams): DocumentNode | undefined {
  try {
    return parse(query);
  } catch (error) {
    if (error instanceof GraphQLError) return undefined;
    throw error;
  }
}

/** The given name if the document has it, else that of its first operation, which is what GraphiQL chooses too. */
function operationOf({ definitions }: DocumentNode, given: string | null | undefined): string | undefined {
  const names = definitions.flatMap((one) => (one.kind === Kind.OPERATION_DEFINITION ? [one.name?.value] : []));
  return names.find((name) => name === given) ?? names[0];
}
