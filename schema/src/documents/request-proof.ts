import { CatalogError } from "../errors.js";
import { sha256Base64url } from "./base64url.js";
import { parseCompact, proveParts, TYP, type JwsParts, type Signer } from "./jws.js";
import type { PublicJwk } from "./keys.js";
import { Members } from "./members.js";

/** Longest life of a proof and largest difference of clocks, in seconds. */
export const PROOF_LIFETIME = 60;
export const PROOF_MAX_SKEW = 60;

/** What a request proof says. Times in Unix seconds. */
export interface ProofPayload {
  /** Fingerprint of the caller. */
  readonly iss: string;
  /** Fingerprint of the receiver. */
  readonly aud: string;
  readonly iat: number;
  readonly exp: number;
  /** 128 random bits, base64url; never seen twice from one caller. */
  readonly jti: string;
  /** HTTP method: POST, or GET for a WebSocket. */
  readonly htm: string;
  /** Path of the announced endpoint, without a query. */
  readonly htp: string;
  /** Base64url of the SHA-256 of the raw body. */
  readonly bh: string;
}

/** One request to prove. `now` in Unix seconds; `jti` is 16 random bytes as base64url. */
export interface ProofRequest {
  readonly aud: string;
  readonly method: string;
  readonly path: string;
  readonly body: Uint8Array;
  readonly now: number;
  readonly jti: string;
}

/** What the receiver knows of the request. `now` in Unix seconds, `bodyHash` as from {@link sha256Base64url}. */
export interface ProofExpectation {
  readonly aud: string;
  readonly method: string;
  readonly path: string;
  readonly bodyHash: string;
  readonly now: number;
}

/** Finds the key `kid` of the identity `iss`, from verified descriptors only. */
export type ProofKeyOf = (kid: string, iss: string) => PublicJwk | undefined | Promise<PublicJwk | undefined>;

/** Compact JWS that proves one request; it holds for 60 s. */
export async function signProof(signer: Signer, request: ProofRequest): Promise<string> {
  const payload: ProofPayload = {
    iss: signer.fingerprint,
    aud: request.aud,
    iat: request.now,
    exp: request.now + PROOF_LIFETIME,
    jti: request.jti,
    htm: request.method,
    htp: request.path,
    bh: await sha256Base64url(request.body),
  };
  return signer.sign(TYP.request, payload);
}

/**
 * Who made this request, once everything about the proof holds; the cheap checks come first, the signature last. Whether
 * `jti` was seen before is the caller's to check. Throws {@link CatalogError} with a PROOF_* code, or CLOCK_SKEW with
 * details {serverTime: Unix seconds}.
 */
export async function checkProof(jws: string, expect: ProofExpectation, keyOf: ProofKeyOf): Promise<ProofPayload> {
  const parts = parseProof(jws);
  const proof = readProof(parts);
  checkTimes(proof, expect.now);
  checkTarget(proof, expect);
  const { kid } = parts.header;
  const jwk = await keyOf(kid, proof.iss);
  if (jwk === undefined) {
    throw new CatalogError(
      "PROOF_KEY_UNKNOWN",
      `no verified descriptor of ${proof.iss} has the key ${kid}; send the descriptor with the first request`,
    );
  }
  await asProofError(() => proveParts(parts, () => jwk));
  return proof;
}

function parseProof(jws: string): JwsParts {
  try {
    return parseCompact(jws, TYP.request);
  } catch (error) {
    throw proofInvalid(error);
  }
}

function readProof(parts: JwsParts): ProofPayload {
  const members = new Members("the request proof", parts.payload, "PROOF_INVALID");
  return {
    iss: members.hash("iss"),
    aud: members.hash("aud"),
    iat: members.integer("iat"),
    exp: members.integer("exp"),
    jti: members.bytes("jti", 16),
    htm: members.line("htm", 16),
    htp: members.line("htp", 2048),
    bh: members.hash("bh"),
  };
}

function checkTimes(proof: ProofPayload, now: number): void {
  if (proof.exp <= proof.iat || proof.exp > proof.iat + PROOF_LIFETIME) {
    throw new CatalogError("PROOF_INVALID", `the request proof must expire 1 to ${PROOF_LIFETIME} s after its iat`);
  }
  if (Math.abs(now - proof.iat) > PROOF_MAX_SKEW) {
    const message = `the request proof was made at ${proof.iat}, the receiver's clock says ${now}: more than ${PROOF_MAX_SKEW} s apart`;
    throw new CatalogError("CLOCK_SKEW", message, { serverTime: now });
  }
  if (now >= proof.exp)
    throw new CatalogError(
      "PROOF_EXPIRED",
      `the request proof expired at ${proof.exp}; it is ${now}. Sign a new one for each request`,
    );
}

function checkTarget(proof: ProofPayload, expect: ProofExpectation): void {
  if (proof.aud !== expect.aud)
    throw new CatalogError("PROOF_AUDIENCE_MISMATCH", `the request proof is for ${proof.aud}, not for ${expect.aud}`);
  if (proof.htm !== expect.method || proof.htp !== expect.path) {
    throw new CatalogError(
      "PROOF_TARGET_MISMATCH",
      `the request proof is for ${proof.htm} ${proof.htp}, the request is ${expect.method} ${expect.path}`,
    );
  }
  if (proof.bh !== expect.bodyHash)
    throw new CatalogError(
      "PROOF_BODY_MISMATCH",
      "the request proof is for another body (bh is the SHA-256 of the raw body)",
    );
}

async function asProofError(work: () => Promise<void>): Promise<void> {
  try {
    await work();
  } catch (error) {
    throw proofInvalid(error);
  }
}

function proofInvalid(error: unknown): unknown {
  return error instanceof CatalogError ? new CatalogError("PROOF_INVALID", error.message) : error;
}
