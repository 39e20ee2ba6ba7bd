import { checkCsr, CsrRefusedError, isNonceSignature, isSameKey } from "../csr.js";
import type { TenantParts } from "./handshake.js";

/** Who a customer has to be. */
export interface ExpectedCustomer {
  readonly clusterID: string;
  /** The key of its Liqo that the contract names, PEM; undefined where the contract names none. */
  readonly publicKey: string | undefined;
  /** The nonce of this cluster, as Liqo here made it. */
  readonly nonce: string;
}

/** What is wrong with what a customer says of itself; undefined if nothing. Nothing may be made of it before this was asked. */
export function introductionProblem(parts: TenantParts, expected: ExpectedCustomer): string | undefined {
  const { publicKey: contractKey, clusterID, nonce } = expected;
  if (contractKey === undefined)
    return "the contract names no key of the customer's Liqo; it has to be bought again with a Connector that runs Liqo 1.x.";
  if (!isSameKey(parts.publicKey, contractKey))
    return "the key is not the one that the contract names for this cluster.";
  try {
    checkCsr(parts.csr, { clusterID, publicKey: contractKey });
    const isSigned = isNonceSignature(nonce, Buffer.from(parts.signature, "base64"), contractKey);
    return isSigned ? undefined : "the signature is not over the present nonce; ask for the nonce again.";
  } catch (error) {
    if (error instanceof CsrRefusedError) return error.message;
    throw error;
  }
}
