import type { FeedChange, FeedEvent } from "@catalog/schema/feed";
import { systemClock, unixSeconds } from "@catalog/server/clock";
import type { Database } from "@catalog/server/database/database";
import { openDatabase } from "@catalog/server/database/open-database";
import { silentLog } from "@catalog/server/log";
import { createTestDatabase } from "@catalog/server/testing/test-database";
import { BrokerHealthBoard } from "../services/brokers/broker-health.js";
import { BrokerRegistry } from "../services/brokers/broker-registry.js";
import { CatalogView } from "../services/catalog/catalog-view.js";
import { ChangeSignals } from "../services/change-signals.js";
import { MembershipService } from "../services/brokers/membership.service.js";
import { ReplicaService } from "../services/catalog/replica.service.js";
import { TrustList } from "../services/catalog/trust-list.js";
import type { BrokerUnit } from "../services/brokers/broker-ports.js";
import type { Transact } from "../services/contracts/ledger-ports.js";
import { brokerUnit } from "../storage/broker-unit.js";
import { LEDGER_TABLES } from "../storage/ledger.tables.js";
import { MIGRATIONS } from "../storage/migrations.js";
import { createTransact } from "../storage/transact.js";

/** The services of one process over a database; ending the process leaves the database. */
export interface ReplicaProcess {
  readonly view: CatalogView;
  readonly service: ReplicaService;
  readonly registry: BrokerRegistry;
  readonly health: BrokerHealthBoard;
  readonly trusted: TrustList;
  readonly members: MembershipService;
  readonly transact: Transact<BrokerUnit>;
}

/** A database of its own, on which processes can be started one after the other. */
export class ReplicaFixture {
  /** Added to the process's clock, in seconds. */
  clockOffset = 0;
  /** Called inside each transaction after its work: throwing fails the transaction as a crash would. */
  beforeCommit: () => void = () => undefined;

  private constructor(
    readonly ownFingerprint: string,
    readonly database: Database,
    private readonly drop: () => Promise<void>,
  ) {}

  static async open(ownFingerprint: string): Promise<ReplicaFixture> {
    const { url, drop } = await createTestDatabase(MIGRATIONS);
    const shared = { entities: LEDGER_TABLES, migrations: MIGRATIONS, production: false, log: silentLog() };
    const database = await openDatabase({ url, dataDir: "", name: "connector", ...shared });
    return new ReplicaFixture(ownFingerprint, database, drop);
  }

  /** What a process finds that starts now. */
  async start(): Promise<ReplicaProcess> {
    const changes = new ChangeSignals(() => undefined);
    const inner = createTransact(this.database, changes, brokerUnit);
    const transact: Transact<BrokerUnit> = (work) =>
      inner(async (unit) => {
        const result = await work(unit);
        this.beforeCommit();
        return result;
      });
    const view = new CatalogView(
      () => unixSeconds(new Date()) + this.clockOffset,
      1_000,
      () => changes.emit("catalog", ""),
    );
    const health = new BrokerHealthBoard(systemClock(), changes);
    const service = new ReplicaService({
      transact,
      view,
      health,
      ownFingerprint: this.ownFingerprint,
      log: silentLog(),
    });
    const trusted = new TrustList();
    await service.load();
    const registry = new BrokerRegistry(transact, service, view);
    return {
      view,
      service,
      health,
      trusted,
      registry,
      transact,
      members: new MembershipService(view, trusted, service, transact),
    };
  }

  async close(): Promise<void> {
    await this.database.close();
    await this.drop();
  }
}

/** Registers a Broker without any network. */
export async function register({ registry }: ReplicaProcess, brokerID: string, isSubscribed = true): Promise<void> {
  await registry.save(
    (now) => ({
      brokerID,
      brokerName: `Broker ${brokerID}`,
      brokerEndpoint: "https://broker.example",
      descriptor: "",
      tlsSpki: null,
      membership: "ADMITTED",
      isSubscribed,
      isDeclared: false,
      registeredAt: now,
      syncedAt: null,
    }),
    { actor: "admin", action: "broker.registered", message: "" },
  );
}

export function items(cursor: string, ...changes: FeedChange[]): FeedEvent {
  return { type: "ITEMS", cursor, changes };
}

export function signal(type: "RESET" | "SYNCED" | "HEARTBEAT", cursor: string): FeedEvent {
  return { type, cursor, changes: [] };
}

/** `clusterID/offerID` of every visible offer, sorted. */
export function offersIn({ view }: ReplicaProcess): string[] {
  return [...view.allOffers()].map(({ clusterID, offerID }) => `${clusterID}/${offerID}`).sort();
}
