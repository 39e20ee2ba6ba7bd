import { signTerms, termsHash } from "@catalog/schema/documents/contract-document";
import type { Signer } from "@catalog/schema/documents/jws";
import type { Party } from "@catalog/schema/contract";
import type { Contract } from "../../domain/contract.js";
import { applyEvent } from "../../domain/contract-change.js";
import { termsOf } from "../../domain/sale.js";
import type { LedgerUnit } from "./ledger-ports.js";

/** How long the reservation holds and how long after it the contract may be activated, in seconds. */
export interface ReservationPeriods {
  readonly reservation: number;
  readonly acknowledgement: number;
}

/**
 * Takes the units of a request from the stock and freezes its terms, signed. The contract returned is not stored yet.
 * @returns undefined if fewer units are left; nothing has changed then.
 */
export async function reserveUnits(
  unit: LedgerUnit,
  signer: Signer,
  contract: Contract,
  seller: Party,
  periods: ReservationPeriods,
): Promise<Contract | undefined> {
  const { offerID, planID, units } = contract.request;
  if (!(await unit.stock.take(offerID, planID, units))) return undefined;
  const terms = termsOf(contract, seller, unit.now, periods);
  const jws = await signTerms(signer, terms);
  return applyEvent(contract, "GRANTED", unit.now, {
    seller,
    isHolding: true,
    approveBy: null,
    code: null,
    message: null,
    validFrom: terms.validFrom,
    reservedUntil: terms.reservedUntil,
    ackBy: terms.ackBy,
    documents: { terms: jws, termsHash: await termsHash(jws) },
  });
}
