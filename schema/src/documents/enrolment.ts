import { CatalogError } from "../errors.js";
import { keyChain, type IdentityDescriptor } from "./descriptor.js";
import { decryptWith, encryptTo, JWE_TYP } from "./jwe.js";
import { TYP, verifyJws, type DocumentTyp, type JwsContent, type KeyOf, type Signer } from "./jws.js";
import type { IdentityKeyPair, PublicJwk } from "./keys.js";
import { Members } from "./members.js";
import { parseStrictObject, type JsonObject } from "./strict-json.js";

/** A Broker's question to one fingerprint. Times in Unix seconds. */
export interface Challenge {
  /** The Broker's fingerprint. */
  readonly iss: string;
  /** The fingerprint that may answer. */
  readonly aud: string;
  /** Base64url, 22 to 256 characters; opaque to everybody but the Broker. */
  readonly nonce: string;
  readonly iat: number;
  readonly exp: number;
}

/** The answer: the enroller holds its key now, and means this Broker. */
export interface EnrolProof {
  readonly iss: string;
  /** The Broker's fingerprint. */
  readonly aud: string;
  readonly nonce: string;
}

/** What a join string entitles to, as it is sent to the Broker: encrypted, and bound to one enroller and one challenge. */
export interface JoinToken {
  readonly tokenId: string;
  readonly secret: string;
  /** Fingerprint of the enroller. */
  readonly iss: string;
  readonly nonce: string;
}

/** How long a challenge may be answered, in seconds. */
export const CHALLENGE_LIFETIME = 60;

/** Compact JWS of a challenge. */
export function signChallenge(signer: Signer, challenge: Challenge): Promise<string> {
  return signer.sign(TYP.challenge, challenge);
}

/**
 * The challenge in `jws`, proven to be of the Broker that `broker` (verified and pinned) describes, for `aud`, and still
 * open at `now` (Unix seconds; 60 s of skew are allowed). Throws {@link CatalogError} CHALLENGE_INVALID.
 */
export async function verifyChallenge(
  jws: string,
  expect: { broker: IdentityDescriptor; aud: string; now: number },
): Promise<Challenge> {
  const { payload } = await verifyAs("CHALLENGE_INVALID", jws, TYP.challenge, currentKey(expect.broker));
  const members = new Members("the challenge", payload, "CHALLENGE_INVALID");
  members.equal("iss", expect.broker.iss, "the fingerprint of the Broker");
  members.equal("aud", expect.aud, "the fingerprint that asked");
  const iat = members.integer("iat");
  const exp = members.integer("exp", iat + 1, iat + CHALLENGE_LIFETIME);
  if (expect.now >= exp + CHALLENGE_LIFETIME || iat > expect.now + CHALLENGE_LIFETIME)
    throw members.refuse("exp", `is ${exp}, which is not near ${expect.now}`);
  return { iss: expect.broker.iss, aud: expect.aud, nonce: readNonce(members), iat, exp };
}

/** Compact JWS of the answer to a challenge. */
export function signEnrolProof(signer: Signer, proof: EnrolProof): Promise<string> {
  return signer.sign(TYP.enrol, proof);
}

/**
 * The answer in `jws`, proven to be of the identity that `descriptor` (verified) describes and meant for the Broker
 * `aud`. Whether the nonce is one of the Broker's is the caller's to check. Throws {@link CatalogError} CHALLENGE_INVALID.
 */
export async function verifyEnrolProof(
  jws: string,
  expect: { descriptor: IdentityDescriptor; aud: string },
): Promise<EnrolProof> {
  const { payload } = await verifyAs("CHALLENGE_INVALID", jws, TYP.enrol, currentKey(expect.descriptor));
  const members = new Members("the enrolment proof", payload, "CHALLENGE_INVALID");
  members.equal("iss", expect.descriptor.iss, "the fingerprint of the enroller");
  members.equal("aud", expect.aud, "the fingerprint of the Broker");
  return { iss: expect.descriptor.iss, aud: expect.aud, nonce: readNonce(members) };
}

/** Compact JWE of a join token, to the Broker's encryption key. */
export function encryptJoinToken(brokerEncKey: PublicJwk, token: JoinToken): Promise<string> {
  return encryptTo(brokerEncKey, JWE_TYP.joinToken, new TextEncoder().encode(JSON.stringify(token)));
}

/** The join token in `jwe`, made for `own` by the enroller `iss` with the nonce it answers. Throws {@link CatalogError} JOIN_TOKEN_INVALID. */
export async function decryptJoinToken(
  jwe: string,
  own: IdentityKeyPair,
  expect: { iss: string; nonce: string },
): Promise<JoinToken> {
  const payload = await recoded("JOIN_TOKEN_INVALID", async (): Promise<JsonObject> => {
    const plaintext = await decryptWith(own, JWE_TYP.joinToken, jwe);
    return parseStrictObject(plaintext, "the join token");
  });
  const members = new Members("the join token", payload, "JOIN_TOKEN_INVALID");
  members.equal("iss", expect.iss, "the fingerprint of the enroller");
  members.equal("nonce", expect.nonce, "the nonce of the challenge");
  return {
    tokenId: members.opaque("tokenId", 4, 64),
    secret: members.opaque("secret", 22, 86),
    iss: expect.iss,
    nonce: expect.nonce,
  };
}

function readNonce(members: Members): string {
  return members.opaque("nonce", 22, 256);
}

function currentKey(descriptor: IdentityDescriptor): KeyOf {
  return async (kid) => (await keyChain(descriptor)).find((key) => key.kid === kid && key.lastNumber === null)?.jwk;
}

function verifyAs(
  code: "CHALLENGE_INVALID",
  jws: string,
  typ: DocumentTyp,
  keyOf: KeyOf,
): Promise<JwsContent<JsonObject>> {
  return recoded(code, () => verifyJws(jws, typ, keyOf));
}

async function recoded<T>(code: "CHALLENGE_INVALID" | "JOIN_TOKEN_INVALID", work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof CatalogError) throw new CatalogError(code, error.message);
    throw error;
  }
}
