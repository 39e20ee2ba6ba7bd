/** RESET: what was applied before is of another past. SYNCED: the snapshot is complete. HEARTBEAT: nothing has changed. */
export type FeedEventType = "RESET" | "ITEMS" | "SYNCED" | "HEARTBEAT";
export type FeedOp = "UPSERT" | "REMOVE";
export type FeedKind = "CLUSTER" | "OFFER";

/** One message of the catalog feed. It and its cursor are applied together or not at all. */
export interface FeedEvent {
  readonly type: FeedEventType;
  /** Opaque; give it back as `since` to continue after this message. */
  readonly cursor: string;
  readonly changes: readonly FeedChange[];
}

/** One item that changed. */
export interface FeedChange {
  /** Place in the Broker's log. */
  readonly revision: number;
  readonly op: FeedOp;
  readonly kind: FeedKind;
  /** Key fingerprint of the cluster that the item belongs to. */
  readonly fingerprint: string;
  readonly clusterID: string;
  /** Null for a CLUSTER. */
  readonly offerID: string | null;
  /** Unix seconds since when the Broker has no session of the cluster; null while it has. */
  readonly staleSince: number | null;
  /**
   * The signed document, byte for byte. UPSERT: descriptor or offer. REMOVE of an offer that its issuer withdrew: the signed
   * withdrawal. Null: the Broker lists the item no longer, which says nothing about other Brokers.
   */
  readonly jws: string | null;
}

/** The subscription by which a Connector follows a Broker: without a filter, documents only. Variables: `since`. */
export const CATALOG_SUBSCRIPTION = `subscription Catalog($since: String) {
  catalog(since: $since) {
    type
    cursor
    changes { revision op kind fingerprint clusterID offerID staleSince jws }
  }
}`;

/** Variables of {@link CATALOG_SUBSCRIPTION}. */
export interface CatalogSubscriptionVariables {
  /** Cursor of the last message applied; null to begin. */
  readonly since: string | null;
}

/** Result of {@link CATALOG_SUBSCRIPTION}. */
export interface CatalogSubscriptionResult {
  readonly catalog: FeedEvent;
}
