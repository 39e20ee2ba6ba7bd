import type { Logger } from "@catalog/server/log";
import type { FeedEvent } from "@catalog/schema/feed";
import {
  offerKey,
  planMessage,
  type CheckedMessage,
  type ItemKey,
  type KnownItems,
  type ReleasedDocument,
  type ReplicaChanges,
} from "@catalog/schema/replica-message";
import type { BrokerUnit, FeedSink } from "../brokers/broker-ports.js";
import type { BrokerHealthBoard } from "../brokers/broker-health.js";
import type { CatalogView } from "./catalog-view.js";
import { checkOfferDocument, FeedChecker } from "../brokers/feed-checker.js";
import type { Transact } from "../contracts/ledger-ports.js";

/** How long a document that nobody lists is remembered, so that an older one cannot come back. Seconds. */
const MARK_SECONDS = 30 * 24 * 3600;

/** Who reads the feeds, and what the replica writes to. */
export interface ReplicaParts {
  readonly transact: Transact<BrokerUnit>;
  readonly view: CatalogView;
  readonly health: BrokerHealthBoard;
  readonly ownFingerprint: string;
  readonly log: Logger;
}

/**
 * The durable replica. Each feed message and its cursor are one transaction; messages of all Brokers are applied one after the other, so that
 * the view in memory follows the commits in their order.
 */
export class ReplicaService implements FeedSink {
  private lane: Promise<unknown> = Promise.resolve();

  constructor(private readonly parts: ReplicaParts) {}

  async cursor(brokerID: string): Promise<string | null> {
    const position = await this.parts.transact(({ brokers }) => brokers.position(brokerID));
    return position?.cursor ?? null;
  }

  apply(brokerID: string, event: FeedEvent): Promise<void> {
    return this.inLane(() => this.applyNow(brokerID, event));
  }

  /** Reads the stored Catalog into memory. */
  load(): Promise<void> {
    return this.inLane(async () => {
      const stored = await this.parts.transact(async ({ brokers, identities, replica }) => ({
        brokers: await brokers.all(),
        pins: await identities.allPins(),
        documents: await replica.allDocuments(),
        listings: await replica.allListings(),
      }));
      this.parts.view.load(stored);
    });
  }

  /** Forgets documents that nobody has listed for a month, and greys what only Brokers out of sync list. */
  tidy(now: number): Promise<void> {
    return this.inLane(async () => {
      const forgotten = await this.parts.transact(({ replica }) => replica.forgetUnlisted(now - MARK_SECONDS));
      this.parts.view.forget(forgotten);
      this.parts.view.refreshAll();
    });
  }

  /** Runs `work` when no message is being applied: for changes of Brokers and pins that the view has to follow. */
  inLane<T>(work: () => Promise<T>): Promise<T> {
    const result = this.lane.then(work);
    this.lane = result.catch(() => undefined);
    return result;
  }

  private async applyNow(brokerID: string, event: FeedEvent): Promise<void> {
    const message = await this.check(brokerID, event);
    this.reportRefusals(message);
    const written = await this.parts.transact((unit) => this.write(unit, message));
    if (written === undefined) return;
    const { changes, gone, syncedAt } = written;
    const { view } = this.parts;
    const { pins, documents, listings } = changes;
    view.apply({ pins, documents, listings });
    view.apply({ removals: { brokerID, keys: [...changes.removals, ...gone] } });
    view.setSynced(brokerID, syncedAt);
  }

  private async check(brokerID: string, event: FeedEvent): Promise<CheckedMessage> {
    const checker = new FeedChecker(this.parts.ownFingerprint, this.parts.view);
    const changes = await checker.check(event.changes);
    return { brokerID, type: event.type, cursor: event.cursor, changes, released: await this.release(checker) };
  }

  /** Verifies the documents that waited for a key which this message brings. */
  private async release(checker: FeedChecker): Promise<readonly ReleasedDocument[]> {
    if (checker.arrived.length === 0) return [];
    const waiting = await this.parts.transact(({ replica }) => replica.pendingOf(checker.arrived));
    const released: ReleasedDocument[] = [];
    for (const listing of waiting) {
      const descriptor = checker.descriptorOf(listing.fingerprint);
      if (descriptor === undefined || listing.pendingJws === null) continue;
      const found = await checkOfferDocument(listing.pendingJws, descriptor).catch(() => null);
      released.push({ listing, found: found?.offerID === listing.offerID ? found : null });
    }
    return released;
  }

  private async write(
    unit: BrokerUnit,
    message: CheckedMessage,
  ): Promise<{ changes: ReplicaChanges; gone: readonly ItemKey[]; syncedAt: number | null } | undefined> {
    const { brokers, identities, replica } = unit;
    const before = await brokers.lockPosition(message.brokerID);
    if (before === undefined) return undefined;
    const now = Math.floor(unit.now.getTime() / 1000);
    const changes = planMessage(before, message, await readKnown(unit, message), now);
    await identities.savePins(changes.pins);
    await replica.saveDocuments(changes.documents, now);
    await replica.saveListings(changes.listings);
    await replica.removeListings(message.brokerID, changes.removals);
    await identities.saveEquivocations(changes.equivocations);
    for (const one of changes.equivocations)
      await unit.activity.add(equivocationEntry(one.fingerprint, one.offerID, one.number));
    const gone = changes.isSweep ? await replica.sweep(message.brokerID, changes.position.generation) : [];
    const syncedAt = changes.isSynced ? now : null;
    await brokers.savePosition(message.brokerID, changes.position, syncedAt);
    if (message.type === "SYNCED" || message.type === "RESET") unit.changed("broker", message.brokerID);
    return { changes, gone, syncedAt };
  }

  private reportRefusals(message: CheckedMessage): void {
    for (const change of message.changes) {
      if (change.as !== "REFUSED") continue;
      this.parts.health.refused(message.brokerID, change.reason);
      this.parts.log.warn(
        { brokerID: message.brokerID, ...change.key, reason: change.reason },
        "a document from the feed was refused",
      );
    }
  }
}

async function readKnown({ identities, replica }: BrokerUnit, message: CheckedMessage): Promise<KnownItems> {
  const clusters = message.changes.flatMap((change) => (change.as === "CLUSTER" ? [change.found] : []));
  const offers = [
    ...message.changes.flatMap((change) => (change.as === "OFFER" ? [change.found] : [])),
    ...message.released.flatMap(({ found }) => found ?? []),
  ];
  const pins = await identities.pins(clusters.map((one) => one.fingerprint));
  const keys = offers.map(({ fingerprint, offerID }): ItemKey => ({ kind: "OFFER", fingerprint, offerID }));
  const documents = await replica.documents(keys);
  return {
    pins: new Map(pins.map((pin) => [pin.fingerprint, pin])),
    holders: await identities.holders([...clusters.map((one) => one.clusterID), ...pins.map((pin) => pin.clusterID)]),
    documents: new Map(documents.map((one) => [offerKey(one.fingerprint, one.offerID), one])),
    floors: await replica.floors(offers.map((one) => one.fingerprint)),
  };
}

function equivocationEntry(
  fingerprint: string,
  offerID: string,
  number: number,
): { actor: string; action: string; subject: string; message: string } {
  const document = offerID === "" ? "descriptors" : `documents of offer ${offerID}`;
  return {
    actor: `peer ${fingerprint}`,
    action: "identity.equivocated",
    subject: fingerprint,
    message: `This cluster has signed two different ${document} with the same number ${number}. Both are kept; the first stays in use.`,
  };
}
