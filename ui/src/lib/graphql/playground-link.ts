/** An operation as the playground shows it. */
export interface PlaygroundOperation {
  readonly query: string;
  /** JSON. */
  readonly variables: string;
}

/** The address of the playground with an operation in it: behind the `#`, which no browser sends anywhere. */
export function playgroundLink({ query, variables }: PlaygroundOperation): string {
  return `/playground#${encodeURIComponent(JSON.stringify({ query, variables }))}`;
}

/** What {@link playgroundLink} put behind the `#`; undefined for anything else. */
export function readPlaygroundLink(hash: string): PlaygroundOperation | undefined {
  try {
    const read: unknown = JSON.parse(decodeURIComponent(hash.replace(/^#/, "")));
    if (typeof read !== "object" || read === null) return undefined;
    const { query, variables } = read as Partial<Record<string, unknown>>;
    return typeof query === "string" && typeof variables === "string" ? { query, variables } : undefined;
  } catch (error) {
    if (error instanceof SyntaxError || error instanceof URIError) return undefined;
    throw error;
  }
}
