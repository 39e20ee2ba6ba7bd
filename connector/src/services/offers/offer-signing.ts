import { digest, type Signer } from "@catalog/schema/documents/jws";
import { signOffer, signWithdrawal } from "@catalog/schema/documents/offer-document";
import { type Offer, OFFER_LIMITS, termsDiffer } from "@catalog/schema/offer";
import { InputInvalidError } from "@catalog/schema/problem";
import { canonicalJson } from "../../domain/canonical-json.js";
import { seconds } from "../../domain/contract-change.js";
import type { OwnOffer } from "../../domain/own-offer.js";
import type { LedgerUnit } from "../contracts/ledger-ports.js";
import { stockNow } from "./offer-stock.js";

/**
 * Signs an own offer under a new number with its stock as it is now, and asks for it to be announced. The terms get a new number only if
 * they differ from those of `before`.
 * @throws BAD_USER_INPUT if the document would be too large.
 */
export async function publishOffer(
  unit: LedgerUnit,
  signer: Signer,
  before: OwnOffer | undefined,
  offer: Offer,
  isDeclared = before?.isDeclared ?? false,
): Promise<OwnOffer> {
  const rev = await unit.cluster.nextNumber();
  const keepsTerms = before !== undefined && !before.isWithdrawn && !termsDiffer(before.offer, offer);
  const termsRev = keepsTerms ? before.termsRev : rev;
  const stock = await stockNow(unit, offer);
  const jws = await signOffer(signer, { iss: signer.fingerprint, rev, termsRev, iat: seconds(unit.now), offer, stock });
  if (jws.length > OFFER_LIMITS.documentBytes) {
    const message = `The signed offer has ${jws.length} bytes, more than ${OFFER_LIMITS.documentBytes}. Shorten its texts or split its plans into several offers.`;
    throw new InputInvalidError([{ path: "", message }]);
  }
  return keep(unit, {
    offer,
    rev,
    termsRev,
    jws,
    digest: await digest(jws),
    isWithdrawn: false,
    signedAt: unit.now.getTime(),
    isDeclared,
  });
}

/** Signs the withdrawal of an own offer under a new number, and asks for it to be announced. */
export async function publishWithdrawal(unit: LedgerUnit, signer: Signer, before: OwnOffer): Promise<OwnOffer> {
  const rev = await unit.cluster.nextNumber();
  const { offerID } = before.offer;
  const jws = await signWithdrawal(signer, { iss: signer.fingerprint, rev, iat: seconds(unit.now), offerID });
  return keep(unit, {
    ...before,
    rev,
    jws,
    digest: await digest(jws),
    isWithdrawn: true,
    signedAt: unit.now.getTime(),
    isDeclared: false,
  });
}

/** Signs every own offer anew, changed by `change`; withdrawals too. */
export async function publishAll(unit: LedgerUnit, signer: Signer, change: (offer: Offer) => Offer): Promise<void> {
  for (const { offer } of await unit.offers.documents()) {
    const before = await unit.offers.find(offer.offerID);
    if (before === undefined) continue;
    if (before.isWithdrawn) await publishWithdrawal(unit, signer, before);
    else await publishOffer(unit, signer, before, change(before.offer));
  }
}

/** Whether two offers are equal in every field. */
export function isSameOffer(a: Offer, b: Offer): boolean {
  return canonicalJson(a) === canonicalJson(b);
}

async function keep(unit: LedgerUnit, offer: OwnOffer): Promise<OwnOffer> {
  await unit.offers.save(offer);
  await unit.outbox.add({ kind: "announce" });
  unit.changed("offer", offer.offer.offerID);
  return offer;
}
