const SECOND = 1_000;
const DAY = 86_400 * SECOND;
const MIB = 1_048_576;

/** Every period (ms) and bound of the catalog feed, with its default. */
export const FEED_SETTINGS = {
  /** The way into the catalog. */
  lane: { offersPerMember: 200, aheadMs: 600 * SECOND, clockOffsetMs: 0, batchSize: 256, queueLength: 20_000 },
  /** The youngest changes, in memory. */
  tail: { changes: 10_000, bytes: 32 * MIB, batch: 500, pollMs: SECOND },
  /** One message. */
  read: { changes: 500, bytes: MIB, sharedMs: 10 * SECOND },
  /** Subscribers. */
  hub: {
    heartbeatMs: 15 * SECOND,
    bufferedBytes: MIB,
    stuckMs: 60 * SECOND,
    cacheBytes: 64 * MIB,
    cacheMs: 30 * SECOND,
  },
  /** Who counts as connected. */
  liveness: { renewMs: 15 * SECOND, staleMs: 90 * SECOND, removeMs: 7 * DAY, graceMs: 180 * SECOND, clockOffsetMs: 0 },
  /** What is remembered of what is gone. */
  retention: { tombstoneMs: 7 * DAY, withdrawalMs: 30 * DAY, logLength: 2_000_000, batchSize: 5_000, clockOffsetMs: 0 },
  /** How often what is too old is looked for. */
  compactionMs: 60 * SECOND,
  /** What one member may publish: at once, and per second after that. */
  publish: { documents: 200, rate: { burst: 200, perSecond: 20 } },
  /** What one member may announce. */
  announce: { offers: 200, aheadMs: 600 * SECOND },
} as const;
