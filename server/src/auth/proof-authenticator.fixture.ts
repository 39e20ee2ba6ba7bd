import { signDescriptor, type Descriptor } from "@catalog/schema/documents/descriptor";
import { signerFrom, type Signer } from "@catalog/schema/documents/jws";
import { generateIdentity, type IdentityKeys } from "@catalog/schema/documents/keys";
import { signProof, type ProofRequest } from "@catalog/schema/documents/request-proof";
import type { AuthenticationRequest } from "../graphql/listener-options.js";
import { randomId } from "../random.js";

/** Unix seconds of these tests. */
export const NOW = 1_800_000_000;
export const BODY = new TextEncoder().encode('{"query":"{ viewer }"}');

/** A party with keys, a signer and a descriptor. */
export interface Party {
  readonly keys: IdentityKeys;
  readonly signer: Signer;
  readonly descriptor: string;
}

export async function newParty(changes: Partial<Descriptor> = {}): Promise<Party> {
  const keys = await generateIdentity();
  const signer = await signerFrom(keys);
  const descriptor = await signDescriptor(signer, {
    iss: keys.fingerprint,
    seq: 1,
    iat: NOW,
    created: NOW,
    keys: { sig: keys.signing.publicJwk, enc: keys.encryption.publicJwk },
    rotations: [],
    clusterID: "turin-1",
    clusterName: "turin",
    clusterPrettyName: "Turin",
    endpoint: null,
    clusterContractEndpoint: "https://turin.example/graphql",
    liqo: { mode: "manual", version: null },
    ...changes,
  });
  return { keys, signer, descriptor };
}

export function proofOf(party: Party, audience: string, changes: Partial<ProofRequest> = {}): Promise<string> {
  return signProof(party.signer, {
    aud: audience,
    method: "POST",
    path: "/graphql",
    body: BODY,
    now: NOW,
    jti: randomId(16),
    ...changes,
  });
}

/** A POST as the listener would describe it. */
export function requestWith(
  headers: Record<string, string>,
  changes: Partial<AuthenticationRequest> = {},
): AuthenticationRequest {
  return {
    transport: "http",
    method: "POST",
    path: "/graphql",
    query: "",
    headers,
    rawBody: BODY,
    remoteAddress: "127.0.0.1",
    requestId: "r1",
    ...changes,
  };
}
