import type { Clock } from "@catalog/server/clock";
import type { Logger } from "@catalog/server/log";
import type { Task } from "@catalog/server/tasks";
import type { GrantSettings } from "../domain/grant.js";
import type { NegotiationSettings } from "../domain/negotiation-settings.js";
import { ActivityService } from "../services/cluster/activity.service.js";
import { AllowanceService } from "../services/cluster/allowance.service.js";
import { LedgerFindingsService } from "../services/cluster/ledger-findings.service.js";
import { ExistingPeersService } from "../services/cluster/existing-peers.service.js";
import { RememberedCluster } from "../services/cluster/remembered-cluster.js";
import { ApprovalService } from "../services/contracts/approval.service.js";
import { CapacityMeter } from "../services/cluster/capacity-meter.js";
import { CapacityService } from "../services/cluster/capacity.service.js";
import { ClusterService } from "../services/cluster/cluster.service.js";
import { ContractLedger } from "../services/contracts/contract-ledger.js";
import { ContractService } from "../services/contracts/contract.service.js";
import { ExpiryService } from "../services/contracts/expiry.service.js";
import { GrantService } from "../services/contracts/grant.service.js";
import type { LedgerUnit, Transact } from "../services/contracts/ledger-ports.js";
import { NegotiationDriver } from "../services/contracts/negotiation-driver.js";
import { NegotiationService } from "../services/contracts/negotiation.service.js";
import { OfferPublisher } from "../services/offers/offer-publisher.service.js";
import { OfferChanges } from "../services/offers/offer-changes.js";
import { OfferService } from "../services/offers/offer.service.js";
import { OutboxWorker } from "../services/contracts/outbox-worker.js";
import { PeerDirectory } from "../services/contracts/peer-directory.js";
import type {
  Announcer,
  CatalogSource,
  Changes,
  ClusterDriver,
  Identity,
  MembershipSource,
  PeerClient,
} from "../services/ports.js";
import { PurchaseService } from "../services/contracts/purchase.service.js";
import { ReconciliationService } from "../services/contracts/reconciliation.service.js";
import { ReleaseService } from "../services/contracts/release.service.js";
import { ReplyReader } from "../services/contracts/reply-reader.js";
import { SaleClosingService } from "../services/contracts/sale-closing.service.js";
import { SaleService } from "../services/contracts/sale.service.js";
import { TerminationService } from "../services/contracts/termination.service.js";
import { workHandlers } from "../services/contracts/work-handlers.js";

/** What offers and contracts of a cluster stand on. */
export interface LedgerParts {
  readonly transact: Transact<LedgerUnit>;
  readonly identity: Identity;
  readonly driver: ClusterDriver;
  readonly members: MembershipSource;
  readonly catalog: CatalogSource;
  readonly peers: PeerClient;
  readonly announcer: Announcer;
  readonly changes: Changes;
  readonly clock: Clock;
  readonly log: Logger;
  readonly negotiation: NegotiationSettings;
  readonly grants: GrantSettings;
  readonly maxOffers: number;
  /** How often the cluster's capacity is read. */
  readonly measureEveryMs: number;
  /** SHA-256 of the public key of the own TLS certificate, where it is self-signed. */
  readonly tlsSpki: string | undefined;
}

/** The services of offers and contracts; `tasks` are to be started once the database is there. */
export interface Ledger {
  readonly cluster: ClusterService;
  readonly offers: OfferService;
  readonly offerChanges: OfferChanges;
  readonly publisher: OfferPublisher;
  readonly contracts: ContractService;
  readonly purchases: PurchaseService;
  readonly approvals: ApprovalService;
  readonly terminations: TerminationService;
  readonly sales: SaleService;
  readonly closings: SaleClosingService;
  readonly allowances: AllowanceService;
  readonly grants: GrantService;
  readonly capacity: CapacityService;
  readonly meter: CapacityMeter;
  readonly activity: ActivityService;
  readonly findings: LedgerFindingsService;
  readonly existingPeers: ExistingPeersService;
  readonly outbox: OutboxWorker;
  readonly expiry: ExpiryService;
  readonly reconciliation: ReconciliationService;
  /** How contracts are written, and where their parties are reached: for what follows from contracts. */
  readonly entries: ContractLedger;
  readonly directory: PeerDirectory;
  readonly tasks: readonly Task[];
}

/** Wires everything about own offers and contracts: the half of the composition root that needs neither a Broker nor a listener. */
export function composeLedger(parts: LedgerParts): Ledger {
  const { transact, identity, members, changes, negotiation: settings } = parts;
  const driver = new RememberedCluster(parts.driver, transact);
  const entries = new ContractLedger(settings, driver);
  const cluster = new ClusterService(transact, identity, driver, parts.tlsSpki);
  const terminations = new TerminationService(transact, entries, identity, settings);
  const publisher = new OfferPublisher(transact, identity.signer);
  const market = { members, catalog: parts.catalog, changes };
  const { resourceNames } = parts.grants;
  const meter = new CapacityMeter(
    transact,
    driver,
    changes,
    { everyMs: parts.measureEveryMs, resourceNames },
    parts.log,
  );
  const background = composeBackground(parts, entries, terminations, publisher);
  const offerChanges = new OfferChanges(identity.signer, parts.maxOffers);
  const existingPeers = new ExistingPeersService(transact, driver, parts.log);
  return {
    cluster,
    publisher,
    terminations,
    entries,
    ...background,
    offers: new OfferService(transact, offerChanges),
    offerChanges,
    contracts: new ContractService(transact),
    purchases: new PurchaseService(transact, entries, cluster, market, settings.buyWaitMs),
    approvals: new ApprovalService(transact, entries, cluster, settings),
    sales: new SaleService(transact, entries, cluster, members, settings),
    closings: new SaleClosingService(transact, entries, identity, driver),
    allowances: new AllowanceService(transact),
    grants: new GrantService(transact, changes, parts.grants),
    capacity: new CapacityService(transact, meter, parts.grants),
    meter,
    activity: new ActivityService(transact),
    findings: new LedgerFindingsService(transact),
    existingPeers,
    tasks: [background.outbox, background.expiry, background.reconciliation, ...meter.tasks, existingPeers],
  };
}

function composeBackground(
  parts: LedgerParts,
  entries: ContractLedger,
  terminations: TerminationService,
  publisher: OfferPublisher,
): Pick<Ledger, "directory" | "outbox" | "expiry" | "reconciliation"> {
  const { transact, identity, clock, log, peers: client, negotiation: settings } = parts;
  const directory = new PeerDirectory(parts.members, client);
  const negotiation = new NegotiationService(
    transact,
    entries,
    identity,
    new ReplyReader(identity, settings),
    terminations,
  );
  const driver = new NegotiationDriver(negotiation, directory, client, clock);
  const releases = new ReleaseService(transact, entries, parts.driver, clock);
  const handlers = workHandlers({ announcer: parts.announcer, publisher, driver, releases });
  return {
    directory,
    outbox: new OutboxWorker(transact, handlers, parts.changes, log),
    expiry: new ExpiryService(transact, entries),
    reconciliation: new ReconciliationService(
      transact,
      negotiation,
      { directory, client },
      settings.reconcileEveryMs,
      log,
    ),
  };
}
