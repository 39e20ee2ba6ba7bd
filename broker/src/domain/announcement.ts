import type { AnnouncedOffer } from "@catalog/schema/operations";

/** What the catalog knows of one offer of a cluster. */
export interface KnownOffer {
  readonly offerID: string;
  readonly rev: number;
  readonly digest: string;
  readonly clusterID: string;
  readonly isRemoved: boolean;
}

/** What the catalog knows of a cluster, as far as an announcement asks. */
export interface KnownCluster {
  /** Listed offers, and announced ones that are listed no longer. */
  readonly offers: readonly KnownOffer[];
  /** Highest number of all: offers, withdrawals, descriptor, forgotten ones; 0 where nothing is known. */
  readonly highestRev: number;
  /** The document with that number, if it is above the announcement's `asOf`. */
  readonly highestJws: string | null;
  /** The descriptor of the CLUSTER item, if it is listed and fresh. */
  readonly listedDescriptor: string | null;
}

/** What follows from comparing the two: offer ids. */
export interface Comparison {
  /** Offers whose document the Broker asks for. */
  readonly need: readonly string[];
  /** Offers that the cluster has no longer. */
  readonly drop: readonly string[];
  /** Offers of which a document with a higher number is known than the cluster remembers. */
  readonly outdated: readonly string[];
}

/**
 * Compares what a cluster says it offers with what the catalog lists. An offer is dropped only if it is not announced
 * **and** was numbered when the list was made (`rev <= asOf`): a younger one is still on its way into a list.
 */
export function compareAnnouncement(
  known: readonly KnownOffer[],
  announced: readonly AnnouncedOffer[],
  asOf: number,
  clusterID: string,
): Comparison {
  const byId = new Map(known.map((offer) => [offer.offerID, offer]));
  const listed = new Set(announced.map(({ offerID }) => offerID));
  const isOutdated = ({ offerID, rev }: AnnouncedOffer): boolean => (byId.get(offerID)?.rev ?? 0) > rev;
  const isNeeded = (offer: AnnouncedOffer): boolean =>
    !isOutdated(offer) && !isListed(byId.get(offer.offerID), offer, clusterID);
  return {
    need: announced.filter(isNeeded).map(({ offerID }) => offerID),
    outdated: announced.filter(isOutdated).map(({ offerID }) => offerID),
    drop: known
      .filter(({ offerID, isRemoved, rev }) => !isRemoved && !listed.has(offerID) && rev <= asOf)
      .map(({ offerID }) => offerID),
  };
}

/** An offer that was listed under another cluster id is needed again, so that it is found under the new one. */
function isListed(mine: KnownOffer | undefined, theirs: AnnouncedOffer, clusterID: string): boolean {
  if (mine === undefined || mine.isRemoved) return false;
  return mine.rev === theirs.rev && mine.digest === theirs.digest && mine.clusterID === clusterID;
}
