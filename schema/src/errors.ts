interface ErrorEntry {
  /** True: the same request will be refused again; the caller must not retry it unchanged. */
  readonly definitive: boolean;
  /** Status of the HTTP answer whose only outcome is this error. */
  readonly httpStatus: number;
  /** One sentence for the reader of the API: what happened and what to do. */
  readonly description: string;
  /** A transient code that has been the only answer for so many seconds counts as definitive. */
  readonly patienceSeconds?: number;
}

const definitive = (httpStatus: number, description: string): ErrorEntry => ({
  definitive: true,
  httpStatus,
  description,
});
const transient = (httpStatus: number, description: string, patienceSeconds?: number): ErrorEntry => ({
  definitive: false,
  httpStatus,
  description,
  ...(patienceSeconds === undefined ? {} : { patienceSeconds }),
});

const TABLE = {
  BAD_USER_INPUT: definitive(400, "The input is not valid; details.problems names every field that is wrong."),
  GRAPHQL_VALIDATION_FAILED: definitive(400, "The document does not fit the schema; compare it with the SDL."),
  GRAPHQL_PARSE_FAILED: definitive(400, "The document is not GraphQL, or the body is not a GraphQL request."),
  BODY_TOO_LARGE: definitive(413, "The request body is larger than this endpoint reads; send less at once."),
  QUANTITY_INVALID: definitive(400, "A text is not a Kubernetes quantity that can be sold, such as 500m, 2 or 1Gi."),
  RESOURCE_NAME_INVALID: definitive(400, "A resource name is not one that Kubernetes accepts, or it is given twice."),
  MONEY_INVALID: definitive(400, "A price is negative, too large, or has more than 6 decimals."),
  UNAUTHENTICATED: definitive(401, "The request says nothing, or nothing valid, about who sends it."),
  FORBIDDEN: definitive(403, "The caller is known but not allowed to do this."),
  NOT_FOUND: definitive(404, "Nothing with this id or at this path exists."),
  PROOF_MISSING: definitive(401, "This operation needs a request proof in the Authorization header."),
  PROOF_INVALID: definitive(401, "The request proof is malformed or its signature does not fit its key."),
  PROOF_EXPIRED: definitive(401, "The request proof is older than its lifetime; make a new one for each request."),
  PROOF_REPLAYED: definitive(401, "This request proof was used before; make a new one for each request."),
  PROOF_AUDIENCE_MISMATCH: definitive(401, "The request proof is meant for another receiver."),
  PROOF_TARGET_MISMATCH: definitive(401, "The request proof is meant for another method or path."),
  PROOF_BODY_MISMATCH: definitive(401, "The request proof belongs to another body."),
  PROOF_KEY_UNKNOWN: definitive(
    401,
    "The key of the request proof is not known here; send Catalog-Descriptor at first contact.",
  ),
  CLOCK_SKEW: transient(401, "The clocks differ too much; details.serverTime is the receiver's Unix time in seconds."),
  NOT_A_MEMBER: transient(
    403,
    "The caller is no member that this party knows of, perhaps not yet; retry for 10 minutes.",
    600,
  ),
  MEMBER_PENDING: transient(403, "The caller's enrolment waits for the Broker's operator."),
  MEMBER_REVOKED: definitive(403, "The Broker's operator has revoked this member."),
  DOCUMENT_INVALID: definitive(400, "A signed document is malformed, of another type, or its signature does not hold."),
  DOCUMENT_TOO_LARGE: definitive(413, "A signed document is larger than its kind may be."),
  DOCUMENT_OUTDATED: definitive(409, "A document with a higher number is known; details.higher is that document."),
  DOCUMENT_EQUIVOCATION: definitive(409, "Another document with the same number is known; the first stays in use."),
  DOCUMENT_NOT_YOURS: definitive(403, "The document was issued by another cluster than the caller."),
  NUMBER_AHEAD: transient(409, "The document's number is ahead of this party's clock; check the clocks, then retry."),
  CLUSTER_ID_TAKEN: definitive(409, "Another cluster holds this cluster id here; the operator must decide."),
  JOIN_STRING_INVALID: definitive(400, "The text is not a join string; paste it whole, from catalog-join: on."),
  JOIN_TOKEN_INVALID: definitive(403, "The join token is not one of this Broker; ask its operator for a join string."),
  JOIN_TOKEN_EXPIRED: definitive(403, "The join token has expired; ask the Broker's operator for a new join string."),
  JOIN_TOKEN_USED: definitive(403, "Another cluster has used this join token; ask for a join string of your own."),
  CHALLENGE_INVALID: definitive(403, "The enrolment challenge is not this Broker's or too old; get a new one."),
  BROKER_NOT_FOUND: definitive(404, "No Broker with this id is registered here."),
  BROKER_EXISTS: definitive(409, "This Broker is registered already."),
  BROKER_DECLARED: definitive(409, "The registration is declared in a file (DECLARATIONS); change it there."),
  OFFER_NOT_FOUND: definitive(404, "No such offer exists here."),
  OFFER_DECLARED: definitive(409, "The offer is declared in a file (DECLARATIONS); change it there."),
  OFFER_PAUSED: definitive(409, "The provider has paused this offer."),
  OFFER_CHANGED: definitive(409, "The provider has changed the offer's terms; read it again before buying."),
  OFFER_LIMIT_REACHED: definitive(409, "The cluster has as many offers as it may have; withdraw one first."),
  PLAN_NOT_FOUND: definitive(404, "The offer has no plan with this id."),
  OUT_OF_STOCK: definitive(409, "Fewer units of the plan are left than were asked for."),
  BUYER_LIMIT_REACHED: definitive(
    429,
    "The customer holds as many open requests or reservations as the provider allows.",
  ),
  BUYER_BLOCKED: definitive(403, "The provider does not sell this to the customer, at least for the moment."),
  SELF_PURCHASE: definitive(400, "A cluster cannot buy from itself."),
  DURATION_TOO_SHORT: definitive(400, "The time until validUntil is less than the offer's minimum duration."),
  LIQO_MISMATCH: definitive(409, "The two clusters have versions of Liqo that cannot peer; nothing was promised."),
  CONTRACT_NOT_FOUND: definitive(404, "No contract with this id exists here."),
  UNKNOWN_CONTRACT: definitive(404, "The seller has no contract with this id and these terms."),
  NAMESPACE_NOT_FOUND: definitive(404, "The cluster has no such namespace, or it is being removed; create it first."),
  NAMESPACE_REFUSED: definitive(
    403,
    "The namespace belongs to Kubernetes, Liqo or the Connector and is not offloaded.",
  ),
  OFFLOADING_CONFLICT: definitive(
    409,
    "The namespace is offloaded by hand or in another way already; the message says what to do.",
  ),
  OFFLOADING_NOT_FOUND: definitive(404, "The namespace is not offloaded through this contract."),
  IDEMPOTENCY_MISMATCH: definitive(409, "This id was used before for a different request."),
  TERMS_MISMATCH: definitive(409, "The terms named are not those that the seller has frozen."),
  CONTRACT_STATE_INVALID: definitive(409, "The contract's state does not allow this; see its allowedActions."),
  RELEASE_TOO_EARLY: definitive(
    409,
    "The resources may still come back by themselves; details.allowedFrom says from when on the stock may be freed by hand.",
  ),
  CONTRACT_EXPIRED: definitive(409, "The contract's deadline for this step has passed."),
  NOTICE_PERIOD: definitive(409, "The notice period has not been kept; use force to end the contract in breach of it."),
  TERMS_NOT_APPROVED: definitive(409, "The seller's terms differ from what was to be bought; nothing was signed."),
  PEER_NOT_TRUSTED: definitive(403, "The other cluster is not pinned here, or it is blocked."),
  CLUSTER_ID_AMBIGUOUS: definitive(409, "Several clusters claim this cluster id; name the key fingerprint too."),
  CLUSTER_NOT_FOUND: definitive(404, "No cluster with this id or fingerprint is in the catalog."),
  REJECTED_BY_SELLER: definitive(409, "The provider has refused the request."),
  CURSOR_INVALID: definitive(400, "The cursor was not made by this server for this query; start without one."),
  LIMIT_EXCEEDED: definitive(400, "A list or a page is longer than its bound."),
  QUERY_TOO_COMPLEX: definitive(400, "The document asks for too much at once; split it."),
  RATE_LIMITED: transient(429, "Too many requests; wait details.retryAfter seconds."),
  OVERLOADED: transient(503, "The server has more work than it can do now; retry later."),
  UNAVAILABLE: transient(503, "Something that the server needs is away; nothing was lost, retry later."),
  ENDPOINT_REFUSED: definitive(403, "The address is not one that may be called from here."),
  PEER_UNREACHABLE: transient(502, "The other party did not give an answer that counts; retry later."),
  NOT_INITIALISED: definitive(409, "This cluster has no name and contract endpoint yet; call initCatalog first."),
  INTERNAL_SERVER_ERROR: transient(500, "Something unexpected failed; the log has it under details.requestId."),
} as const satisfies Readonly<Record<string, ErrorEntry>>;

/** The code in `extensions.code` of a refusal. */
export type ErrorCode = keyof typeof TABLE;

/** Every code that any part answers with: the one list, from which descriptions and HTTP statuses are taken. */
export const ERROR_CODES: Readonly<Record<ErrorCode, ErrorEntry>> = TABLE;

/** A refusal that may be shown to the caller: no secret, no SQL, no stack in its message or details. */
export class CatalogError extends Error {
  constructor(
    readonly code: ErrorCode,
    message: string,
    readonly details?: Readonly<Record<string, unknown>>,
  ) {
    super(message);
    this.name = new.target.name;
  }
}

/** Whether `code` is in {@link ERROR_CODES}. */
export function isErrorCode(code: string): code is ErrorCode {
  return Object.hasOwn(ERROR_CODES, code);
}

/**
 * Whether a caller should retry after `code`. Codes that are not ours are transient: only a refusal that we know to be
 * final may end a negotiation.
 * @param failingForSeconds how long this code has been the only answer; a code with patience turns definitive after it.
 */
export function isTransient(code: string, failingForSeconds = 0): boolean {
  if (!isErrorCode(code)) return true;
  const entry = ERROR_CODES[code];
  return !entry.definitive && failingForSeconds < (entry.patienceSeconds ?? Infinity);
}
