import { CatalogError } from "@catalog/schema/errors";
import type { Signer } from "@catalog/schema/documents/jws";
import type { Offer, OfferInput } from "@catalog/schema/offer";
import { offerFrom } from "@catalog/schema/offer-defaults";
import { requireNoProblems } from "@catalog/schema/problem";
import { randomId } from "@catalog/server/random";
import { promiseProblems } from "../../domain/capacity-rules.js";
import { seconds } from "../../domain/contract-change.js";
import type { OwnOffer } from "../../domain/own-offer.js";
import { capacityView } from "../cluster/capacity-view.js";
import type { LedgerUnit } from "../contracts/ledger-ports.js";
import { isSameOffer, publishOffer, publishWithdrawal } from "./offer-signing.js";

/** Changes of own offers, each within a transaction that its caller began. Who may change which offer is the caller's to check. */
export class OfferChanges {
  constructor(
    private readonly signer: Signer,
    /** Offers that may be listed at once; Brokers refuse more. */
    private readonly maxOffers: number,
  ) {}

  /**
   * Creates an offer or replaces the one with its offerID.
   * @param input has no `offerProblems`.
   * @param isDeclared whether a declaration has it from now on.
   * @throws NOT_INITIALISED, OFFER_LIMIT_REACHED, BAD_USER_INPUT if it promises what must not be promised.
   */
  async save(unit: LedgerUnit, input: OfferInput, actor: string, isDeclared = false): Promise<OwnOffer> {
    const profile = await unit.cluster.profile();
    if (profile === undefined) throw new CatalogError("NOT_INITIALISED", "Call initCatalog before you publish offers.");
    const before = input.offerID ? await unit.offers.find(input.offerID) : undefined;
    if (before === undefined || before.isWithdrawn) await this.requireRoom(unit);
    const offer = offerFrom(
      { ...input, status: input.status ?? (before?.isWithdrawn === false ? before.offer.status : true) },
      {
        offerID: `offer-${randomId(9).replaceAll(/[^A-Za-z0-9]/g, "0")}`,
        clusterPrettyName: profile.clusterPrettyName,
        created: before?.offer.created ?? seconds(unit.now),
      },
    );
    if (before !== undefined && !before.isWithdrawn && isSameOffer(before.offer, offer))
      return this.handOver(unit, before, isDeclared);
    await requirePromise(unit, before, offer);
    await unit.stock.setQuantities(
      offer.offerID,
      Object.fromEntries(offer.plans.map((plan) => [plan.planID, plan.planQuantity])),
    );
    const saved = await publishOffer(unit, this.signer, before, offer, isDeclared);
    const message = `Offer "${offer.offerName}" was saved`;
    await unit.activity.add({ actor, action: "offer.saved", subject: offer.offerID, message });
    return saved;
  }

  /** Puts an offer that is listed on sale or pauses it. */
  async setStatus(unit: LedgerUnit, before: OwnOffer, status: boolean, actor: string): Promise<OwnOffer> {
    if (before.offer.status === status) return before;
    const { offerID, offerName } = before.offer;
    const saved = await publishOffer(unit, this.signer, before, { ...before.offer, status });
    const message = `Offer "${offerName}" was ${status ? "put on sale" : "paused"}`;
    await unit.activity.add({ actor, action: status ? "offer.resumed" : "offer.paused", subject: offerID, message });
    return saved;
  }

  /** Takes an offer off the Catalog; twice is once. */
  async withdraw(unit: LedgerUnit, before: OwnOffer, actor: string): Promise<OwnOffer> {
    if (before.isWithdrawn) return before;
    const { offerID, offerName } = before.offer;
    await unit.stock.setQuantities(offerID, {});
    const gone = await publishWithdrawal(unit, this.signer, before);
    const message = `Offer "${offerName}" was withdrawn`;
    await unit.activity.add({ actor, action: "offer.withdrawn", subject: offerID, message });
    return gone;
  }

  /** The same offer under other hands: nothing that Brokers would have to know. */
  async handOver(unit: LedgerUnit, before: OwnOffer, isDeclared: boolean): Promise<OwnOffer> {
    if (before.isDeclared === isDeclared) return before;
    const after = { ...before, isDeclared };
    await unit.offers.save(after);
    unit.changed("offer", before.offer.offerID);
    return after;
  }

  private async requireRoom(unit: LedgerUnit): Promise<void> {
    const count = (await unit.offers.list()).length;
    if (count < this.maxOffers) return;
    throw new CatalogError(
      "OFFER_LIMIT_REACHED",
      `This cluster lists ${count} offers, as many as it may. Withdraw one, or put plans together in one offer.`,
    );
  }
}

/** @throws BAD_USER_INPUT if the offer promises more than the cluster has, and it is MEASURED or the admin wants no such promise. */
async function requirePromise(unit: LedgerUnit, before: OwnOffer | undefined, after: Offer): Promise<void> {
  if (after.capacity !== "MEASURED" && !(await unit.capacity.isRefusing())) return;
  const others = (await unit.offers.list()).filter(({ offer }) => offer.offerID !== after.offerID);
  const change = {
    before: before === undefined || before.isWithdrawn ? undefined : before.offer,
    after,
    others: others.map(({ offer }) => offer),
    stocks: await unit.stock.all(),
  };
  requireNoProblems(promiseProblems(change, await capacityView(unit)));
}
