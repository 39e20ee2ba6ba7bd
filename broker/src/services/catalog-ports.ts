import type { Descriptor } from "@catalog/schema/documents/descriptor";

import type { KnownCluster } from "../domain/announcement.js";
import type { CatalogChange } from "../domain/feed-change.js";
import type { ItemDocument } from "../domain/item-document.js";
import type { Judgement } from "../domain/publication.js";

/** Where verified documents go. */
export interface DocumentSink {
  /** Resolves once the outcome is durable. */
  put(document: ItemDocument): Promise<Judgement>;
}

/** Verified descriptors of members. */
export interface MemberDescriptors {
  /** The descriptor with the highest number. Throws NOT_A_MEMBER for anybody who is not admitted. */
  descriptorOf(fingerprint: string): Promise<Descriptor>;
}

/** The catalog as announcing clusters compare themselves with it. */
export interface Announcements {
  /** What is known of a cluster that announces these offers as of that number. */
  known(fingerprint: string, offerIDs: readonly string[], asOf: number): Promise<KnownCluster>;
  /** The present documents of these offers, withdrawals included. */
  documents(fingerprint: string, offerIDs: readonly string[]): Promise<string[]>;
  /** Drops the named offers unless they have been numbered above `asOf` meanwhile; returns those that went. */
  drop(fingerprint: string, offerIDs: readonly string[], asOf: number): Promise<string[]>;
}

/** Head of the change log. */
export interface FeedHead {
  readonly epoch: string;
  readonly revision: number;
  /** Random mark of that revision. */
  readonly mark: string;
  /** What was removed at or below this revision may be forgotten. */
  readonly horizon: number;
  /** Mark of revision 0. */
  readonly genesis: string;
  /** Unix s. */
  readonly epochBegan: number;
}

/** One line of the log with its random mark. */
export interface LogEntry {
  readonly mark: string;
  readonly change: CatalogChange;
}

/** Present items and the head at the very moment of reading. */
export interface ItemPage {
  readonly head: FeedHead;
  readonly items: readonly StoredItem[];
}

/** The present state of an item, as the last change of it. */
export interface StoredItem {
  readonly change: CatalogChange;
  /** Revision at which the item was first listed. */
  readonly firstRevision: number;
}

/** The change log and the items, for reading. */
export interface FeedLog {
  /** The head; begins a new epoch first if the database is found to be another than when the epoch began. */
  head(): Promise<FeedHead>;
  /** The entry of `revision` (its mark only, null if there is none) and those after it, oldest first, with the head of the same moment. */
  entriesFrom(
    revision: number,
    limit: number,
  ): Promise<{ head: FeedHead; mark: string | null; entries: readonly LogEntry[] }>;
  /** Items with a revision above `after`, by revision; removed ones only above `base`, withdrawn ones always. */
  itemsAfter(after: number, base: number, limit: number): Promise<ItemPage>;
  /** Entries of these revisions; those that are forgotten are left out. */
  entriesAt(revisions: readonly number[]): Promise<readonly LogEntry[]>;
  /** Begins a new epoch, unless `seen` is no longer the present one. */
  beginEpoch(seen: string): Promise<void>;
}

/** Sessions of members, and what follows from their absence. */
export interface Sessions {
  /** Renews this process's row, makes its sessions exactly `open` (session → fingerprint), and begins a grace after an outage. */
  renew(open: ReadonlyMap<string, string>): Promise<void>;
  open(session: string, fingerprint: string): Promise<void>;
  close(session: string): Promise<void>;
  /** Ends this process with all of its sessions. */
  end(): Promise<void>;
  /** Makes clusters stale whose last session ended too long ago, fresh those that have one, and removes those stale too long. */
  sweep(): Promise<void>;
}

/** What forgets old changes. */
export interface Compaction {
  /** Moves the horizon and forgets what lies below; returns whether there may be more. */
  compact(): Promise<boolean>;
}
