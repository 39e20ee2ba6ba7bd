import { Kind, OperationTypeNode, parse, type DocumentNode } from "graphql";

/** Whether the body of a request is a GraphQL document with the mutation `enrol`; false for anything that cannot be read. */
export function asksToEnrol(rawBody: Uint8Array): boolean {
  const document = documentOf(rawBody);
  return (
    document?.definitions.some(
      (definition) =>
        definition.kind === Kind.OPERATION_DEFINITION &&
        definition.operation === OperationTypeNode.MUTATION &&
        definition.selectionSet.selections.some(
          (selection) => selection.kind === Kind.FIELD && selection.name.value === "enrol",
        ),
    ) ?? false
  );
}

function documentOf(rawBody: Uint8Array): DocumentNode | undefined {
  try {
    const body: unknown = JSON.parse(new TextDecoder().decode(rawBody));
    if (typeof body !== "object" || body === null || !("query" in body) || typeof body.query !== "string")
      return undefined;
    return parse(body.query, { maxTokens: 1000, noLocation: true });
  } catch {
    return undefined; // What cannot be read asks for nothing; the endpoint itself says what is wrong with it.
  }
}
