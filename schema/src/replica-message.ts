import type { FeedEventType, FeedKind } from "./feed.js";
import { decidePin, judgeMark, type FoundDescriptor, type IdentityPin } from "./replica-identity.js";

/** Where the replica of one Broker stands in that Broker's feed. */
export interface FeedPosition {
  readonly cursor: string | null;
  /** Raised by every RESET; what still carries a lower one at SYNCED has left that Broker's catalog. */
  readonly generation: number;
  readonly isResetting: boolean;
}

/** Where a replica begins. */
export const START_POSITION: FeedPosition = { cursor: null, generation: 0, isResetting: false };

/** Names one item of the catalog; `offerID` is empty for a cluster. */
export interface ItemKey {
  readonly kind: FeedKind;
  readonly fingerprint: string;
  readonly offerID: string;
}

/** The newest document known about one offer: the signed offer, or the withdrawal that hides it. */
export interface OfferRecord {
  readonly fingerprint: string;
  readonly offerID: string;
  readonly rev: number;
  readonly digest: string;
  readonly jws: string;
}

/** That a Broker lists an item. */
export interface ListingRow extends ItemKey {
  readonly brokerID: string;
  readonly generation: number;
  readonly staleSince: number | null;
  /** A document that cannot be judged before its issuer's descriptor arrives: a snapshot may show an offer before its cluster. */
  readonly pendingJws: string | null;
}

/** Two documents of one issuer with the same number. Both are kept; the first stays in use. */
export interface Equivocation extends ItemKey {
  readonly number: number;
  readonly firstJws: string;
  readonly secondJws: string;
  /** The Broker that showed the second one. */
  readonly brokerID: string;
  /** Unix seconds. */
  readonly seenAt: number;
}

/** What verification made of one change of a feed message. */
export type CheckedChange =
  | { readonly as: "CLUSTER"; readonly found: FoundDescriptor; readonly staleSince: number | null }
  /** `isListed` is false for a withdrawal. */
  | {
      readonly as: "OFFER";
      readonly found: OfferRecord;
      readonly staleSince: number | null;
      readonly isListed: boolean;
    }
  | { readonly as: "PENDING"; readonly key: ItemKey; readonly jws: string; readonly staleSince: number | null }
  | { readonly as: "REMOVED"; readonly key: ItemKey }
  | { readonly as: "REFUSED"; readonly key: ItemKey; readonly reason: string };

/** A document that has waited for its issuer's key. */
export interface ReleasedDocument {
  readonly listing: ListingRow;
  /** Null when the document turned out to be forged. */
  readonly found: OfferRecord | null;
}

/** A feed message whose signatures have been verified. */
export interface CheckedMessage {
  readonly brokerID: string;
  readonly type: FeedEventType;
  readonly cursor: string;
  readonly changes: readonly CheckedChange[];
  readonly released: readonly ReleasedDocument[];
}

/** What the replica knows about the items that a message names. */
export interface KnownItems {
  readonly pins: ReadonlyMap<string, IdentityPin>;
  /** Cluster id → fingerprint that holds it. */
  readonly holders: ReadonlyMap<string, string>;
  /** {@link offerKey} → newest document. */
  readonly documents: ReadonlyMap<string, OfferRecord>;
  /** Fingerprint → highest `rev` among its forgotten documents; an unknown offer at or below it is old. */
  readonly floors: ReadonlyMap<string, number>;
}

/** Everything that one message changes; to be stored in one transaction, the position included. */
export interface ReplicaChanges {
  readonly position: FeedPosition;
  /** The replica of this Broker is complete and current. */
  readonly isSynced: boolean;
  readonly pins: readonly IdentityPin[];
  readonly documents: readonly OfferRecord[];
  readonly listings: readonly ListingRow[];
  readonly removals: readonly ItemKey[];
  /** Set at the SYNCED that ends a RESET: this Broker's listings of lower generations are to be deleted. */
  readonly isSweep: boolean;
  readonly equivocations: readonly Equivocation[];
}

/** Identifies an offer among those of all clusters. */
export const offerKey = (fingerprint: string, offerID: string): string => `${fingerprint} ${offerID}`;

/** Identifies an item among all. */
export const itemKey = (key: ItemKey): string => `${key.kind} ${key.fingerprint} ${key.offerID}`;

/** Where the replica stands after a message: a RESET begins a generation, the next SYNCED ends the sweep. */
export function nextPosition(before: FeedPosition, message: Pick<CheckedMessage, "type" | "cursor">): FeedPosition {
  const generation = message.type === "RESET" ? before.generation + 1 : before.generation;
  const isResetting = message.type === "RESET" || (before.isResetting && message.type !== "SYNCED");
  return { cursor: message.cursor, generation, isResetting };
}

/** Decides what a verified message changes. Applying the same message again changes nothing further. */
export function planMessage(
  before: FeedPosition,
  message: CheckedMessage,
  known: KnownItems,
  now: number,
): ReplicaChanges {
  const position = nextPosition(before, message);
  const plan = new MessagePlan(message.brokerID, position.generation, known, now);
  for (const change of message.changes) plan.add(change);
  for (const document of message.released) plan.release(document);
  return {
    position,
    isSynced: message.type === "SYNCED" || (message.type === "HEARTBEAT" && !position.isResetting),
    isSweep: before.isResetting && message.type === "SYNCED",
    ...plan.result(),
  };
}

/** Collects what one message changes; a later change of an item replaces an earlier one. */
class MessagePlan {
  private readonly pins = new Map<string, IdentityPin>();
  private readonly holders: Map<string, string>;
  private readonly documents = new Map<string, OfferRecord>();
  private readonly listings = new Map<string, ListingRow>();
  private readonly released: ListingRow[] = [];
  private readonly removals = new Map<string, ItemKey>();
  private readonly equivocations: Equivocation[] = [];

  constructor(
    private readonly brokerID: string,
    private readonly generation: number,
    private readonly known: KnownItems,
    private readonly now: number,
  ) {
    this.holders = new Map(known.holders);
  }

  add(change: CheckedChange): void {
    switch (change.as) {
      case "CLUSTER":
        this.pin(change.found);
        return this.list(clusterItem(change.found), change.staleSince, null);
      case "OFFER":
        this.keep(change.found, this.brokerID);
        if (!change.isListed) return this.remove(offerItem(change.found));
        return this.list(offerItem(change.found), change.staleSince, null);
      case "PENDING":
        return this.list(change.key, change.staleSince, change.jws);
      case "REMOVED":
        return this.remove(change.key);
      case "REFUSED":
        return;
    }
  }

  /** The listing that waited may be another Broker's; one that this very message has changed again is left as changed. */
  release({ listing, found }: ReleasedDocument): void {
    if (found !== null) this.keep(found, listing.brokerID);
    const key = itemKey(listing);
    const row = { ...listing, pendingJws: null };
    if (listing.brokerID !== this.brokerID) this.released.push(row);
    else if (!this.listings.has(key) && !this.removals.has(key)) this.listings.set(key, row);
  }

  result(): Pick<ReplicaChanges, "pins" | "documents" | "listings" | "removals" | "equivocations"> {
    return {
      pins: [...this.pins.values()],
      documents: [...this.documents.values()],
      listings: [...this.listings.values(), ...this.released],
      removals: [...this.removals.values()],
      equivocations: this.equivocations,
    };
  }

  private pin(found: FoundDescriptor): void {
    const before = this.pins.get(found.fingerprint) ?? this.known.pins.get(found.fingerprint);
    const holder = this.holders.get(found.clusterID);
    const { verdict, pin } = decidePin(before, found, { holder, source: "BROKER", now: this.now });
    if (verdict === "EQUIVOCATION" && before !== undefined) {
      this.report(clusterItem(found), found.seq, before.jws, found.jws, this.brokerID);
    }
    if (verdict !== "NEW") return;
    this.pins.set(pin.fingerprint, pin);
    if (before?.isHolder && before.clusterID !== pin.clusterID) this.holders.delete(before.clusterID);
    if (pin.isHolder) this.holders.set(pin.clusterID, pin.fingerprint);
  }

  private keep(found: OfferRecord, brokerID: string): void {
    const name = offerKey(found.fingerprint, found.offerID);
    const before = this.documents.get(name) ?? this.known.documents.get(name);
    if (before === undefined && found.rev <= (this.known.floors.get(found.fingerprint) ?? 0)) return;
    const mark = before && { number: before.rev, digest: before.digest };
    const verdict = judgeMark(mark, { number: found.rev, digest: found.digest });
    if (verdict === "NEW") this.documents.set(name, found);
    if (verdict === "EQUIVOCATION" && before !== undefined) {
      this.report(offerItem(found), found.rev, before.jws, found.jws, brokerID);
    }
  }

  private report(key: ItemKey, number: number, firstJws: string, secondJws: string, brokerID: string): void {
    this.equivocations.push({ ...key, number, firstJws, secondJws, brokerID, seenAt: this.now });
  }

  private list(key: ItemKey, staleSince: number | null, pendingJws: string | null): void {
    const { brokerID, generation } = this;
    this.removals.delete(itemKey(key));
    this.listings.set(itemKey(key), { ...key, brokerID, generation, staleSince, pendingJws });
  }

  private remove(key: ItemKey): void {
    this.listings.delete(itemKey(key));
    this.removals.set(itemKey(key), key);
  }
}

function clusterItem({ fingerprint }: FoundDescriptor): ItemKey {
  return { kind: "CLUSTER", fingerprint, offerID: "" };
}

function offerItem({ fingerprint, offerID }: OfferRecord): ItemKey {
  return { kind: "OFFER", fingerprint, offerID };
}
