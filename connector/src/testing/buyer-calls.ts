import { randomUUID } from "node:crypto";
import { contractHash, cosign, termsHash } from "@catalog/schema/documents/contract-document";
import type { Signer } from "@catalog/schema/documents/jws";
import { signNotice, signReceipt } from "@catalog/schema/documents/receipt";
import type { ConfirmVariables, Negotiation, ReserveInput } from "@catalog/schema/operations";
import { reserveInputOf } from "../domain/reserve-input.js";
import type { TestCell } from "./test-cell.js";

// What a buyer sends to a seller, made by hand, so that a test may send it late, twice or changed.

/** One unit of the plan `small`, under a new id. */
export async function reserveCall(
  buyer: TestCell,
  { offerID, termsRev }: { readonly offerID: string; readonly termsRev: number },
  change: Partial<ReserveInput> = {},
): Promise<ReserveInput> {
  const { fingerprint: _, ...party } = await buyer.ledger.cluster.party();
  const request = {
    contractID: randomUUID(),
    offerID,
    planID: "small",
    units: 1,
    termsRev,
    validUntil: null,
    renews: null,
    buyer: party,
  };
  return { ...reserveInputOf(request), ...change };
}

export async function confirmCall(view: Negotiation, signer: Signer): Promise<ConfirmVariables> {
  const terms = view.terms ?? "";
  return { contractID: view.contractID, termsHash: await termsHash(terms), ...(await cosign(signer, terms)) };
}

/** @param change of the receipt's content; `iat` is needed, in Unix seconds. */
export async function receiptCall(view: Negotiation, signer: Signer, change: { readonly iat: number }) {
  const hash = await termsHash(view.terms ?? "");
  const content = {
    iss: signer.fingerprint,
    contractID: view.contractID,
    termsHash: hash,
    contractHash: await contractHash(view.contract ?? ""),
  };
  return {
    contractID: view.contractID,
    termsHash: hash,
    receipt: await signReceipt(signer, { ...content, ...change }),
  };
}

/** @param at Unix seconds. */
export async function noticeCall(contractID: string, { fingerprint, identity }: TestCell, at: number) {
  const content = { iss: fingerprint, contractID, reason: "done", at };
  return { contractID, notice: await signNotice(identity.signer, content) };
}
