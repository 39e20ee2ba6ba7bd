import { CatalogError } from "@catalog/schema/errors";
import { type Descriptor, signDescriptor, verifyDescriptor } from "@catalog/schema/documents/descriptor";
import { peekJws, type Signer, TYP } from "@catalog/schema/documents/jws";
import { verifyOffer, verifyWithdrawal } from "@catalog/schema/documents/offer-document";
import { canonicalJson } from "../../domain/canonical-json.js";
import { seconds } from "../../domain/contract-change.js";
import { CONNECTOR_ACTOR } from "../contracts/contract-ledger.js";
import type { LedgerUnit, Transact } from "../contracts/ledger-ports.js";
import { publishAll, publishOffer } from "./offer-signing.js";
import { stockNow } from "./offer-stock.js";

/** The own documents at one moment. `asOf` is the last number given out then: what a Broker lists above it is newer than this list. */
export interface OfferSnapshot {
  readonly asOf: number;
  /** The own descriptor. */
  readonly descriptor: string;
  readonly documents: readonly {
    readonly offerID: string;
    readonly rev: number;
    readonly digest: string;
    readonly jws: string;
    readonly isWithdrawn: boolean;
  }[];
}

/** The shortest time between two documents of one offer that differ in stock alone, in ms. */
const RESTOCK_EVERY_MS = 1_000;

/** What Brokers are told of the own offers. */
export class OfferPublisher {
  constructor(
    private readonly transact: Transact<LedgerUnit>,
    private readonly signer: Signer,
  ) {}

  /** List and `asOf` in one snapshot: the counter stays locked until the commit, so that nothing below `asOf` is missing. @throws NOT_INITIALISED. */
  snapshot(): Promise<OfferSnapshot> {
    return this.transact(async (unit) => {
      const asOf = await unit.cluster.lastNumber();
      const descriptor = await unit.cluster.descriptor();
      if (descriptor === undefined)
        throw new CatalogError("NOT_INITIALISED", "There is nothing to announce before initCatalog.");
      const documents = await unit.offers.documents();
      return {
        asOf,
        descriptor,
        documents: documents.map(({ offer, rev, digest, jws, isWithdrawn }) => ({
          offerID: offer.offerID,
          rev,
          digest,
          jws,
          isWithdrawn,
        })),
      };
    });
  }

  /**
   * A Broker has shown documents of this cluster with numbers above the own ones: the database lost its latest changes. Goes on above them and
   * signs everything anew.
   * @param proofs documents that must carry the own signature; others are ignored.
   * @returns whether anything was signed anew.
   */
  async outdated(proofs: readonly string[]): Promise<boolean> {
    return this.transact(async (unit) => {
      const own = await unit.cluster.descriptor();
      if (own === undefined) return false;
      const shown = (await Promise.all(proofs.map((proof) => ownDocument(proof, own)))).filter((one) => one !== null);
      const last = await unit.cluster.lastNumber();
      const highest = Math.max(0, ...shown.map(({ number }) => number));
      const inUse = await numbersInUse(unit, own);
      if (!shown.some(({ subject, number }) => number > last || number > (inUse.get(subject) ?? last))) return false;
      if (highest > last) await unit.cluster.raiseNumber(highest);
      await this.renumberDescriptor(unit, own);
      await publishAll(unit, this.signer, (offer) => offer);
      const message = `A Broker knows number ${highest} of this cluster; everything was signed anew above it.`;
      await unit.activity.add({
        actor: CONNECTOR_ACTOR,
        action: "offers.renumbered",
        subject: String(highest),
        message,
      });
      return true;
    });
  }

  /** The same descriptor under a new number: others refuse one that is numbered lower than what they know. */
  private async renumberDescriptor(unit: LedgerUnit, own: string): Promise<void> {
    const { payload } = peekJws<Descriptor>(own, TYP.descriptor);
    const seq = await unit.cluster.nextNumber();
    await unit.cluster.saveDescriptor(await signDescriptor(this.signer, { ...payload, seq, iat: seconds(unit.now) }));
    unit.changed("descriptor", String(seq));
  }

  /**
   * Publishes what is left of an offer's plans, if that has changed: at once, then at most once a second.
   * @returns when to try again (Unix ms), or null when the document is up to date.
   */
  restock(offerID: string): Promise<number | null> {
    return this.transact(async (unit) => {
      const before = await unit.offers.find(offerID);
      if (before === undefined || before.isWithdrawn) return null;
      const stock = await stockNow(unit, before.offer);
      const published = peekJws<{ stock: Readonly<Record<string, number>> }>(before.jws).payload.stock;
      if (canonicalJson(stock) === canonicalJson(published)) return null;
      const earliest = before.signedAt + RESTOCK_EVERY_MS;
      if (earliest > unit.now.getTime()) return earliest;
      await publishOffer(unit, this.signer, before, before.offer);
      return null;
    });
  }
}

/** An own document that a Broker has shown: what it is about (an offerID, or {@link OWN_DESCRIPTOR}) and its number. */
interface ShownDocument {
  readonly subject: string;
  readonly number: number;
}

/** No offer has this id. */
const OWN_DESCRIPTOR = "";

/** The number of the document in use for each subject. */
async function numbersInUse(unit: LedgerUnit, own: string): Promise<ReadonlyMap<string, number>> {
  const { seq } = peekJws<Descriptor>(own, TYP.descriptor).payload;
  const documents = await unit.offers.documents();
  return new Map([[OWN_DESCRIPTOR, seq], ...documents.map(({ offer, rev }): [string, number] => [offer.offerID, rev])]);
}

/** Null if the document does not carry the own signature. */
async function ownDocument(jws: string, ownDescriptor: string): Promise<ShownDocument | null> {
  try {
    const descriptor = await verifyDescriptor(ownDescriptor);
    const { typ } = peekJws(jws).header;
    if (typ === TYP.offer) {
      const { offer, rev } = await verifyOffer(jws, descriptor);
      return { subject: offer.offerID, number: rev };
    }
    if (typ === TYP.withdrawal) {
      const { offerID, rev } = await verifyWithdrawal(jws, descriptor);
      return { subject: offerID, number: rev };
    }
    const { iss, seq } = await verifyDescriptor(jws);
    return iss === descriptor.iss ? { subject: OWN_DESCRIPTOR, number: seq } : null;
  } catch (error) {
    if (error instanceof CatalogError) return null;
    throw error;
  }
}
