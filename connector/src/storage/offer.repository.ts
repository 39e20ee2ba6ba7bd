import type { EntityManager } from "typeorm";
import type { OwnOffer } from "../domain/own-offer.js";
import type { OfferRepository } from "../services/contracts/ledger-ports.js";
import { OwnOfferTable, type OwnOfferRow } from "./ledger.tables.js";

/** The own offers with their newest documents. */
export class OwnOfferRepository implements OfferRepository {
  constructor(private readonly manager: EntityManager) {}

  async get(offerID: string): Promise<OwnOffer | undefined> {
    const row = await this.manager.findOneBy(OwnOfferTable, { offerID });
    return row === null ? undefined : offerFrom(row);
  }

  async find(offerID: string): Promise<OwnOffer | undefined> {
    const row = await this.manager.findOne(OwnOfferTable, { where: { offerID }, lock: { mode: "pessimistic_write" } });
    return row === null ? undefined : offerFrom(row);
  }

  async list(): Promise<readonly OwnOffer[]> {
    const rows = await this.manager.find(OwnOfferTable, { where: { isWithdrawn: false } });
    return rows
      .map(offerFrom)
      .sort((a, b) => compare(a.offer.offerName, b.offer.offerName) || compare(a.offer.offerID, b.offer.offerID));
  }

  async documents(): Promise<readonly OwnOffer[]> {
    return (await this.manager.find(OwnOfferTable, { order: { offerID: "ASC" } })).map(offerFrom);
  }

  async save(offer: OwnOffer): Promise<void> {
    await this.manager.upsert(OwnOfferTable, { ...offer, offerID: offer.offer.offerID }, ["offerID"]);
  }
}

function offerFrom({ offer, rev, termsRev, jws, digest, isWithdrawn, signedAt, isDeclared }: OwnOfferRow): OwnOffer {
  return { offer, rev, termsRev, jws, digest, isWithdrawn, signedAt, isDeclared };
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
