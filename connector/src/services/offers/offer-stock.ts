import type { Offer } from "@catalog/schema/offer";
import { boundStock } from "../../domain/capacity.js";
import type { LedgerUnit } from "../contracts/ledger-ports.js";
import { capacityView } from "../cluster/capacity-view.js";

/** The `stock` member of a signed offer: what is left of each of its plans; of a MEASURED one no more than the cluster has. */
export async function stockNow(unit: LedgerUnit, offer: Offer): Promise<Record<string, number>> {
  const known = offer.capacity === "MEASURED" ? (await capacityView(unit)).known : null;
  return boundStock(offer, await unit.stock.of(offer.offerID), known);
}
