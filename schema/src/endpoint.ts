/** The path that is meant where an announced endpoint has none. */
export const GRAPHQL_PATH = "/graphql";

/**
 * The URL to send GraphQL requests to for an announced endpoint: itself, with `/graphql` where it has no path, without
 * query and fragment. `http://localhost:6003` → `http://localhost:6003/graphql`; a path set by a proxy stays.
 *
 * @throws TypeError if it is not an absolute URL.
 */
export function graphqlUrl(endpoint: string): string {
  const url = new URL(endpoint);
  if (url.pathname === "/") url.pathname = GRAPHQL_PATH;
  url.search = "";
  url.hash = "";
  return url.href;
}
