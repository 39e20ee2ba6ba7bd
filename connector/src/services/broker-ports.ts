import type { FeedEvent } from "@catalog/schema/feed";
import type { Broker, FeedPosition } from "../domain/broker.js";
import type { IdentityPin } from "../domain/identity-pin.js";
import type { Equivocation, ItemKey, ListingRow, OfferRecord } from "../domain/replica-message.js";

/** The Brokers this cluster is registered with. */
export interface BrokerStore {
  all(): Promise<readonly Broker[]>;
  find(brokerID: string): Promise<Broker | undefined>;
  /** Inserts, or replaces everything but the place in the feed. */
  save(broker: Broker): Promise<void>;
  /** Deletes the Broker and its whole listing; false if there was none. */
  remove(brokerID: string): Promise<boolean>;
  /** Locks the Broker's row until the transaction ends; undefined if it has been removed meanwhile. */
  lockPosition(brokerID: string): Promise<FeedPosition | undefined>;
  position(brokerID: string): Promise<FeedPosition | undefined>;
  /** `syncedAt` null leaves the time of the last synchronisation alone. */
  savePosition(brokerID: string, position: FeedPosition, syncedAt: number | null): Promise<void>;
}

/** Identities and the documents that their keys have signed. */
export interface IdentityStore {
  allPins(): Promise<readonly IdentityPin[]>;
  pins(fingerprints: readonly string[]): Promise<readonly IdentityPin[]>;
  holders(clusterIDs: readonly string[]): Promise<ReadonlyMap<string, string>>;
  savePins(pins: readonly IdentityPin[]): Promise<void>;
  /** Takes a cluster id away from whoever holds it. */
  releaseClusterID(clusterID: string): Promise<void>;
  saveEquivocations(found: readonly Equivocation[]): Promise<void>;
  equivocations(limit: number): Promise<readonly Equivocation[]>;
}

/** What the Brokers list, and the newest document of every offer. */
export interface ReplicaStore {
  allDocuments(): Promise<readonly OfferRecord[]>;
  documents(keys: readonly ItemKey[]): Promise<readonly OfferRecord[]>;
  saveDocuments(documents: readonly OfferRecord[], now: number): Promise<void>;
  allListings(): Promise<readonly ListingRow[]>;
  /** Listings that wait for a key of these identities. */
  pendingOf(fingerprints: readonly string[]): Promise<readonly ListingRow[]>;
  saveListings(rows: readonly ListingRow[]): Promise<void>;
  removeListings(brokerID: string, keys: readonly ItemKey[]): Promise<void>;
  /** Deletes what a finished RESET did not show again, and says what it was. */
  sweep(brokerID: string, generation: number): Promise<readonly ItemKey[]>;
  /** Per identity, the highest `rev` among documents that have been forgotten: unknown offers at or below it are old. */
  floors(fingerprints: readonly string[]): Promise<ReadonlyMap<string, number>>;
  /** Forgets documents that nobody lists and that came before `before` (Unix seconds), raising the floors. */
  forgetUnlisted(before: number): Promise<void>;
}

/** An identity that the admin trusts although no Broker vouches for it. */
export interface TrustedCluster {
  readonly fingerprint: string;
  readonly note: string | null;
  readonly trustedAt: number;
}

export interface TrustStore {
  all(): Promise<readonly TrustedCluster[]>;
  save(trusted: TrustedCluster): Promise<void>;
  remove(fingerprint: string): Promise<boolean>;
}

/** The tables of this area inside one transaction. */
export interface BrokerWork {
  readonly brokers: BrokerStore;
  readonly identities: IdentityStore;
  readonly replica: ReplicaStore;
  readonly trust: TrustStore;
}

export type TransactBrokers = <T>(work: (tables: BrokerWork) => Promise<T>) => Promise<T>;

/** Where a feed client hands over what it reads. */
export interface FeedSink {
  /** The cursor to continue from; null reads everything again. */
  cursor(brokerID: string): Promise<string | null>;
  /** Applies a message and its cursor in one transaction; the same message may come twice. */
  apply(brokerID: string, event: FeedEvent): Promise<void>;
}

/** How a Broker is doing right now; lost at a restart. */
export interface BrokerHealth {
  readonly isConnected: boolean;
  /** What went wrong last, with what to do; null after a success. */
  readonly lastError: string | null;
  readonly lastErrorAt: Date | null;
  readonly lastMessageAt: Date | null;
  readonly connectedAt: Date | null;
  /** Difference to the Broker's clock in seconds, as far as it has been noticed. */
  readonly clockSkewSeconds: number | null;
  /** Documents of this Broker that were refused since the process started. */
  readonly refusedDocuments: number;
  readonly lastRefusal: string | null;
  /** Offers that the Broker has accepted of those we announced; null before the first announcement. */
  readonly announcedAt: Date | null;
  readonly publishError: string | null;
}
