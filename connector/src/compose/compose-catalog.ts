import type { Clock } from "@catalog/server/clock";
import { unixSeconds } from "@catalog/server/clock";
import type { Logger } from "@catalog/server/log";
import type { MachineClient } from "@catalog/server/outgoing/machine-client";
import type { SafeFetch } from "@catalog/server/outgoing/safe-fetch";
import { randomId } from "@catalog/server/random";
import { BrokerFleet } from "../brokers/broker-fleet.js";
import { HttpBrokerGateway } from "../brokers/broker-gateway.js";
import { FeedTargets } from "../brokers/feed-target.js";
import type { ConnectorConfig } from "../config.js";
import { BrokerHealthBoard } from "../services/brokers/broker-health.js";
import type { BrokerUnit } from "../services/brokers/broker-ports.js";
import { BrokerRegistry } from "../services/brokers/broker-registry.js";
import { BrokerService } from "../services/brokers/broker.service.js";
import { CatalogFeed } from "../services/catalog/catalog-feed.js";
import { CatalogView } from "../services/catalog/catalog-view.js";
import { CatalogService } from "../services/catalog/catalog.service.js";
import type { ClusterService } from "../services/cluster/cluster.service.js";
import { EnrolmentService } from "../services/brokers/enrolment.service.js";
import type { Transact } from "../services/contracts/ledger-ports.js";
import { MembershipDesk } from "../services/brokers/membership-desk.js";
import { MembershipService } from "../services/brokers/membership.service.js";
import type { OfferPublisher } from "../services/offers/offer-publisher.service.js";
import type { Changes, Identity, PeerClient } from "../services/ports.js";
import { ReplicaService } from "../services/catalog/replica.service.js";
import { TrustList } from "../services/catalog/trust-list.js";
import { TrustService } from "../services/catalog/trust.service.js";

/** Characters of documents in one request to a Broker, which reads 256 KiB. */
const PUBLISH_LENGTH = 180_000;

/** What the Catalog of a cluster stands on. */
export interface CatalogParts {
  readonly config: ConnectorConfig;
  readonly transact: Transact<BrokerUnit>;
  readonly identity: Identity;
  readonly changes: Changes;
  readonly clock: Clock;
  readonly log: Logger;
}

/** What this cluster knows of others. */
export interface Replica {
  readonly view: CatalogView;
  readonly service: ReplicaService;
  readonly health: BrokerHealthBoard;
  readonly trusted: TrustList;
  readonly members: MembershipService;
  readonly catalog: CatalogService;
  readonly feed: CatalogFeed;
}

/** Wires the replica and who reads from it: needs neither a Broker nor the own offers. */
export function composeReplica({ config, transact, identity, changes, clock, log }: CatalogParts): Replica {
  const view = new CatalogView(
    () => unixSeconds(clock.now()),
    config.catalogLog,
    () => changes.emit("catalog", ""),
  );
  const health = new BrokerHealthBoard(clock, changes);
  const service = new ReplicaService({ transact, view, health, ownFingerprint: identity.fingerprint, log });
  const trusted = new TrustList();
  const feed = new CatalogFeed(view, changes, randomId(9), config.catalogHeartbeat);
  return {
    view,
    service,
    health,
    trusted,
    members: new MembershipService(view, trusted, service, transact),
    catalog: new CatalogService(view, feed),
    feed,
  };
}

/** How Brokers and other Connectors are called, and what they are told. */
export interface BrokerLinksParts {
  readonly client: MachineClient;
  readonly safeFetch: SafeFetch;
  readonly peers: PeerClient;
  readonly cluster: ClusterService;
  readonly publisher: OfferPublisher;
}

/** The work with Brokers. */
export interface Brokers {
  readonly fleet: BrokerFleet;
  readonly brokers: BrokerService;
  readonly gateway: HttpBrokerGateway;
  readonly trust: TrustService;
}

/** Wires the work with Brokers. */
export function composeBrokers(parts: CatalogParts, replica: Replica, links: BrokerLinksParts): Brokers {
  const { config, transact, identity, clock, log } = parts;
  const { client, cluster } = links;
  const gateway = new HttpBrokerGateway(client, identity.fingerprint);
  const registry = new BrokerRegistry(transact, replica.service, replica.view);
  const enrolment = new EnrolmentService(gateway, identity, cluster, clock);
  const fleet = new BrokerFleet(
    {
      desk: new MembershipDesk(registry, enrolment),
      targets: new FeedTargets(links.safeFetch.guard, client, () => cluster.descriptor()),
      gateway,
      health: replica.health,
      isClockCorrected: (brokerID, error) => client.isCorrected(brokerID, error),
      log,
    },
    { sink: replica.service, publications: links.publisher },
    {
      silenceMs: config.feedSilence,
      connectMs: config.feedConnect,
      reconnectFirstMs: config.reconnectFirst,
      reconnectMaxMs: config.reconnectMax,
    },
    { batchSize: config.publishBatch, batchLength: PUBLISH_LENGTH, pauseMs: config.publishPause },
  );
  const brokers = new BrokerService(registry, replica.health, { enrolment, gateway, sessions: fleet }, log);
  const trust = new TrustService(
    { transact, view: replica.view, list: replica.trusted, replica: replica.service },
    links.peers,
    identity.fingerprint,
  );
  return { fleet, brokers, gateway, trust };
}
