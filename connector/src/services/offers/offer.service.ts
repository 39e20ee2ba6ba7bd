import { CatalogError } from "@catalog/schema/errors";
import type { Signer } from "@catalog/schema/documents/jws";
import { type Offer, type OfferInput, offerProblems } from "@catalog/schema/offer";
import { offerFrom } from "@catalog/schema/offer-defaults";
import { requireNoProblems } from "@catalog/schema/problem";
import { randomId } from "@catalog/server/random";
import { seconds } from "../../domain/contract-change.js";
import { boundStock, type KnownCapacity } from "../../domain/capacity.js";
import { promiseProblems } from "../../domain/capacity-rules.js";
import { available, type OwnOffer, type PlanStock } from "../../domain/own-offer.js";
import { capacityView } from "../cluster/capacity-view.js";
import type { LedgerUnit, Transact } from "../contracts/ledger-ports.js";
import { isSameOffer, publishOffer, publishWithdrawal } from "./offer-signing.js";

/** How a plan stands: what exists, what contracts hold, what is left. */
export interface PlanStanding extends PlanStock {
  readonly available: number;
}

/** An own offer with the stock of its plans. */
export interface MyOffer extends OwnOffer {
  readonly stock: readonly PlanStanding[];
}

/** There is no own offer with this id. */
export class OfferNotFoundError extends CatalogError {
  constructor(offerID: string) {
    super("OFFER_NOT_FOUND", `This cluster has no offer ${offerID}.`, { offerID });
  }
}

/** What this cluster sells. */
export class OfferService {
  constructor(
    private readonly transact: Transact<LedgerUnit>,
    private readonly signer: Signer,
    /** Offers that may be listed at once; Brokers refuse more. */
    private readonly maxOffers: number,
  ) {}

  /**
   * Creates an offer, or replaces the one with its offerID. Without a status it stays as it was, a new one goes on sale. A plan's quantity may
   * go below what was sold: nothing more is sold until enough contracts have ended, and what is held beyond it shows as overcommitted.
   * What a MEASURED offer promises must fit into the cluster; what a DECLARED one does only if the admin wants that (`setCapacityPolicy`).
   * @throws BAD_USER_INPUT with every problem, NOT_INITIALISED, OFFER_LIMIT_REACHED.
   */
  async save(input: OfferInput, actor: string): Promise<MyOffer> {
    requireNoProblems(offerProblems(input));
    return this.transact(async (unit) => {
      const profile = await unit.cluster.profile();
      if (profile === undefined)
        throw new CatalogError("NOT_INITIALISED", "Call initCatalog before you publish offers.");
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
        return withStock(unit, before);
      await requirePromise(unit, before, offer);
      await unit.stock.setQuantities(
        offer.offerID,
        Object.fromEntries(offer.plans.map((plan) => [plan.planID, plan.planQuantity])),
      );
      const saved = await publishOffer(unit, this.signer, before, offer);
      await unit.activity.add({
        actor,
        action: "offer.saved",
        subject: offer.offerID,
        message: `Offer "${offer.offerName}" was saved`,
      });
      return withStock(unit, saved);
    });
  }

  /** Puts an offer on sale or pauses it. Running contracts keep their terms. @throws OFFER_NOT_FOUND. */
  setStatus(offerID: string, status: boolean, actor: string): Promise<MyOffer> {
    return this.transact(async (unit) => {
      const before = await listed(unit, offerID);
      if (before.offer.status === status) return withStock(unit, before);
      const saved = await publishOffer(unit, this.signer, before, { ...before.offer, status });
      const message = `Offer "${before.offer.offerName}" was ${status ? "put on sale" : "paused"}`;
      await unit.activity.add({ actor, action: status ? "offer.resumed" : "offer.paused", subject: offerID, message });
      return withStock(unit, saved);
    });
  }

  /** Takes an offer off the Catalog; twice is once. Running contracts keep their terms. @throws OFFER_NOT_FOUND. */
  withdraw(offerID: string, actor: string): Promise<MyOffer> {
    return this.transact(async (unit) => {
      const before = await unit.offers.find(offerID);
      if (before === undefined) throw new OfferNotFoundError(offerID);
      if (before.isWithdrawn) return withStock(unit, before);
      await unit.stock.setQuantities(offerID, {});
      const gone = await publishWithdrawal(unit, this.signer, before);
      await unit.activity.add({
        actor,
        action: "offer.withdrawn",
        subject: offerID,
        message: `Offer "${before.offer.offerName}" was withdrawn`,
      });
      return withStock(unit, gone);
    });
  }

  /** Every own offer that is not withdrawn, by name. */
  list(): Promise<readonly MyOffer[]> {
    return this.transact(async (unit) => {
      const stocks = await unit.stock.all();
      const offers = await unit.offers.list();
      const known = offers.some(isMeasured) ? (await capacityView(unit)).known : null;
      return offers.map((offer) => standing(offer, stocks, known));
    });
  }

  /** One own offer, withdrawn ones too. @throws OFFER_NOT_FOUND. */
  get(offerID: string): Promise<MyOffer> {
    return this.transact(async (unit) => {
      const offer = await unit.offers.get(offerID);
      if (offer === undefined) throw new OfferNotFoundError(offerID);
      return withStock(unit, offer);
    });
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

async function listed(unit: LedgerUnit, offerID: string): Promise<OwnOffer> {
  const offer = await unit.offers.find(offerID);
  if (offer === undefined || offer.isWithdrawn) throw new OfferNotFoundError(offerID);
  return offer;
}

async function withStock(unit: LedgerUnit, offer: OwnOffer): Promise<MyOffer> {
  const known = isMeasured(offer) ? (await capacityView(unit)).known : null;
  return standing(offer, await unit.stock.of(offer.offer.offerID), known);
}

function standing(own: OwnOffer, stocks: readonly PlanStock[], known: KnownCapacity | null): MyOffer {
  const { offer } = own;
  const left = own.isWithdrawn ? {} : boundStock(offer, stocks, known);
  const stock = stocks.filter(({ offerID }) => offerID === offer.offerID);
  return { ...own, stock: stock.map((one) => ({ ...one, available: left[one.planID] ?? available(one) })) };
}

function isMeasured({ offer }: OwnOffer): boolean {
  return offer.capacity === "MEASURED";
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
