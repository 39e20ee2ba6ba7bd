import type { FeedEvent } from "@catalog/schema/feed";
import type {
  AnnounceVariables,
  Announcement,
  BrokerDescriptorResult,
  EnrolVariables,
  Enrolment,
  ProbeResult,
  PublishResult,
} from "@catalog/schema/operations";
import type { Broker } from "../../domain/broker.js";
import type { IdentityPin } from "@catalog/schema/replica-identity";
import type { Equivocation, FeedPosition, ItemKey, ListingRow, OfferRecord } from "@catalog/schema/replica-message";
import type { UnitBase } from "../contracts/ledger-ports.js";
import type { OfferSnapshot } from "../offers/offer-publisher.service.js";

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
  /** Forgets documents that nobody lists and that came before `before` (Unix seconds), raising the floors; says which they were. */
  forgetUnlisted(before: number): Promise<readonly ItemKey[]>;
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

/** The tables of Brokers, replica and identities in one transaction. */
export interface BrokerUnit extends UnitBase {
  readonly brokers: BrokerStore;
  readonly identities: IdentityStore;
  readonly replica: ReplicaStore;
  readonly trust: TrustStore;
}

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
  /** Documents of this Broker that were refused since the process started. */
  readonly refusedDocuments: number;
  readonly lastRefusal: string | null;
  /** When the own offers were announced with success; null before the first time. */
  readonly announcedAt: Date | null;
  readonly publishError: string | null;
}

/** Where a Broker is reached and who must answer there. */
export interface BrokerAddress {
  /** The Broker's fingerprint. */
  readonly brokerID: string;
  readonly brokerEndpoint: string;
  readonly tlsSpki: string | null;
}

/** Calls to a Broker. Each throws a CatalogError with the Broker's own code, or a transient one when there was no answer. */
export interface BrokerGateway {
  /** What the Broker says of itself; unverified. */
  describe(address: BrokerAddress): Promise<BrokerDescriptorResult["broker"]>;
  /**
   * The same, whatever certificate is shown, and the key of that certificate: a descriptor proves itself, and a newer one may name a new key.
   */
  describeUnpinned(address: BrokerAddress): Promise<{ readonly descriptor: string; readonly tlsSpki: string | null }>;
  /** A challenge for this cluster; unverified. */
  challenge(address: BrokerAddress): Promise<string>;
  enrol(address: BrokerAddress, variables: EnrolVariables): Promise<Enrolment>;
  announce(address: BrokerAddress, variables: AnnounceVariables): Promise<Announcement>;
  publish(address: BrokerAddress, documents: readonly string[]): Promise<PublishResult>;
  withdraw(address: BrokerAddress, documents: readonly string[]): Promise<PublishResult>;
  leave(address: BrokerAddress): Promise<void>;
  /** Whether the Broker reaches the own contract endpoint. */
  probe(address: BrokerAddress): Promise<ProbeResult["probeContractEndpoint"]>;
  /** Seconds by which the Broker's clock is ahead of ours, as found when it refused a proof; 0 if it never had to. */
  clockOffset(brokerID: string): number;
}

/** The background work for each Broker. */
export interface BrokerSessions {
  /** Begins to follow and to publish; nothing if it does already. */
  start(brokerID: string): void;
  /** Ends both; resolves once nothing of it runs any more. */
  stop(brokerID: string): Promise<void>;
}

/** What this cluster lists, and how it catches up with what it has forgotten. */
export interface PublicationSource {
  /** List and counter from one snapshot. @throws NOT_INITIALISED */
  snapshot(): Promise<OfferSnapshot>;
  /** Takes numbers above those of documents that a Broker returned and that prove it, and signs anew; whether anything was. */
  outdated(proofs: readonly string[]): Promise<boolean>;
}

/** What the work for a Broker asks of the registrations. */
export interface MembershipDeskPort {
  broker(brokerID: string): Promise<Broker | undefined>;
  /** Asks the Broker whether this cluster is a member, or to become one. */
  enrol(broker: Broker): Promise<Broker>;
  lostMembership(broker: Broker): Promise<void>;
  /** The Broker showed another TLS key than the pinned one: takes it over if a newer descriptor of the Broker names it. */
  changedTlsKey(broker: Broker): Promise<void>;
}
