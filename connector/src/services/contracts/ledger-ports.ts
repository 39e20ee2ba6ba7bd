import type { ContractRole, ContractState } from "@catalog/schema/contract";
import type { ResourceList } from "@catalog/schema/resource-list";
import type { Contract, TimelineEntry } from "../../domain/contract.js";
import type { OwnOffer, PlanStock } from "../../domain/own-offer.js";
import type { CapacityRepository } from "../cluster/capacity-ports.js";
import type { ChangeTopic, ChangeTopics } from "../ports.js";

/**
 * Runs a use case in one transaction of the database. What it throws rolls everything back; `changed` wakes listeners only after the commit.
 * Serialization failures are repeated, so `work` may run more than once.
 */
export type Transact<Unit> = <T>(work: (unit: Unit) => Promise<T>) => Promise<T>;

/** What every transaction has. */
export interface UnitBase {
  /** The database's clock, read once in this transaction. */
  readonly now: Date;
  readonly activity: ActivityLog;
  /** Wakes the listeners of a topic after the commit. */
  changed<T extends ChangeTopic>(topic: T, id: ChangeTopics[T]): void;
}

/** The tables of the own cluster: its profile, offers, stock and contracts. */
export interface LedgerUnit extends UnitBase {
  readonly cluster: ClusterRepository;
  readonly offers: OfferRepository;
  readonly stock: StockRepository;
  readonly contracts: ContractRepository;
  readonly buyers: BuyerRepository;
  readonly sellers: SellerRepository;
  readonly outbox: Outbox;
  readonly allowances: AllowanceRepository;
  readonly capacity: CapacityRepository;
}

/** How this cluster presents itself. Times in Unix seconds. */
export interface ClusterProfile {
  readonly clusterPrettyName: string;
  readonly contractEndpoint: string;
  readonly created: number;
}

export interface ClusterRepository {
  /** Undefined until `initCatalog`. */
  profile(): Promise<ClusterProfile | undefined>;
  saveProfile(profile: ClusterProfile): Promise<void>;
  /** The newest signed descriptor; undefined before the first. */
  descriptor(): Promise<string | undefined>;
  saveDescriptor(jws: string): Promise<void>;
  /** The next number for `rev` and `seq`: max(last + 1, Unix ms). Keeps the counter locked until the commit. */
  nextNumber(): Promise<number>;
  /** The last number given out. Keeps the counter locked until the commit. */
  lastNumber(): Promise<number>;
  /** Makes every later number higher than this one. */
  raiseNumber(above: number): Promise<void>;
  /** Which life of this database the ledger is in; ordered as text. */
  incarnation(): Promise<string>;
  saveIncarnation(incarnation: string, databaseIdentity: string): Promise<void>;
  /** When the peers that were there before were remembered, Unix seconds; null before that. */
  peersListedAt(): Promise<number | null>;
  savePeersListed(at: number): Promise<void>;
  /** What was last known of Liqo in this cluster; undefined before it was known. Holds no secret. */
  liqoFacts(): Promise<LiqoFacts | undefined>;
  saveLiqoFacts(facts: LiqoFacts): Promise<void>;
  /** What identifies the database as it is now, and as it was when the incarnation was saved. */
  databaseIdentity(): Promise<{ readonly found: string; readonly saved: string }>;
}

export interface OfferRepository {
  /** Reads without a lock. Also finds withdrawn ones. */
  get(offerID: string): Promise<OwnOffer | undefined>;
  /** Locks the offer until the commit. Also finds withdrawn ones. */
  find(offerID: string): Promise<OwnOffer | undefined>;
  /** Every offer that is not withdrawn, by name. */
  list(): Promise<readonly OwnOffer[]>;
  /** The document of every offer ever, withdrawals too. */
  documents(): Promise<readonly OwnOffer[]>;
  save(offer: OwnOffer): Promise<void>;
}

export interface StockRepository {
  of(offerID: string): Promise<readonly PlanStock[]>;
  all(): Promise<readonly PlanStock[]>;
  /** Sets what exists of each plan; what is held stays held, and plans that are not named have nothing left to sell. */
  setQuantities(offerID: string, quantities: Readonly<Record<string, number>>): Promise<void>;
  /** Takes units if that many are left; one conditional statement, so that concurrent buyers never get more than there is. */
  take(offerID: string, planID: string, units: number): Promise<boolean>;
  /** Gives units back. */
  release(offerID: string, planID: string, units: number): Promise<void>;
}

/** Which contracts a list shows. */
export interface ContractQuery {
  readonly role?: ContractRole;
  readonly state?: ContractState;
  /** Fingerprint of the other party. */
  readonly peer?: string;
  readonly first: number;
  /** contractID of the last one seen. */
  readonly after?: string;
}

export interface ContractRepository {
  /** Locks the contract until the commit. */
  find(contractID: string): Promise<Contract | undefined>;
  /** Reads without a lock. */
  get(contractID: string): Promise<Contract | undefined>;
  /** Makes others with the same requestID wait until the commit. */
  byRequestID(requestID: string): Promise<Contract | undefined>;
  /** Newest first. */
  list(query: ContractQuery): Promise<readonly Contract[]>;
  /** Contracts sold to a buyer with a version above `since`, by version. */
  soldTo(buyer: string, since: number, first: number): Promise<readonly Contract[]>;
  /** Pending contracts (neither active nor ended) sold to a buyer. */
  pendingOf(buyer: string): Promise<readonly Contract[]>;
  /** How many new ids this counterparty has brought since then, tombstones included. Unix seconds. */
  countNew(counterparty: string, since: number): Promise<number>;
  /** Sellers with contracts here that have not ended, with the lowest version known of any of them. */
  liveSellers(): Promise<readonly { readonly fingerprint: string; readonly lowestVersion: number }[]>;
  /** When the next purchase in force reaches its agreed end; null if none has one after `now`. Unix seconds. */
  nextEndOfPurchase(now: number): Promise<number | null>;
  /** Contracts in force sold to a Liqo cluster id. */
  inForce(buyerClusterID: string, now: number): Promise<readonly Contract[]>;
  /** Every contract ever activated for a Liqo cluster id: the names of the resources it was sold. */
  namesEverSold(buyerClusterID: string): Promise<readonly string[]>;
  /** Sold contracts whose units are held. */
  holding(): Promise<readonly Contract[]>;
  /** Sold contracts whose units were freed by hand and whose resources are not known to be back. */
  overdue(): Promise<readonly Contract[]>;
  /** Contracts that have not ended and in which this cluster has another Liqo cluster id than this one. */
  liveUnderOtherID(clusterID: string): Promise<readonly Contract[]>;
  /** Ids of contracts of which something is due at `now`, and when the next one after is due. Unix seconds. */
  due(now: number, first: number): Promise<{ readonly contractIDs: readonly string[]; readonly nextAt: number | null }>;
  insert(contract: Contract): Promise<void>;
  save(contract: Contract): Promise<void>;
  /** Stamps every sold contract anew. */
  stampAll(incarnation: string, version: number): Promise<void>;
  addTimeline(entry: TimelineEntry): Promise<void>;
  timeline(contractID: string): Promise<readonly TimelineEntry[]>;
  /** Remembers an id that was ended before it was known. */
  addTombstone(counterparty: string, contractID: string, notice: string, version: number): Promise<void>;
  tombstone(
    counterparty: string,
    contractID: string,
  ): Promise<{ readonly notice: string; readonly version: number } | undefined>;
}

/** Why a buyer has to wait before it may reserve a plan again. */
export interface PlanBlock {
  readonly lapses: number;
  /** Unix seconds. */
  readonly blockedUntil: number;
}

export interface BuyerRepository {
  /** Makes the decisions about one buyer follow each other until the commit. */
  lock(buyer: string): Promise<void>;
  block(buyer: string, offerID: string, planID: string): Promise<PlanBlock | undefined>;
  saveBlock(buyer: string, offerID: string, planID: string, block: PlanBlock): Promise<void>;
  clearBlock(buyer: string, offerID: string, planID: string): Promise<void>;
}

export interface SellerRepository {
  /** The highest incarnation seen of a seller. */
  incarnation(seller: string): Promise<string | undefined>;
  saveIncarnation(seller: string, incarnation: string): Promise<void>;
}

/** Work that must happen after a commit and is retried until it has: tell Brokers, publish stock, go on with a contract, take resources back. */
export type OutboxKind = "announce" | "restock" | "negotiate" | "reclaim";

export interface OutboxItem {
  readonly kind: OutboxKind;
  /** offerID for `restock`, contractID for `negotiate` and `reclaim`, empty for `announce`. */
  readonly subject: string;
  /** Fingerprint of the peer that the work waits for; empty if none. */
  readonly peer: string;
  readonly attempts: number;
  /** Rises whenever the work is asked for again, so that what was asked for meanwhile is not lost. */
  readonly round: number;
}

export interface Outbox {
  /** Asks for the work; once more if it is asked for already. `notBefore` in Unix ms, default at once. */
  add(item: {
    readonly kind: OutboxKind;
    readonly subject?: string;
    readonly peer?: string;
    readonly notBefore?: number;
  }): Promise<void>;
  due(first: number): Promise<{ readonly items: readonly OutboxItem[]; readonly nextAt: number | null }>;
  /** Forgets the work unless it was asked for again meanwhile. */
  done(item: OutboxItem): Promise<void>;
  /** Tries again at that time (Unix ms); `attempts` = how often in a row it has failed, 0 if it only waits. */
  postpone(item: OutboxItem, until: number, attempts: number): Promise<void>;
  /** Makes everything that failed because of a peer due at once: it has answered. */
  hurry(peer: string): Promise<void>;
}

/** What Liqo in this cluster last told of itself, without its token. */
export interface LiqoFacts {
  readonly clusterID: string;
  readonly clusterName: string;
  readonly endpoint: string | null;
  readonly liqo: { readonly mode: string; readonly version: string | null; readonly publicKey?: string };
}

/** What the admin lets a peer have without a contract. */
export interface Allowance {
  readonly clusterID: string;
  readonly isUnlimited: boolean;
  readonly resources: ResourceList;
  /** Every name it ever contained: zeros must be told for those that left. */
  readonly namesEver: readonly string[];
  /** False for a peer that was there before and of which the admin has not said anything yet: it keeps what it has. */
  readonly isDecided: boolean;
}

export interface AllowanceRepository {
  find(clusterID: string): Promise<Allowance | undefined>;
  list(): Promise<readonly Allowance[]>;
  save(allowance: Allowance): Promise<void>;
}

/** Something that happened, for people. `id` rises; `at` in Unix seconds. */
export interface ActivityEntry {
  readonly id: string;
  readonly at: number;
  /** Who did it: `admin…`, `peer <fingerprint>` or `connector`. */
  readonly actor: string;
  /** What was done, in one word: `offer.saved`, `contract.activated`, `broker.registered`… */
  readonly action: string;
  /** Id of the thing it was done to. */
  readonly subject: string;
  readonly message: string;
}

export interface ActivityLog {
  add(entry: Omit<ActivityEntry, "id" | "at">): Promise<void>;
  /** Newest first; `before` = id of the last one seen. */
  list(first: number, before?: string, filter?: ActivityFilter): Promise<readonly ActivityEntry[]>;
}

/** Which entries of the activity list; absent and null conditions ask for nothing. */
export interface ActivityFilter {
  /** Part of the message, in any case. */
  readonly text?: string | null;
  /** Beginning of the actor. */
  readonly actor?: string | null;
  /** Beginning of the action. */
  readonly action?: string | null;
  readonly subject?: string | null;
}
