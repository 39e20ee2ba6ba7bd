import { CatalogError } from "@catalog/schema/errors";
import { InputInvalidError, type Problem, requireNoProblems } from "@catalog/schema/problem";
import type { OfferEntry } from "../../domain/declaration.js";
import type { OwnOffer } from "../../domain/own-offer.js";
import type { LedgerUnit, Transact } from "../contracts/ledger-ports.js";
import type { OfferChanges } from "../offers/offer-changes.js";

/** Who changes what is declared, in the activity list. */
export const DECLARATION_ACTOR = "declaration";

/** Makes the own offers what is declared, without touching those that were made by hand. */
export class DeclaredOffers {
  constructor(
    private readonly transact: Transact<LedgerUnit>,
    private readonly changes: OfferChanges,
  ) {}

  /**
   * Saves what is declared and withdraws what was and is not any more: all of it or, if anything is refused, nothing.
   * @throws BAD_USER_INPUT, NOT_INITIALISED, OFFER_LIMIT_REACHED, each naming the place of the declaration.
   */
  apply(entries: readonly OfferEntry[]): Promise<void> {
    return this.transact(async (unit) => {
      const wanted = new Set(entries.map(({ input }) => input.offerID));
      const present = (await unit.offers.list()).filter((one) => one.isDeclared || wanted.has(one.offer.offerID));
      requireNoProblems(conflicts(entries, present));
      for (const { offer, isDeclared } of present)
        if (isDeclared && !wanted.has(offer.offerID)) await this.withdraw(unit, offer.offerID);
      for (const entry of entries) await this.save(unit, entry);
    });
  }

  /** There are no declarations any more: what they made stays, and is the admin's from now on. */
  release(): Promise<void> {
    return this.transact(async (unit) => {
      for (const one of (await unit.offers.list()).filter(({ isDeclared }) => isDeclared))
        await this.changes.handOver(unit, one, false);
    });
  }

  private async withdraw(unit: LedgerUnit, offerID: string): Promise<void> {
    const before = await unit.offers.find(offerID);
    if (before !== undefined) await this.changes.withdraw(unit, before, DECLARATION_ACTOR);
  }

  private async save(unit: LedgerUnit, { input, place }: OfferEntry): Promise<void> {
    try {
      await this.changes.save(unit, { ...input, status: input.status ?? true }, DECLARATION_ACTOR, true);
    } catch (error) {
      if (error instanceof InputInvalidError)
        throw new InputInvalidError(error.problems.map(({ path, message }) => ({ path: `${place} ${path}`, message })));
      if (error instanceof CatalogError)
        throw new CatalogError(error.code, `${place}: ${error.message}`, error.details);
      throw error;
    }
  }
}

function conflicts(entries: readonly OfferEntry[], present: readonly OwnOffer[]): Problem[] {
  const byHand = new Set(present.filter((one) => !one.isDeclared).map(({ offer }) => offer.offerID));
  return entries
    .filter(({ input, adopt }) => byHand.has(input.offerID) && !adopt)
    .map(({ input, place }) => ({
      path: place,
      message: `the offer ${input.offerID} was made by hand and is not touched; withdraw it, declare another offerID, or add \`adopt: true\`.`,
    }));
}
