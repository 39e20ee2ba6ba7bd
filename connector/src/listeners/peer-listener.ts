import { ProofAuthenticator } from "@catalog/server/auth/proof-authenticator";
import type { SeenProofs } from "@catalog/server/auth/seen-proofs";
import type { Clock } from "@catalog/server/clock";
import { createGraphqlListener } from "@catalog/server/graphql/graphql-listener";
import type { AuthenticationRequest, GraphqlListener } from "@catalog/server/graphql/listener-options";
import { keyChain, type Descriptor } from "@catalog/schema/documents/descriptor";
import type { PublicJwk } from "@catalog/schema/documents/keys";
import { CatalogError } from "@catalog/schema/errors";
import type { GraphQLSchema } from "graphql";
import type { PeerContext, PeerViewer } from "../graphql/peer/peer-context.js";
import type { ListenerPlace } from "./admin-listener.js";

export interface PeerListenerOptions {
  readonly schema: GraphQLSchema;
  /** Key fingerprint of this cluster. */
  readonly fingerprint: string;
  /** Path of the announced contract endpoint; undefined before initCatalog. */
  readonly announcedPath: () => string | undefined;
  /** The pinned descriptor of another cluster. */
  readonly pinned: (fingerprint: string) => Descriptor | undefined;
  readonly seen: SeenProofs;
  readonly clock: Clock;
}

/** The contract endpoint: what other Connectors call, each with a request proof. */
export function createPeerListener(place: ListenerPlace, options: PeerListenerOptions): GraphqlListener {
  const { fingerprint, announcedPath, pinned, seen, clock } = options;
  const policy = { fingerprint, announcedPath, keyOf: (kid: string, iss: string) => currentKey(pinned(iss), kid) };
  const proofs = new ProofAuthenticator(policy, seen, clock);
  return createGraphqlListener<PeerViewer, PeerContext>({
    ...place,
    schema: options.schema,
    authenticate: (request) => authenticatePeer(request, proofs, pinned),
    context: (request) => request,
  });
}

/** A superseded key proves nothing any more. */
async function currentKey(descriptor: Descriptor | undefined, kid: string): Promise<PublicJwk | undefined> {
  if (descriptor === undefined) return undefined;
  return (await keyChain(descriptor)).find((key) => key.kid === kid && key.lastNumber === null)?.jwk;
}

async function authenticatePeer(
  request: AuthenticationRequest,
  proofs: ProofAuthenticator,
  pinned: PeerListenerOptions["pinned"],
): Promise<PeerViewer> {
  if (request.transport === "ws")
    throw new CatalogError("FORBIDDEN", "The contract endpoint is served over HTTP POST only.");
  if (!ProofAuthenticator.isPresent(request)) return null;
  const { fingerprint } = await proofs.authenticate(withoutIntroduction(request)).catch(explain);
  const descriptor = pinned(fingerprint);
  if (descriptor === undefined) throw stranger();
  return { fingerprint, signingKey: descriptor.keys.sig };
}

/** An introduction does not count here: keys come from pins only, and a stranger must not fill the memory of used proofs. */
function withoutIntroduction(request: AuthenticationRequest): AuthenticationRequest {
  const { "catalog-descriptor": _introduction, ...headers } = request.headers;
  return { ...request, headers };
}

/** Whose key is not known may be in the Catalog in a moment: that is for the caller to wait for. */
function explain(error: unknown): never {
  if (error instanceof CatalogError && error.code === "PROOF_KEY_UNKNOWN") throw stranger();
  throw error;
}

function stranger(): CatalogError {
  return new CatalogError(
    "NOT_A_MEMBER",
    "This cluster does not know the caller (yet): both must be members of one Broker, or the admin here must trust the caller by hand.",
  );
}
