import { CatalogError } from "@catalog/schema/errors";
import { type OfferInput, offerProblems } from "@catalog/schema/offer";
import { requireNoProblems } from "@catalog/schema/problem";
import { boundStock, type KnownCapacity } from "../../domain/capacity.js";
import { available, type OwnOffer, type PlanStock } from "../../domain/own-offer.js";
import { capacityView } from "../cluster/capacity-view.js";
import type { LedgerUnit, Transact } from "../contracts/ledger-ports.js";
import type { OfferChanges } from "./offer-changes.js";

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

/** The offer is the declaration's: what is changed here would come back at its next change. */
export class OfferDeclaredError extends CatalogError {
  constructor(offerID: string) {
    super(
      "OFFER_DECLARED",
      `The offer ${offerID} is declared in the files of DECLARATIONS (values of the chart, for instance): change it there.`,
      { offerID },
    );
  }
}

/** What this cluster sells. */
export class OfferService {
  constructor(
    private readonly transact: Transact<LedgerUnit>,
    private readonly changes: OfferChanges,
  ) {}

  /**
   * Creates an offer, or replaces the one with its offerID. Without a status it stays as it was, a new one goes on sale. A plan's quantity may
   * go below what was sold: nothing more is sold until enough contracts have ended, and what is held beyond it shows as overcommitted.
   * What a MEASURED offer promises must fit into the cluster; what a DECLARED one does only if the admin wants that (`setCapacityPolicy`).
   * @throws BAD_USER_INPUT with every problem, NOT_INITIALISED, OFFER_LIMIT_REACHED, OFFER_DECLARED.
   */
  async save(input: OfferInput, actor: string): Promise<MyOffer> {
    requireNoProblems(offerProblems(input));
    return this.transact(async (unit) => {
      if (input.offerID) requireByHand(await unit.offers.find(input.offerID));
      return withStock(unit, await this.changes.save(unit, input, actor));
    });
  }

  /** Puts an offer on sale or pauses it. Running contracts keep their terms. @throws OFFER_NOT_FOUND, OFFER_DECLARED. */
  setStatus(offerID: string, status: boolean, actor: string): Promise<MyOffer> {
    return this.transact(async (unit) => {
      const before = await unit.offers.find(offerID);
      if (before === undefined || before.isWithdrawn) throw new OfferNotFoundError(offerID);
      requireByHand(before);
      return withStock(unit, await this.changes.setStatus(unit, before, status, actor));
    });
  }

  /** Takes an offer off the Catalog; twice is once. Running contracts keep their terms. @throws OFFER_NOT_FOUND, OFFER_DECLARED. */
  withdraw(offerID: string, actor: string): Promise<MyOffer> {
    return this.transact(async (unit) => {
      const before = await unit.offers.find(offerID);
      if (before === undefined) throw new OfferNotFoundError(offerID);
      requireByHand(before);
      return withStock(unit, await this.changes.withdraw(unit, before, actor));
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
}

function requireByHand(offer: OwnOffer | undefined): void {
  if (offer?.isDeclared === true) throw new OfferDeclaredError(offer.offer.offerID);
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
