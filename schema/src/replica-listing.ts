/** For how long the listing of a Broker that is out of sync is taken as current. Seconds. */
export const SYNC_GRACE_SECONDS = 7 * 24 * 3600;

/** How far a Broker can be believed. Times are Unix seconds. */
export interface BrokerStanding {
  /** False while the admin has switched the Broker off: what it lists does not count. */
  readonly isSubscribed: boolean;
  readonly registeredAt: number;
  /** When the replica of it was last known to be complete and current; null before the first time. */
  readonly syncedAt: number | null;
}

/** That one Broker lists an item. */
export interface Listing {
  readonly brokerID: string;
  /** Unix seconds since when that Broker has not seen the cluster alive. */
  readonly staleSince: number | null;
}

/** What several Brokers together say about one item. */
export interface Visibility {
  readonly isVisible: boolean;
  /** Unix seconds since when no Broker vouches for the item as live; null while one does. */
  readonly staleSince: number | null;
}

const HIDDEN: Visibility = { isVisible: false, staleSince: null };

/**
 * Merges the listings of one item: visible while any enabled Broker lists it, greyed while each of them calls it stale or has
 * been out of sync for {@link SYNC_GRACE_SECONDS}. The most recent sign of life counts.
 */
export function visibilityOf(
  listings: Iterable<Listing>,
  brokers: ReadonlyMap<string, BrokerStanding>,
  now: number,
): Visibility {
  let newest: number | undefined;
  for (const { brokerID, staleSince } of listings) {
    const broker = brokers.get(brokerID);
    if (broker === undefined || !broker.isSubscribed) continue;
    const stale = staleSince ?? outOfSyncSince(broker, now);
    if (stale === null) return { isVisible: true, staleSince: null };
    newest = Math.max(newest ?? stale, stale);
  }
  return newest === undefined ? HIDDEN : { isVisible: true, staleSince: newest };
}

function outOfSyncSince(broker: BrokerStanding, now: number): number | null {
  const since = broker.syncedAt ?? broker.registeredAt;
  return now - since >= SYNC_GRACE_SECONDS ? since : null;
}
