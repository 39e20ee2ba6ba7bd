import { signTerms, termsHash } from "@catalog/schema/documents/contract-document";
import type { Signer } from "@catalog/schema/documents/jws";
import type { Party } from "@catalog/schema/contract";
import type { Contract } from "../../domain/contract.js";
import { applyEvent } from "../../domain/contract-change.js";
import { outOfStock, type Refusal, termsOf } from "../../domain/sale.js";
import { requestCapacityRefusal } from "../cluster/capacity-view.js";
import type { LedgerUnit } from "./ledger-ports.js";

/** How long the reservation holds and how long after it the contract may be activated, in seconds. */
export interface ReservationPeriods {
  readonly reservation: number;
  readonly acknowledgement: number;
}

/** A contract with its terms, not stored yet; or why there is none, and then nothing has changed. */
export type Reservation = { readonly contract: Contract } | { readonly refusal: Refusal };

/** Takes the units of a request from the stock and freezes its terms, signed, if that many are left and the cluster has the resources. */
export async function reserveUnits(
  unit: LedgerUnit,
  signer: Signer,
  contract: Contract,
  seller: Party,
  periods: ReservationPeriods,
): Promise<Reservation> {
  const { offerID, planID, units } = contract.request;
  const refusal = await requestCapacityRefusal(unit, contract);
  if (refusal !== undefined) return { refusal };
  if (!(await unit.stock.take(offerID, planID, units))) return { refusal: outOfStock(contract.request) };
  const terms = termsOf(contract, seller, unit.now, periods);
  const jws = await signTerms(signer, terms);
  const reserved = applyEvent(contract, "GRANTED", unit.now, {
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
  return { contract: reserved };
}
