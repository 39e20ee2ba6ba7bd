import type { Offer } from "@catalog/schema/offer";

/** How many units of a plan exist, are held by contracts, and are held beyond what exists. */
export interface PlanStock {
  readonly offerID: string;
  readonly planID: string;
  readonly quantity: number;
  readonly held: number;
  /** Units held although they do not exist any more: the admin lowered the quantity below what was sold. */
  readonly overcommitted: number;
}

/** An offer of this cluster with the newest document signed for it. */
export interface OwnOffer {
  readonly offer: Offer;
  /** Number of the newest document; rises with every change, of the stock too. */
  readonly rev: number;
  /** Number of the document in which the terms changed last. */
  readonly termsRev: number;
  /** The signed offer, or after a withdrawal the signed withdrawal. */
  readonly jws: string;
  readonly digest: string;
  readonly isWithdrawn: boolean;
  /** Unix milliseconds at which the document was signed. */
  readonly signedAt: number;
  /** True if a declaration made it: nobody else changes it. */
  readonly isDeclared: boolean;
}

/** Units of a plan that can still be sold; never negative. */
export function available(stock: Pick<PlanStock, "quantity" | "held">): number {
  return Math.max(0, stock.quantity - stock.held);
}
