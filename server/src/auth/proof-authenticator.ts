import { sha256Base64url } from "@catalog/schema/documents/base64url";
import { keyChain, verifyDescriptor } from "@catalog/schema/documents/descriptor";
import { peekJws, TYP } from "@catalog/schema/documents/jws";
import type { PublicJwk } from "@catalog/schema/documents/keys";
import { checkProof, type ProofPayload } from "@catalog/schema/documents/request-proof";
import { CatalogError } from "@catalog/schema/errors";
import { unixSeconds, type Clock } from "../clock.js";
import type { AuthenticationRequest } from "../graphql/listener-options.js";
import { RecentKeys } from "../limits/recent-keys.js";
import type { FirstContact, MachinePrincipal } from "./principal.js";
import type { SeenProofs } from "./seen-proofs.js";

/** Header in which a party introduces itself at first contact; `descriptor` in connection_init. */
export const DESCRIPTOR_HEADER = "catalog-descriptor";

/** What the receiver of proofs knows. */
export interface ProofPolicy {
  /** The receiver's own fingerprint: the audience of every proof. */
  readonly fingerprint: string;
  /**
   * Path of the receiver's announced endpoint, where a proxy in front serves it under another one. A proof for it counts
   * beside one for the path that the request had here.
   */
  announcedPath?(): string | undefined;
  /** The key `kid` of the party `iss`, from a descriptor that was verified and pinned before; undefined if unknown. */
  keyOf(kid: string, iss: string): Promise<PublicJwk | undefined>;
  /** Throws a CatalogError if the party may not come in at all; asked after the signature, before the proof is used up. */
  admit?(principal: MachinePrincipal, request: AuthenticationRequest, proof: ProofPayload): Promise<void>;
}

/** Finds out which machine made a request, from its request proof and nothing else. */
export class ProofAuthenticator {
  private readonly recent = new RecentKeys(10_000);

  constructor(
    private readonly policy: ProofPolicy,
    private readonly seen: SeenProofs,
    private readonly clock: Clock,
  ) {}

  /** True if the request claims to carry a proof, whatever it is worth. */
  static isPresent(request: AuthenticationRequest): boolean {
    return proofText(request) !== undefined;
  }

  /**
   * Who made the request. Cheap checks first, then the signature, then {@link ProofPolicy.admit}, then the atomic insert
   * of (iss, jti). Throws CatalogError with a PROOF_* code, CLOCK_SKEW, or what `admit` throws.
   */
  async authenticate(request: AuthenticationRequest): Promise<MachinePrincipal> {
    const jws = proofText(request);
    if (jws === undefined) {
      throw new CatalogError(
        "PROOF_MISSING",
        'this needs a request proof: "Authorization: Catalog <jws>", or "proof" in connection_init',
      );
    }
    refuseAmbiguity(request);
    const introduction = new Introduction(descriptorText(request));
    const proof = await this.check(jws, request, introduction);
    const firstContact = introduction.used;
    const principal: MachinePrincipal = {
      kind: "machine",
      fingerprint: proof.iss,
      ...(firstContact === undefined ? {} : { firstContact }),
    };
    await this.policy.admit?.(principal, request, proof);
    await this.useUp(proof);
    return principal;
  }

  private async check(jws: string, request: AuthenticationRequest, introduction: Introduction): Promise<ProofPayload> {
    const claim = peekProof(jws);
    const announced = this.policy.announcedPath?.();
    const expectation = {
      aud: this.policy.fingerprint,
      method: request.method,
      path: announced !== undefined && claim.htp === announced ? announced : request.path,
      bodyHash: await sha256Base64url(request.rawBody),
      now: unixSeconds(this.clock.now()),
    };
    return checkProof(jws, expectation, async (kid, iss) => {
      if (this.recent.has(useOf(iss, String(claim.jti)))) throw replayed();
      return (await this.policy.keyOf(kid, iss)) ?? (await introduction.keyOf(kid, iss));
    });
  }

  private async useUp(proof: ProofPayload): Promise<void> {
    const isFirstUse = await this.seen.insert(proof.iss, proof.jti, proof.exp);
    this.recent.add(useOf(proof.iss, proof.jti));
    if (!isFirstUse) throw replayed();
  }
}

/** A descriptor that came with the request; looked at only if the party is not known otherwise. */
class Introduction {
  used: FirstContact | undefined;

  constructor(private readonly jws: string | undefined) {}

  async keyOf(kid: string, iss: string): Promise<PublicJwk | undefined> {
    if (this.jws === undefined) return undefined;
    const descriptor = await verifyDescriptor(this.jws);
    if (descriptor.iss !== iss)
      throw new CatalogError("PROOF_KEY_UNKNOWN", `the descriptor sent is of ${descriptor.iss}, the proof of ${iss}`);
    const current = (await keyChain(descriptor)).at(-1);
    if (current?.kid !== kid) return undefined;
    this.used = { descriptor, jws: this.jws };
    return current.jwk;
  }
}

function proofText(request: AuthenticationRequest): string | undefined {
  const param = request.connectionParams?.["proof"];
  if (typeof param === "string") return param;
  const header = request.headers.authorization;
  return request.transport === "http" && header !== undefined ? /^Catalog +(\S+)$/i.exec(header)?.[1] : undefined;
}

function descriptorText(request: AuthenticationRequest): string | undefined {
  const given = request.connectionParams?.["descriptor"] ?? request.headers[DESCRIPTOR_HEADER];
  return typeof given === "string" ? given : undefined;
}

/** A proof covers method, path and body: whatever else could change the request's meaning is refused. */
function refuseAmbiguity(request: AuthenticationRequest): void {
  if (request.query !== "")
    throw new CatalogError("PROOF_TARGET_MISMATCH", "a request with a proof may not have a query string");
  if (request.headers["content-encoding"] !== undefined) {
    throw new CatalogError("PROOF_BODY_MISMATCH", "a request with a proof may not have a Content-Encoding");
  }
  if (request.transport === "http" && request.method !== "POST") {
    throw new CatalogError("PROOF_TARGET_MISMATCH", "a request with a proof must be a POST");
  }
}

function peekProof(jws: string): { readonly htp?: unknown; readonly jti?: unknown } {
  try {
    return peekJws<{ htp?: unknown; jti?: unknown }>(jws, TYP.request).payload;
  } catch (error) {
    throw error instanceof CatalogError ? new CatalogError("PROOF_INVALID", error.message) : error;
  }
}

function useOf(iss: string, jti: string): string {
  return `${iss} ${jti}`;
}

function replayed(): CatalogError {
  return new CatalogError(
    "PROOF_REPLAYED",
    "this request proof was used before; sign a new one for each request, retries included",
  );
}
