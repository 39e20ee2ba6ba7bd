import { createHmac, hkdfSync, randomBytes } from "node:crypto";

import { verifyDescriptor } from "@catalog/schema/documents/descriptor";
import { decryptJoinToken, signChallenge, verifyEnrolProof } from "@catalog/schema/documents/enrolment";
import type { Signer } from "@catalog/schema/documents/jws";
import type { IdentityKeys } from "@catalog/schema/documents/keys";
import { unixSeconds } from "@catalog/server/clock";

import { checkNonce, makeNonce, type KeyedHash } from "../domain/challenge-nonce.js";
import type { Now } from "./ports.js";

/** The join string's token as an enrolling cluster shows it. */
export interface ShownToken {
  readonly tokenID: string;
  readonly secret: string;
}

/** The Broker's side of the cryptography of enrolment. It keeps nothing: every replica can check what another one issued. */
export class EnrolmentAnswers {
  private readonly hash: KeyedHash;

  /** @param lifetime seconds for which a challenge may be answered. */
  constructor(
    private readonly keys: IdentityKeys,
    private readonly signer: Signer,
    private readonly lifetime: number,
    private readonly now: Now,
  ) {
    const key = Buffer.from(hkdfSync("sha256", keys.signing.privateJwk.d, "", "catalog enrolment challenge", 32));
    this.hash = (text) => createHmac("sha256", key).update(text).digest();
  }

  /** A challenge document for `fingerprint`. */
  challenge(fingerprint: string): Promise<string> {
    const iat = unixSeconds(this.now());
    const exp = iat + this.lifetime;
    const nonce = makeNonce(fingerprint, exp, randomBytes(16), this.hash);
    return signChallenge(this.signer, { iss: this.keys.fingerprint, aud: fingerprint, nonce, iat, exp });
  }

  /** The nonce that the proof answers. Throws CHALLENGE_INVALID unless it is ours, for this identity and in time. */
  async checkProof(
    input: { readonly descriptor: string; readonly proof: string },
    fingerprint: string,
  ): Promise<string> {
    const descriptor = await verifyDescriptor(input.descriptor);
    const { nonce } = await verifyEnrolProof(input.proof, { descriptor, aud: this.keys.fingerprint });
    checkNonce(nonce, fingerprint, unixSeconds(this.now()), this.lifetime, this.hash);
    return nonce;
  }

  /** The token that was encrypted to this Broker by this identity for this challenge. Throws JOIN_TOKEN_INVALID. */
  async openToken(jwe: string, fingerprint: string, nonce: string): Promise<ShownToken> {
    const { tokenId, secret } = await decryptJoinToken(jwe, this.keys.encryption, { iss: fingerprint, nonce });
    return { tokenID: tokenId, secret };
  }
}
