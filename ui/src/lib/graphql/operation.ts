import { stringifyDocument, type AnyVariables, type TypedDocumentNode } from "@urql/core";

/** A mutation exactly as a button sends it: what "Copy as GraphQL" shows. */
export interface Operation<D = unknown, V extends AnyVariables = AnyVariables> {
  /** What the button says. */
  readonly label: string;
  readonly document: TypedDocumentNode<D, V>;
  readonly variables: V;
}

/** Ties the types of a document and its variables together. */
export function operation<D, V extends AnyVariables>(
  label: string,
  document: TypedDocumentNode<D, V>,
  variables: V,
): Operation<D, V> {
  return { label, document, variables };
}

/** The operation's text, as a client sends it. */
export function textOf({ document }: Pick<Operation, "document">): string {
  return stringifyDocument(document)
    .replace(/^# [^\n]*\n/, "")
    .replaceAll(/\n?\s*__typename/g, "")
    .trim();
}

/** The variables as JSON, indented. */
export function variablesOf({ variables }: Pick<Operation, "variables">): string {
  return JSON.stringify(variables ?? {}, undefined, 2);
}

/** A shell command that does the same with the token in $TOKEN. */
export function curlOf(what: Pick<Operation, "document" | "variables">, origin: string): string {
  const body = JSON.stringify({ query: textOf(what).replaceAll(/\s+/g, " "), variables: what.variables });
  return [
    `curl ${origin}/graphql \\`,
    `  -H 'content-type: application/json' -H "authorization: Bearer $TOKEN" \\`,
    `  -d '${body.replaceAll("'", `'\\''`)}'`,
  ].join("\n");
}
