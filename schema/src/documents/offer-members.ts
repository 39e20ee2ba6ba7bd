import { CatalogError } from "../errors.js";
import { completeOfferProblems, type Offer } from "../offer.js";
import type { Members } from "./members.js";

/** The offer in the member `offer`, complete and valid. Throws {@link CatalogError} DOCUMENT_INVALID with details {problems}. */
export function readOffer(members: Members): Offer {
  const value = members.object("offer");
  const problems = completeOfferProblems(value);
  const [first] = problems;
  if (first !== undefined) {
    const path = first.path === "" ? "offer" : `offer.${first.path}`;
    throw new CatalogError("DOCUMENT_INVALID", members.refuse(path, first.message).message, { problems });
  }
  return value as unknown as Offer;
}
