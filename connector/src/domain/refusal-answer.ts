import { isTransient, type CatalogError } from "@catalog/schema/errors";

/** Codes about one request, not about what it asks for: the next attempt carries another proof over another connection. */
const ABOUT_THE_REQUEST = /^(PROOF_.*|UNAUTHENTICATED|BODY_TOO_LARGE|GRAPHQL_.*|ENDPOINT_REFUSED|PEER_NOT_TRUSTED)$/;

/**
 * Whether an error of a call is the peer's last word. A timeout, a proxy's page or an unknown code never is.
 * @param failingForSeconds how long the call has been tried.
 */
export function isDefinitive(error: CatalogError, failingForSeconds: number): boolean {
  return !ABOUT_THE_REQUEST.test(error.code) && !isTransient(error.code, failingForSeconds);
}
