import { CatalogError } from "@catalog/schema/errors";
import { keyFor, verifyDescriptor } from "@catalog/schema/documents/descriptor";
import { peekJws, type Signer, verifyJws } from "@catalog/schema/documents/jws";
import { canonicalJson } from "../domain/canonical-json.js";
import { stockOf } from "../domain/own-offer.js";
import { CONNECTOR_ACTOR } from "./contract-ledger.js";
import type { LedgerUnit, Transact } from "./ledger-ports.js";
import { publishAll, publishOffer } from "./offer-signing.js";

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
      const numbers = await Promise.all(proofs.map((proof) => ownNumber(proof, own)));
      const highest = Math.max(0, ...numbers);
      if (highest <= (await unit.cluster.lastNumber())) return false;
      await unit.cluster.raiseNumber(highest);
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

  /**
   * Publishes what is left of an offer's plans, if that has changed: at once, then at most once a second.
   * @returns when to try again (Unix ms), or null when the document is up to date.
   */
  restock(offerID: string): Promise<number | null> {
    return this.transact(async (unit) => {
      const before = await unit.offers.find(offerID);
      if (before === undefined || before.isWithdrawn) return null;
      const stock = stockOf(before.offer, await unit.stock.of(offerID));
      const published = peekJws<{ stock: Readonly<Record<string, number>> }>(before.jws).payload.stock;
      if (canonicalJson(stock) === canonicalJson(published)) return null;
      const earliest = before.signedAt + RESTOCK_EVERY_MS;
      if (earliest > unit.now.getTime()) return earliest;
      await publishOffer(unit, this.signer, before, before.offer);
      return null;
    });
  }
}

/** The number of an own document; 0 if it does not carry the own signature. */
async function ownNumber(jws: string, ownDescriptor: string): Promise<number> {
  try {
    const { header, payload } = peekJws<{ iss?: unknown; rev?: unknown; seq?: unknown }>(jws);
    const number = typeof payload.rev === "number" ? payload.rev : payload.seq;
    const descriptor = await verifyDescriptor(ownDescriptor);
    if (payload.iss !== descriptor.iss || typeof number !== "number") return 0;
    await verifyJws(jws, header.typ, (kid) => keyFor(descriptor, kid, number));
    return number;
  } catch (error) {
    if (error instanceof CatalogError) return 0;
    throw error;
  }
}
