import { TaskGroup } from "@catalog/server/tasks";
import type { Logger } from "@catalog/server/log";
import type { BrokerHealthBoard } from "../services/brokers/broker-health.js";
import type {
  BrokerAddress,
  BrokerGateway,
  BrokerSessions,
  FeedSink,
  MembershipDeskPort,
  PublicationSource,
} from "../services/brokers/broker-ports.js";
import type { Announcer } from "../services/ports.js";
import { BrokerSession, type SessionHost, type SessionTimings } from "./broker-session.js";
import type { FeedTargets } from "./feed-target.js";
import { Publisher, type PublisherLimits } from "./publisher.js";

/** What every session shares. */
export interface FleetParts {
  readonly desk: MembershipDeskPort;
  readonly targets: FeedTargets;
  readonly gateway: BrokerGateway;
  readonly health: BrokerHealthBoard;
  readonly isClockCorrected: (brokerID: string, error: unknown) => boolean;
  readonly log: Logger;
}

/** Where sessions read from and write to. */
export interface FleetData {
  readonly sink: FeedSink;
  readonly publications: PublicationSource;
}

interface Running {
  readonly tasks: TaskGroup;
  readonly publisher: Publisher;
}

/** The background work for all Brokers: for each, one task that follows its feed and one that publishes to it, apart from all others. */
export class BrokerFleet implements BrokerSessions, Announcer {
  private readonly running = new Map<string, Running>();

  constructor(
    private readonly parts: FleetParts,
    private readonly data: FleetData,
    private readonly timings: SessionTimings,
    private readonly limits: PublisherLimits,
  ) {}

  start(brokerID: string): void {
    if (this.running.has(brokerID)) return;
    const log = this.parts.log.child({ brokerID });
    const publisher = this.publisher(brokerID, log);
    const session = new BrokerSession(brokerID, this.host(brokerID, publisher), this.data.sink, this.timings, log);
    const tasks = new TaskGroup(log);
    tasks.start({ name: `feed of ${brokerID}`, run: (signal) => session.run(signal) });
    tasks.start({
      name: `publisher to ${brokerID}`,
      run: (signal) => publisher.run(() => this.connectedAddress(brokerID), signal),
    });
    this.running.set(brokerID, { tasks, publisher });
  }

  async stop(brokerID: string): Promise<void> {
    const running = this.running.get(brokerID);
    this.running.delete(brokerID);
    await running?.tasks.stop();
  }

  /** Ends the work for every Broker. */
  async stopAll(): Promise<void> {
    await Promise.all([...this.running.keys()].map((brokerID) => this.stop(brokerID)));
  }

  async announce(): Promise<void> {
    for (const { publisher } of this.running.values()) publisher.wake();
  }

  /** Publishing waits for the connection: it says that the Broker is there and that this cluster is its member. */
  private async connectedAddress(brokerID: string): Promise<BrokerAddress | undefined> {
    return this.parts.health.of(brokerID).isConnected ? this.parts.desk.broker(brokerID) : undefined;
  }

  private publisher(brokerID: string, log: Logger): Publisher {
    const { gateway, health } = this.parts;
    const report = {
      published: () => health.announced(brokerID),
      failed: (reason: string) => health.publishFailed(brokerID, reason),
    };
    return new Publisher(this.data.publications, gateway, this.limits, report, log);
  }

  private host(brokerID: string, publisher: Publisher): SessionHost {
    const { desk, targets, health, isClockCorrected } = this.parts;
    return {
      broker: () => desk.broker(brokerID),
      enrol: (broker) => desk.enrol(broker),
      lostMembership: (broker) => desk.lostMembership(broker),
      changedTlsKey: (broker) => desk.changedTlsKey(broker),
      target: (broker, since) => targets.to(broker, since),
      isClockCorrected: (broker, error) => isClockCorrected(broker.brokerID, error),
      connected: () => {
        health.connected(brokerID);
        publisher.restart();
      },
      heard: () => health.heard(brokerID),
      malformed: (count) => health.refused(brokerID, `${count} changes of one message were not of the agreed shape`),
      ended: (error) => health.disconnected(brokerID, error?.message ?? null),
    };
  }
}
