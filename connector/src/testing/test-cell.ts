import type { CatalogOffer } from "@catalog/schema/catalog";
import { verifyDescriptor } from "@catalog/schema/documents/descriptor";
import { signerFrom } from "@catalog/schema/documents/jws";
import { generateIdentity } from "@catalog/schema/documents/keys";
import { verifyOffer } from "@catalog/schema/documents/offer-document";
import { CatalogError } from "@catalog/schema/errors";
import type { Database } from "@catalog/server/database/database";
import { openDatabase } from "@catalog/server/database/open-database";
import type { Transaction } from "@catalog/server/database/transaction";
import { silentLog } from "@catalog/server/log";
import { createTestDatabase } from "@catalog/server/testing/test-database";
import { composeLedger, type Ledger } from "../compose/compose-ledger.js";
import { GRANT_DEFAULTS } from "../domain/grant.js";
import { NEGOTIATION_DEFAULTS, type NegotiationSettings } from "../domain/negotiation-settings.js";
import type { BuyerIdentity } from "../domain/sale.js";
import { ManualDriver } from "../liqo/manual/manual-driver.js";
import { ChangeSignals } from "../services/change-signals.js";
import type { Transact } from "../services/contracts/ledger-ports.js";
import type { OffloadingUnit } from "../services/offloading/offloading-store.js";
import type {
  CatalogSource,
  ClusterDriver,
  Identity,
  KnownCluster,
  MembershipSource,
  PeerClient,
} from "../services/ports.js";
import { LEDGER_TABLES } from "../storage/ledger.tables.js";
import { MIGRATIONS } from "../storage/migrations.js";
import { offloadingUnit } from "../storage/offloading-unit.js";
import { OFFLOADING_TABLES } from "../storage/offloading.tables.js";
import { PEERING_TABLES } from "../storage/peering.tables.js";
import { createTransact } from "../storage/transact.js";

/** Tells a cell that its process has been killed: nothing of it goes on. */
export class ProcessKilledError extends Error {}

/** The other clusters of a test, by fingerprint; what a Broker's feed would have brought. */
export type Neighbours = ReadonlyMap<string, TestCell>;

export interface CellOptions {
  readonly name: string;
  readonly neighbours: Map<string, TestCell>;
  readonly settings?: Partial<NegotiationSettings>;
  readonly driver?: (cell: TestCell) => ClusterDriver;
  /** False: nobody has listed yet which peers were there before. */
  readonly hasListedPeers?: boolean;
  /** Wraps the calls to other cells; the direct ones unless given. */
  readonly network?: (cell: TestCell, direct: PeerClient) => PeerClient;
}

/** One cluster of a test: whole services over a real database, with a clock that can be moved and a process that can be killed. */
export class TestCell {
  /** Added to the database's clock, ms. */
  offsetMs = 0;
  /** Called at each boundary of a transaction; may kill the process. */
  onBoundary: () => void = () => undefined;
  isMember = true;
  ledger: Ledger;
  transact: Transact<OffloadingUnit>;
  changes = new ChangeSignals(() => undefined);
  private life = 0;

  private constructor(
    readonly options: CellOptions,
    readonly identity: Identity,
    private readonly database: Database,
    private readonly drop: () => Promise<void>,
  ) {
    [this.ledger, this.transact] = this.compose();
  }

  static async open(options: CellOptions): Promise<TestCell> {
    const keys = await generateIdentity();
    const identity = { fingerprint: keys.fingerprint, keys, signer: await signerFrom(keys) };
    const { url, drop } = await createTestDatabase(MIGRATIONS);
    const database = await openDatabase({
      url,
      dataDir: "",
      name: "connector",
      entities: [...LEDGER_TABLES, ...PEERING_TABLES, ...OFFLOADING_TABLES],
      migrations: MIGRATIONS,
      production: false,
      log: silentLog(),
    });
    const cell = new TestCell(options, identity, database, drop);
    options.neighbours.set(identity.fingerprint, cell);
    await cell.ledger.cluster.checkIncarnation();
    await cell.ledger.cluster.refreshDescriptor();
    if (options.hasListedPeers !== false) await cell.ledger.existingPeers.list();
    await cell.ledger.cluster.initialise(
      { prettyName: options.name, contractEndpoint: `http://${options.name}.example:6003` },
      "admin",
    );
    return cell;
  }

  get fingerprint(): string {
    return this.identity.fingerprint;
  }

  get clusterID(): string {
    return `cluster-${this.options.name}`;
  }

  get caller(): BuyerIdentity {
    return { fingerprint: this.fingerprint, signingKey: this.identity.keys.signing.publicJwk };
  }

  now(): Date {
    return new Date(Date.now() + this.offsetMs);
  }

  /** Kills the process and starts a new one on the same database: whatever runs in the old one fails at its next step. */
  restart(): void {
    this.life += 1;
    this.changes = new ChangeSignals(() => undefined);
    [this.ledger, this.transact] = this.compose();
  }

  /** Does what is due, once. What fails stays in the outbox. */
  async work(): Promise<void> {
    await this.ledger.outbox.runOnce().catch(ignoreKill);
  }

  query<Row extends object>(sql: string, parameters: readonly unknown[] = []): Promise<Row[]> {
    return this.database.query(sql, parameters) as unknown as Promise<Row[]>;
  }

  async close(): Promise<void> {
    await this.database.close();
    await this.drop();
  }

  private compose(): [Ledger, Transact<OffloadingUnit>] {
    const life = this.life;
    const requireAlive = (): void => {
      if (life !== this.life) throw new ProcessKilledError();
    };
    const transaction = async <T>(work: (tx: Transaction) => Promise<T>): Promise<T> => {
      requireAlive();
      this.onBoundary();
      requireAlive();
      const result = await this.database.transaction((tx) => work(this.shifted(tx)));
      requireAlive();
      this.onBoundary();
      requireAlive();
      return result;
    };
    const transact = createTransact({ transaction }, this.changes, offloadingUnit);
    const direct = directClient(this);
    const ledger = composeLedger({
      transact,
      identity: this.identity,
      driver: this.options.driver?.(this) ?? this.manualDriver(),
      members: membersOf(this.options.neighbours),
      catalog: catalogOf(this.options.neighbours),
      peers: guarded(this.options.network?.(this, direct) ?? direct, requireAlive),
      announcer: { announce: async () => undefined },
      changes: this.changes,
      clock: { now: () => this.now() },
      log: silentLog(),
      negotiation: { ...NEGOTIATION_DEFAULTS, buyWaitMs: 0, ...this.options.settings },
      grants: GRANT_DEFAULTS,
      maxOffers: 200,
      measureEveryMs: 30_000,
      tlsSpki: undefined,
    });
    return [ledger, transact];
  }

  private manualDriver(): ClusterDriver {
    const parameters = { clusterID: this.clusterID, clusterName: this.options.name };
    return new ManualDriver({
      ...parameters,
      endpoint: `https://${this.options.name}.example`,
      token: `token of ${this.options.name}`,
      liqoVersion: null,
    });
  }

  /** The same transaction on a clock that the test has moved. */
  private shifted(tx: Transaction): Transaction {
    return new Proxy(tx, {
      get: (target, name) => {
        if (name === "now") return async () => new Date((await target.now()).getTime() + this.offsetMs);
        const value: unknown = Reflect.get(target, name, target);
        return typeof value === "function" ? value.bind(target) : value;
      },
    });
  }
}

/** Nothing to do: the test killed that process itself. */
export function ignoreKill(error: unknown): void {
  if (!(error instanceof ProcessKilledError)) throw error;
}

/** Calls the services of the other cell as its contract endpoint would. */
export function directClient(from: TestCell): PeerClient {
  const target = (peer: { readonly fingerprint: string }): Ledger => {
    const cell = from.options.neighbours.get(peer.fingerprint);
    if (cell === undefined) throw new CatalogError("PEER_UNREACHABLE", "nobody is there");
    return cell.ledger;
  };
  return {
    descriptor: (peer) => target(peer).cluster.descriptor(),
    reserve: (peer, input) => target(peer).sales.reserve(from.caller, input),
    confirm: (peer, call) => target(peer).closings.confirm(from.caller, call),
    activate: (peer, call) => target(peer).closings.activate(from.caller, call),
    terminate: (peer, call) => target(peer).terminations.terminatedByPeer(from.caller, call),
    negotiations: (peer, since, first) => target(peer).sales.negotiations(from.caller, since, first),
  };
}

/** Calls of a process that has been killed reach nobody, and its answers nobody hears. */
function guarded(client: PeerClient, requireAlive: () => void): PeerClient {
  return new Proxy(client, {
    get:
      (target, name: keyof PeerClient) =>
      async (...call: never[]) => {
        requireAlive();
        const answer: unknown = await (target[name] as (...args: never[]) => Promise<unknown>)(...call).catch(
          (error: unknown) => {
            if (error instanceof ProcessKilledError)
              throw new CatalogError("PEER_UNREACHABLE", "the other process was killed");
            throw error;
          },
        );
        requireAlive();
        return answer;
      },
  });
}

function membersOf(neighbours: Neighbours): MembershipSource {
  const known = async (cell: TestCell): Promise<KnownCluster> => {
    const jws = await cell.query<{ descriptor: string }>("SELECT descriptor FROM cluster");
    const text = jws[0]?.descriptor ?? "";
    const descriptor = await verifyDescriptor(text);
    return { fingerprint: descriptor.iss, clusterID: descriptor.clusterID, descriptor, jws: text, staleSince: null };
  };
  return {
    isMember: async (fingerprint) => neighbours.get(fingerprint)?.isMember ?? false,
    byFingerprint: async (fingerprint) => {
      const cell = neighbours.get(fingerprint);
      return cell && known(cell);
    },
    byClusterID: async (clusterID) => {
      const cells = [...neighbours.values()].filter((cell) => cell.clusterID === clusterID);
      return Promise.all(cells.map(known));
    },
    refresh: async (fingerprint, jws) => {
      const descriptor = await verifyDescriptor(jws);
      if (descriptor.iss !== fingerprint) throw new CatalogError("PEER_NOT_TRUSTED", "another identity");
      return { fingerprint, clusterID: descriptor.clusterID, descriptor, jws, staleSince: null };
    },
  };
}

function catalogOf(neighbours: Neighbours): CatalogSource {
  return {
    offer: async (fingerprint, offerID): Promise<CatalogOffer | undefined> => {
      const cell = neighbours.get(fingerprint);
      const rows = await cell?.query<{ jws: string }>(
        "SELECT jws FROM own_offers WHERE offer_id = $1 AND NOT is_withdrawn",
        [offerID],
      );
      const jws = rows?.[0]?.jws;
      if (cell === undefined || jws === undefined) return undefined;
      const [row] = await cell.query<{ descriptor: string }>("SELECT descriptor FROM cluster");
      const document = await verifyOffer(jws, await verifyDescriptor(row?.descriptor ?? ""));
      const { offer, rev, termsRev, stock } = document;
      const { clusterID } = cell;
      return {
        ...offer,
        fingerprint,
        clusterID,
        clusterName: cell.options.name,
        rev,
        termsRev,
        stock,
        staleSince: null,
        jws,
      };
    },
  };
}
