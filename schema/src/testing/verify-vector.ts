import { decodeCanonical, sha256Base64url } from "../documents/base64url.js";
import { verifyContract, verifyTerms, type PartyKeyOf } from "../documents/contract-document.js";
import {
  keyChain,
  verifyBrokerDescriptor,
  verifyDescriptor,
  type IdentityDescriptor,
} from "../documents/descriptor.js";
import { decryptJoinToken, verifyChallenge, verifyEnrolProof } from "../documents/enrolment.js";
import { parseJoinString } from "../documents/join-string.js";
import { verifyOffer, verifyWithdrawal } from "../documents/offer-document.js";
import { decryptMaterial } from "../documents/peering-material.js";
import { verifyActivation, verifyNotice, verifyReceipt } from "../documents/receipt.js";
import { checkProof } from "../documents/request-proof.js";
import type { PartyName, TestParty } from "./identities.js";

/** What a reader of the document knows beforehand; which members are there depends on the kind. */
export interface Expectation {
  /** Compact JWS of a verified descriptor: the issuer's, or for proofs one of those whose keys are known. */
  readonly descriptor?: string;
  readonly descriptors?: readonly string[];
  readonly iss?: string;
  readonly aud?: string;
  /** Unix seconds. */
  readonly now?: number;
  readonly method?: string;
  readonly path?: string;
  /** Raw request body as text. */
  readonly body?: string;
  readonly nonce?: string;
  readonly contractID?: string;
  readonly termsHash?: string;
  readonly contractHash?: string;
  /** Name of the party whose encryption key opens it. */
  readonly recipient?: PartyName;
}

type Parties = Readonly<Record<PartyName, TestParty>>;
type Verify = (document: string, expect: Expectation, parties: Parties) => Promise<unknown>;

/** How each kind of vector is verified: by the functions that the servers use. */
export const VERIFY = {
  base64url: async (document) => decodeCanonical(document),
  joinString: async (document) => parseJoinString(document),
  descriptor: (document) => verifyDescriptor(document),
  brokerDescriptor: (document) => verifyBrokerDescriptor(document),
  offer: async (document, expect) => verifyOffer(document, await descriptorOf(expect)),
  withdrawal: async (document, expect) => verifyWithdrawal(document, await descriptorOf(expect)),
  request: verifyRequest,
  challenge: async (document, { descriptor = "", aud = "", now = 0 }) =>
    verifyChallenge(document, { broker: await verifyBrokerDescriptor(descriptor), aud, now }),
  enrol: async (document, expect) =>
    verifyEnrolProof(document, { descriptor: await descriptorOf(expect), aud: expect.aud ?? "" }),
  joinToken: (document, { recipient = "broker", iss = "", nonce = "" }, parties) =>
    decryptJoinToken(document, parties[recipient].keys.encryption, { iss, nonce }),
  terms: (document, expect) => verifyTerms(document, partyKeyOf(expect)),
  contract: (document, expect) => verifyContract(document, partyKeyOf(expect), partyKeyOf(expect)),
  receipt: (document, expect) => verifyReceipt(document, { ...about(expect), contractHash: expect.contractHash ?? "" }),
  activation: (document, expect) => verifyActivation(document, about(expect)),
  notice: (document, expect) => verifyNotice(document, about(expect)),
  peering: (document, expect, parties) =>
    decryptMaterial(document, parties[expect.recipient ?? "paris"].keys.encryption, {
      ...about(expect),
      aud: expect.aud ?? "",
    }),
} as const satisfies Record<string, Verify>;

export type VectorKind = keyof typeof VERIFY;

/** Verifies one vector as its kind demands. */
export function verifyVector(
  kind: VectorKind,
  document: string,
  expect: Expectation,
  parties: Parties,
): Promise<unknown> {
  const verify: Verify = VERIFY[kind];
  return verify(document, expect, parties);
}

async function verifyRequest(document: string, expect: Expectation): Promise<unknown> {
  const { aud = "", method = "", path = "", now = 0 } = expect;
  const bodyHash = await sha256Base64url(expect.body ?? "");
  const keyOf = partyKeyOf(expect);
  return checkProof(document, { aud, method, path, bodyHash, now }, (kid, iss) => keyOf(kid, iss));
}

function descriptorOf({ descriptor = "" }: Expectation): Promise<IdentityDescriptor> {
  return verifyDescriptor(descriptor);
}

function partyKeyOf({ descriptors = [] }: Expectation): PartyKeyOf {
  return async (kid, fingerprint) => {
    const known = await Promise.all(descriptors.map((jws) => verifyDescriptor(jws)));
    const issuer = known.find((descriptor) => descriptor.iss === fingerprint);
    return issuer === undefined ? undefined : (await keyChain(issuer)).find((key) => key.kid === kid)?.jwk;
  };
}

function about(expect: Expectation): { iss: string; contractID: string; termsHash: string; keyOf: PartyKeyOf } {
  const { iss = "", contractID = "", termsHash = "" } = expect;
  return { iss, contractID, termsHash, keyOf: partyKeyOf(expect) };
}
