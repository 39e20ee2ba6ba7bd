import type { ClusterParameters } from "../catalog.js";
import type { PartyKeyOf } from "./contract-document.js";
import { decryptWith, encryptTo, JWE_TYP } from "./jwe.js";
import { parseCompact, proveParts, TYP, type Signer } from "./jws.js";
import type { IdentityKeyPair, PublicJwk } from "./keys.js";
import { Members } from "./members.js";

/** What the buyer of an active contract needs to peer with the seller's cluster (Liqo 0.x). Secret: it holds a token. */
export interface PeeringMaterial {
  /** The seller's fingerprint. */
  readonly iss: string;
  /** The buyer's fingerprint. */
  readonly aud: string;
  readonly contractID: string;
  readonly parameters: ClusterParameters;
}

/** Compact JWE to the buyer's encryption key, around a JWS by the seller: a JWE alone does not say who made it. */
export async function encryptMaterial(
  signer: Signer,
  recipientEncJwk: PublicJwk,
  material: Omit<PeeringMaterial, "iss">,
): Promise<string> {
  const { contractID, aud, parameters } = material;
  const payload: PeeringMaterial = { iss: signer.fingerprint, aud, contractID, parameters };
  const jws = await signer.sign(TYP.peering, payload);
  return encryptTo(recipientEncJwk, JWE_TYP.peering, new TextEncoder().encode(jws));
}

/** What the caller knows of the contract: its seller, its buyer (the own fingerprint) and how to find the seller's keys. */
export interface MaterialExpectation {
  readonly iss: string;
  readonly aud: string;
  readonly contractID: string;
  readonly keyOf: PartyKeyOf;
}

/** The peering material in `jwe`, made for `own` and signed by the seller of this contract. Throws {@link CatalogError} DOCUMENT_INVALID. */
export async function decryptMaterial(
  jwe: string,
  own: IdentityKeyPair,
  expect: MaterialExpectation,
): Promise<PeeringMaterial> {
  const jws = new TextDecoder().decode(await decryptWith(own, JWE_TYP.peering, jwe));
  const parts = parseCompact(jws, TYP.peering);
  const members = new Members("the peering material", parts.payload);
  members.equal("iss", expect.iss, "the fingerprint of the seller");
  members.equal("aud", expect.aud, "the fingerprint of the buyer");
  members.equal("contractID", expect.contractID, "the contract's id");
  await proveParts(parts, (kid) => expect.keyOf(kid, expect.iss));
  return {
    iss: expect.iss,
    aud: expect.aud,
    contractID: expect.contractID,
    parameters: readParameters(members.nested("parameters")),
  };
}

function readParameters(members: Members): ClusterParameters {
  return {
    clusterName: members.line("clusterName", 253),
    clusterID: members.clusterID("clusterID"),
    endpoint: members.nullable("endpoint", (name) => members.address(name)),
    token: members.nullable("token", (name) => members.line(name, 8192)),
  };
}
