import { CatalogError } from "@catalog/schema/errors";
import type { RequestContext } from "@catalog/server/graphql/listener-options";
import type { BuyerIdentity } from "../../domain/sale.js";

/** Who calls the contract endpoint: a cluster that its request proof names, or nobody in particular. */
export type PeerViewer = BuyerIdentity | null;

export type PeerContext = RequestContext<PeerViewer>;

/** The calling cluster. @throws PROOF_MISSING if the request did not prove who sends it. */
export function callerOf({ viewer }: Pick<PeerContext, "viewer">): BuyerIdentity {
  if (viewer !== null) return viewer;
  throw new CatalogError("PROOF_MISSING", "This needs a request proof: Authorization: Catalog <proof>. See WIRE.md.");
}
