import type { CatalogCluster, CatalogOffer } from "./catalog.js";
import type { Descriptor } from "./documents/descriptor.js";
import { peekJws, TYP } from "./documents/jws.js";
import type { OfferDocument } from "./documents/offer-document.js";
import type { IdentityPin } from "./replica-identity.js";
import { visibilityOf, type BrokerStanding, type Visibility } from "./replica-listing.js";
import {
  itemKey,
  offerKey,
  planMessage,
  START_POSITION,
  type CheckedMessage,
  type Equivocation,
  type FeedPosition,
  type ItemKey,
  type KnownItems,
  type ListingRow,
  type OfferRecord,
  type ReplicaChanges,
} from "./replica-message.js";

/** The newest document of an offer and when it was taken, Unix seconds. */
export interface KeptDocument extends OfferRecord {
  readonly keptAt: number;
}

/** What one Broker lists. */
export interface BrokerReplica {
  readonly position: FeedPosition;
  /** {@link itemKey} → listing. */
  readonly listings: ReadonlyMap<string, ListingRow>;
}

/** Everything a client of several Brokers knows; a store keeps the same in tables. Values are never changed in place. */
export interface ReplicaState extends KnownItems {
  readonly brokers: ReadonlyMap<string, BrokerReplica>;
  readonly documents: ReadonlyMap<string, KeptDocument>;
  readonly equivocations: readonly Equivocation[];
}

/** A replica that has read nothing. */
export const EMPTY_REPLICA: ReplicaState = {
  brokers: new Map(),
  pins: new Map(),
  holders: new Map(),
  documents: new Map(),
  floors: new Map(),
  equivocations: [],
};

const EMPTY_BROKER: BrokerReplica = { position: START_POSITION, listings: new Map() };

/** The replica after a message of one Broker. Applying the same message again changes nothing further. */
export function applyFeedMessage(state: ReplicaState, message: CheckedMessage, now: number): ReplicaState {
  const before = state.brokers.get(message.brokerID) ?? EMPTY_BROKER;
  const changes = planMessage(before.position, message, state, now);
  const pins = new Map(state.pins);
  for (const pin of changes.pins) pins.set(pin.fingerprint, pin);
  const documents = new Map(state.documents);
  for (const one of changes.documents) documents.set(offerKey(one.fingerprint, one.offerID), { ...one, keptAt: now });
  return {
    ...state,
    brokers: listedAfter(state.brokers, message.brokerID, changes),
    pins,
    holders: holdersOf(pins),
    documents,
    equivocations: [...state.equivocations, ...changes.equivocations.filter((one) => !isKnown(state, one))],
  };
}

function listedAfter(
  brokers: ReplicaState["brokers"],
  brokerID: string,
  changes: ReplicaChanges,
): ReplicaState["brokers"] {
  const listings = new Map([...brokers].map(([id, broker]) => [id, new Map(broker.listings)]));
  const own = listings.get(brokerID) ?? new Map<string, ListingRow>();
  listings.set(brokerID, own);
  for (const key of changes.removals) own.delete(itemKey(key));
  for (const row of changes.listings) listings.get(row.brokerID)?.set(itemKey(row), row);
  if (changes.isSweep) {
    for (const [key, row] of own) if (row.generation < changes.position.generation) own.delete(key);
  }
  const positionOf = (id: string): FeedPosition =>
    id === brokerID ? changes.position : (brokers.get(id) ?? EMPTY_BROKER).position;
  return new Map([...listings].map(([id, rows]) => [id, { position: positionOf(id), listings: rows }]));
}

function holdersOf(pins: ReadonlyMap<string, IdentityPin>): Map<string, string> {
  const holders = [...pins.values()].filter(({ isHolder }) => isHolder);
  return new Map(holders.map(({ clusterID, fingerprint }) => [clusterID, fingerprint]));
}

function isKnown(state: ReplicaState, found: Equivocation): boolean {
  return state.equivocations.some((one) => itemKey(one) === itemKey(found) && one.secondJws === found.secondJws);
}

/** Listings whose document waits for the descriptor of this identity: to be verified and released when it arrives. */
export function pendingOf(state: ReplicaState, fingerprint: string): readonly ListingRow[] {
  return [...state.brokers.values()].flatMap(({ listings }) =>
    [...listings.values()].filter((row) => row.fingerprint === fingerprint && row.pendingJws !== null),
  );
}

/**
 * Forgets the documents that no Broker lists and that were taken before `before` (Unix seconds). What they were numbered
 * stays as a floor of their issuer, so that none of them can come back.
 */
export function foldDocuments(state: ReplicaState, before: number): ReplicaState {
  const listed = new Set([...state.brokers.values()].flatMap(({ listings }) => [...listings.keys()]));
  const documents = new Map(state.documents);
  const floors = new Map(state.floors);
  for (const [key, { fingerprint, offerID, rev, keptAt }] of state.documents) {
    if (keptAt >= before || listed.has(itemKey({ kind: "OFFER", fingerprint, offerID }))) continue;
    documents.delete(key);
    floors.set(fingerprint, Math.max(floors.get(fingerprint) ?? 0, rev));
  }
  return documents.size === state.documents.size ? state : { ...state, documents, floors };
}

/** The one catalog that all enabled Brokers together show. */
export interface MergedCatalog {
  readonly clusters: readonly CatalogCluster[];
  readonly offers: readonly CatalogOffer[];
  /** Listed, but hidden: another identity was pinned first with their cluster id. */
  readonly hidden: readonly IdentityPin[];
}

/**
 * Merges what several Brokers list: each item by its newest document, whoever showed it. An offer is visible while its cluster
 * is, and grey when its cluster is or when only Brokers out of sync list it.
 */
export function mergedCatalog(
  state: ReplicaState,
  brokers: ReadonlyMap<string, BrokerStanding>,
  now: number,
): MergedCatalog {
  const visibility = (key: ItemKey): Visibility => visibilityOf(listingsOf(state, key), brokers, now);
  const listed = [...state.pins.values()].flatMap((pin) => {
    const { isVisible, staleSince } = visibility({ kind: "CLUSTER", fingerprint: pin.fingerprint, offerID: "" });
    return isVisible ? [{ pin, staleSince }] : [];
  });
  const clusters = listed.filter(({ pin }) => pin.isHolder).map(({ pin, staleSince }) => clusterFrom(pin, staleSince));
  const byFingerprint = new Map(clusters.map((cluster) => [cluster.fingerprint, cluster]));
  const offers = [...state.documents.values()].flatMap((record) => {
    const cluster = byFingerprint.get(record.fingerprint);
    const { isVisible, staleSince } = visibility({ kind: "OFFER", ...record });
    return cluster === undefined || !isVisible ? [] : (visibleOffer(record, cluster, staleSince) ?? []);
  });
  return { clusters, offers, hidden: listed.filter(({ pin }) => !pin.isHolder).map(({ pin }) => pin) };
}

function listingsOf(state: ReplicaState, key: ItemKey): ListingRow[] {
  return [...state.brokers.values()].flatMap(({ listings }) => listings.get(itemKey(key)) ?? []);
}

function clusterFrom(pin: IdentityPin, staleSince: number | null): CatalogCluster {
  const { payload } = peekJws<Descriptor>(pin.jws, TYP.descriptor);
  const { clusterID, clusterName, clusterPrettyName, endpoint, clusterContractEndpoint, created, seq, liqo } = payload;
  return {
    fingerprint: pin.fingerprint,
    clusterID,
    clusterName,
    clusterPrettyName,
    endpoint,
    clusterContractEndpoint,
    created,
    seq,
    liqo,
    staleSince,
    jws: pin.jws,
  };
}

/** Null for a withdrawal. */
function visibleOffer(record: OfferRecord, cluster: CatalogCluster, staleSince: number | null): CatalogOffer | null {
  const { header, payload } = peekJws<OfferDocument>(record.jws);
  if (header.typ !== TYP.offer) return null;
  const { offer, rev, termsRev, stock } = payload;
  const { fingerprint, clusterID, clusterName } = cluster;
  const stale = cluster.staleSince ?? staleSince;
  return { ...offer, fingerprint, clusterID, clusterName, rev, termsRev, stock, staleSince: stale, jws: record.jws };
}
