import type { Clock } from "@catalog/server/clock";
import type { BrokerHealth } from "./broker-ports.js";
import type { Changes } from "../ports.js";

const UNKNOWN: BrokerHealth = {
  isConnected: false,
  lastError: null,
  lastErrorAt: null,
  lastMessageAt: null,
  connectedAt: null,
  refusedDocuments: 0,
  lastRefusal: null,
  announcedAt: null,
  publishError: null,
};

/** How each Broker is doing right now. Kept in memory only: after a restart it shows within seconds. */
export class BrokerHealthBoard {
  private readonly states = new Map<string, BrokerHealth>();

  constructor(
    private readonly clock: Clock,
    private readonly changes: Changes,
  ) {}

  of(brokerID: string): BrokerHealth {
    return this.states.get(brokerID) ?? UNKNOWN;
  }

  connected(brokerID: string): void {
    const now = this.clock.now();
    this.set(brokerID, { isConnected: true, lastError: null, lastErrorAt: null, connectedAt: now, lastMessageAt: now });
  }

  /** A message has arrived. Not worth a wake-up: it happens all the time. */
  heard(brokerID: string): void {
    this.states.set(brokerID, { ...this.of(brokerID), lastMessageAt: this.clock.now() });
  }

  disconnected(brokerID: string, lastError: string | null): void {
    this.set(brokerID, {
      isConnected: false,
      ...(lastError === null ? {} : { lastError, lastErrorAt: this.clock.now() }),
    });
  }

  refused(brokerID: string, lastRefusal: string): void {
    this.set(brokerID, { refusedDocuments: this.of(brokerID).refusedDocuments + 1, lastRefusal });
  }

  announced(brokerID: string): void {
    this.set(brokerID, { announcedAt: this.clock.now(), publishError: null });
  }

  publishFailed(brokerID: string, publishError: string): void {
    this.set(brokerID, { publishError });
  }

  forget(brokerID: string): void {
    this.states.delete(brokerID);
    this.changes.emit("broker", brokerID);
  }

  private set(brokerID: string, change: Partial<BrokerHealth>): void {
    this.states.set(brokerID, { ...this.of(brokerID), ...change });
    this.changes.emit("broker", brokerID);
  }
}
