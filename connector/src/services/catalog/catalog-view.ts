import type { CatalogCluster, CatalogOffer } from "@catalog/schema/catalog";
import type { Descriptor } from "@catalog/schema/documents/descriptor";
import { peekJws, TYP } from "@catalog/schema/documents/jws";
import { CatalogError } from "@catalog/schema/errors";
import type { OfferDocument } from "@catalog/schema/documents/offer-document";
import type { Broker } from "../../domain/broker.js";
import type { IdentityPin } from "@catalog/schema/replica-identity";
import { visibilityOf, type Listing } from "@catalog/schema/replica-listing";
import { itemKey, offerKey, type ItemKey, type ListingRow, type OfferRecord } from "@catalog/schema/replica-message";
import { CatalogLog, type CatalogItem } from "./catalog-log.js";

/** An identity with its parsed descriptor. */
export interface PinnedCluster {
  readonly pin: IdentityPin;
  readonly descriptor: Descriptor;
}

/** Everything stored about the Catalog, for the start. */
export interface StoredCatalog {
  readonly brokers: readonly Broker[];
  readonly pins: readonly IdentityPin[];
  readonly documents: readonly OfferRecord[];
  readonly listings: readonly ListingRow[];
}

/** What a committed transaction has changed. */
export interface ViewChanges {
  readonly pins?: readonly IdentityPin[];
  readonly documents?: readonly OfferRecord[];
  readonly listings?: readonly ListingRow[];
  readonly removals?: { readonly brokerID: string; readonly keys: readonly ItemKey[] };
}

/** The newest document of an offer. */
export interface KnownOffer {
  readonly record: OfferRecord;
  /** Null after a withdrawal. */
  readonly document: OfferDocument | null;
}

/** The merged Catalog in memory: what all enabled Brokers list, each item by its newest document. Follows the committed database. */
export class CatalogView {
  private readonly pins = new Map<string, PinnedCluster>();
  private readonly documents = new Map<string, KnownOffer>();
  private readonly listings = new Map<string, Map<string, Listing>>();
  private readonly offersOf = new Map<string, Set<string>>();
  private readonly brokers = new Map<string, Broker>();
  private readonly clusters = new Map<string, CatalogCluster>();
  private readonly offers = new Map<string, CatalogOffer>();
  readonly log: CatalogLog;
  private isLoaded = false;

  constructor(
    private readonly now: () => number,
    logCapacity: number,
    private readonly onChange: () => void,
  ) {
    this.log = new CatalogLog(logCapacity);
  }

  /** Takes over what is stored. */
  load(stored: StoredCatalog): void {
    for (const broker of stored.brokers) this.brokers.set(broker.brokerID, broker);
    this.apply(stored);
    this.isLoaded = true;
  }

  /** @throws UNAVAILABLE before what is stored has been read: until then nothing can be said of who is known. */
  requireLoaded(): this {
    if (this.isLoaded) return this;
    throw new CatalogError("UNAVAILABLE", "The Catalog has not been read from the database yet; retry in a moment.");
  }

  /** Takes over what a transaction has committed; true if anything visible changed. */
  apply(changes: ViewChanges): boolean {
    const touched = new Set<string>();
    for (const pin of changes.pins ?? []) this.takePin(pin, touched);
    for (const record of changes.documents ?? []) this.takeDocument(record, touched);
    for (const row of changes.listings ?? []) this.takeListing(row, touched);
    for (const key of changes.removals?.keys ?? []) {
      this.listings.get(itemKey(key))?.delete(changes.removals?.brokerID ?? "");
      touched.add(key.fingerprint);
    }
    return this.refresh(touched);
  }

  /** Takes over a Broker's new state. */
  setBroker(broker: Broker): boolean {
    const before = this.brokers.get(broker.brokerID);
    this.brokers.set(broker.brokerID, broker);
    return before?.isSubscribed === broker.isSubscribed ? false : this.refreshAll();
  }

  /** Remembers when a Broker was last in sync; null changes nothing. Unix seconds. */
  setSynced(brokerID: string, syncedAt: number | null): void {
    const broker = this.brokers.get(brokerID);
    if (broker !== undefined && syncedAt !== null) this.brokers.set(brokerID, { ...broker, syncedAt });
  }

  removeBroker(brokerID: string): boolean {
    this.brokers.delete(brokerID);
    for (const [key, listings] of this.listings) {
      listings.delete(brokerID);
      if (listings.size === 0) this.listings.delete(key);
    }
    return this.refreshAll();
  }

  /** Drops documents of offers that nobody lists. */
  forget(keys: readonly ItemKey[]): void {
    for (const { fingerprint, offerID } of keys) {
      this.documents.delete(offerKey(fingerprint, offerID));
      this.offersOf.get(fingerprint)?.delete(offerKey(fingerprint, offerID));
    }
  }

  /** Works out again what is visible and what is grey: time alone greys what a Broker out of sync lists. */
  refreshAll(): boolean {
    return this.refresh(new Set(this.pins.keys()));
  }

  pinned(fingerprint: string): PinnedCluster | undefined {
    return this.pins.get(fingerprint);
  }

  /** The newest document known of an offer, listed or not. */
  document(fingerprint: string, offerID: string): KnownOffer | undefined {
    return this.documents.get(offerKey(fingerprint, offerID));
  }

  allPinned(): IterableIterator<PinnedCluster> {
    return this.pins.values();
  }

  /** Whether an enabled Broker lists this identity as a cluster. */
  isListed(fingerprint: string): boolean {
    return this.visibility({ kind: "CLUSTER", fingerprint, offerID: "" }).isVisible;
  }

  /** Ids of the Brokers that list this cluster now. */
  listedBy(fingerprint: string): readonly string[] {
    return [...(this.listings.get(itemKey({ kind: "CLUSTER", fingerprint, offerID: "" }))?.keys() ?? [])];
  }

  cluster(fingerprint: string): CatalogCluster | undefined {
    return this.clusters.get(fingerprint);
  }

  offer(fingerprint: string, offerID: string): CatalogOffer | undefined {
    return this.offers.get(offerKey(fingerprint, offerID));
  }

  allClusters(): IterableIterator<CatalogCluster> {
    return this.clusters.values();
  }

  allOffers(): IterableIterator<CatalogOffer> {
    return this.offers.values();
  }

  offersOfCluster(fingerprint: string): readonly CatalogOffer[] {
    return [...(this.offersOf.get(fingerprint) ?? [])].flatMap((key) => this.offers.get(key) ?? []);
  }

  private takePin(pin: IdentityPin, touched: Set<string>): void {
    this.pins.set(pin.fingerprint, { pin, descriptor: peekJws<Descriptor>(pin.jws, TYP.descriptor).payload });
    touched.add(pin.fingerprint);
  }

  private takeDocument(record: OfferRecord, touched: Set<string>): void {
    const key = offerKey(record.fingerprint, record.offerID);
    const { header, payload } = peekJws<OfferDocument>(record.jws);
    this.documents.set(key, { record, document: header.typ === TYP.offer ? payload : null });
    const offers = this.offersOf.get(record.fingerprint) ?? new Set();
    this.offersOf.set(record.fingerprint, offers.add(key));
    touched.add(record.fingerprint);
  }

  private takeListing(row: ListingRow, touched: Set<string>): void {
    const key = itemKey(row);
    const listings = this.listings.get(key) ?? new Map<string, Listing>();
    this.listings.set(key, listings.set(row.brokerID, { brokerID: row.brokerID, staleSince: row.staleSince }));
    touched.add(row.fingerprint);
  }

  private visibility(key: ItemKey): ReturnType<typeof visibilityOf> {
    return visibilityOf([...(this.listings.get(itemKey(key))?.values() ?? [])], this.brokers, this.now());
  }

  private refresh(fingerprints: ReadonlySet<string>): boolean {
    const head = this.log.head;
    for (const fingerprint of fingerprints) {
      const cluster = this.buildCluster(fingerprint);
      this.replace(this.clusters, fingerprint, cluster, (one) => ({ kind: "CLUSTER", cluster: one }));
      for (const key of this.offersOf.get(fingerprint) ?? []) {
        this.replace(this.offers, key, this.buildOffer(key, cluster), (one) => ({ kind: "OFFER", offer: one }));
      }
    }
    const isChanged = this.log.head !== head;
    if (isChanged) this.onChange();
    return isChanged;
  }

  private replace<T extends CatalogCluster | CatalogOffer>(
    all: Map<string, T>,
    key: string,
    after: T | null,
    item: (one: T) => CatalogItem,
  ): void {
    const before = all.get(key) ?? null;
    if (before === after || (before !== null && after !== null && isSame(before, after))) return;
    if (after === null) all.delete(key);
    else all.set(key, after);
    this.log.append(before && item(before), after && item(after));
  }

  private buildCluster(fingerprint: string): CatalogCluster | null {
    const known = this.pins.get(fingerprint);
    if (known === undefined || !known.pin.isHolder) return null;
    const { isVisible, staleSince } = this.visibility({ kind: "CLUSTER", fingerprint, offerID: "" });
    if (!isVisible) return null;
    const { clusterID, clusterName, clusterPrettyName, endpoint, clusterContractEndpoint, created, seq, liqo } =
      known.descriptor;
    return {
      fingerprint,
      clusterID,
      clusterName,
      clusterPrettyName,
      endpoint,
      clusterContractEndpoint,
      created,
      seq,
      liqo,
      staleSince,
      jws: known.pin.jws,
    };
  }

  private buildOffer(key: string, cluster: CatalogCluster | null): CatalogOffer | null {
    const known = this.documents.get(key);
    if (cluster === null || known?.document === null || known === undefined) return null;
    const { fingerprint, offerID, jws } = known.record;
    const { isVisible, staleSince } = this.visibility({ kind: "OFFER", fingerprint, offerID });
    if (!isVisible) return null;
    const { offer, rev, termsRev, stock } = known.document;
    const { clusterID, clusterName } = cluster;
    return {
      ...offer,
      fingerprint,
      clusterID,
      clusterName,
      rev,
      termsRev,
      stock,
      staleSince: cluster.staleSince ?? staleSince,
      jws,
    };
  }
}

function isSame(a: CatalogCluster | CatalogOffer, b: CatalogCluster | CatalogOffer): boolean {
  return (
    a.jws === b.jws && a.staleSince === b.staleSince && a.clusterID === b.clusterID && a.clusterName === b.clusterName
  );
}
