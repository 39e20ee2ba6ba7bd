/** A GraphQL document with the types of its answer and its variables, which nothing holds at run time. */
export interface Document<Result, Variables extends object> {
  readonly text: string;
  readonly types?: (variables: Variables) => Result;
}

/** Makes a {@link Document}; a test validates every one against the committed schema. */
export function document<Result, Variables extends object = Record<string, never>>(
  text: string,
): Document<Result, Variables> {
  return { text };
}
