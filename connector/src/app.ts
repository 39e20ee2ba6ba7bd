import { OwnOrigins } from "@catalog/server/auth/sessions/own-origins";
import { PurgeSessions } from "@catalog/server/auth/sessions/purge-sessions.task";
import { SessionService } from "@catalog/server/auth/sessions/session.service";
import { SqlSessions } from "@catalog/server/auth/sessions/sql-sessions";
import { PurgeSeenProofs } from "@catalog/server/auth/purge-seen-proofs.task";
import { SqlSeenProofs } from "@catalog/server/auth/seen-proofs";
import { delay } from "@catalog/server/backoff";
import { unixSeconds } from "@catalog/server/clock";
import type { Database } from "@catalog/server/database/database";
import { openDatabase } from "@catalog/server/database/open-database";
import type { GraphqlListener } from "@catalog/server/graphql/listener-options";
import type { Logger } from "@catalog/server/log";
import { createRegistry } from "@catalog/server/ops/metrics";
import { createOpsListener, type OpsListener } from "@catalog/server/ops/ops-listener";
import { MachineClient } from "@catalog/server/outgoing/machine-client";
import type { RunningProgram } from "@catalog/server/process/run-process";
import { periodicTask, TaskGroup } from "@catalog/server/tasks";
import { uiFoldersOf } from "@catalog/server/ui/ui-files";
import { loadTls } from "@catalog/server/tls/tls-material";
import { composeAdmin } from "./compose/compose-admin.js";
import { composeBrokers, composeReplica, type Brokers, type Replica } from "./compose/compose-catalog.js";
import { composeDeclarations } from "./compose/compose-declarations.js";
import { composeLedger, type Ledger } from "./compose/compose-ledger.js";
import { composeLiqo, type Liqo } from "./compose/compose-liqo.js";
import { composeOffloadings, type Offloadings } from "./compose/compose-offloadings.js";
import { composePeerings, type Peerings } from "./compose/compose-peerings.js";
import { beginGround, identify, type BareGround, type Ground } from "./compose/ground.js";
import { grantSettings, negotiationSettings, pluginWire, type ConnectorConfig } from "./config.js";
import type { Contract } from "./domain/contract.js";
import { buildPeerSchema } from "./graphql/peer/build-peer-schema.js";
import { NegotiationResolver } from "./graphql/peer/negotiation.resolver.js";
import { PeeringResolver } from "./graphql/peer/peering.resolver.js";
import { ResourcePlugin } from "./liqo/grpc/resource-plugin.js";
import { AdminAuthenticator } from "./listeners/admin-authenticator.js";
import { createAdminListener } from "./listeners/admin-listener.js";
import { OwnListenerProbe } from "./listeners/own-listener-probe.js";
import { createPeerListener } from "./listeners/peer-listener.js";
import { registerMetrics } from "./metrics.js";
import { HttpPeerClient } from "./peers/http-peer-client.js";
import { AccessService } from "./services/access/access.service.js";
import { LateGrants } from "./services/contracts/late-grants.js";
import type { DeclarationService } from "./services/declarations/declaration.service.js";
import type { GrantSource, PeeringClient } from "./services/ports.js";
import { StartService } from "./services/start.service.js";
import { accessUnit } from "./storage/access-unit.js";
import { brokerUnit } from "./storage/broker-unit.js";
import { OverviewRepository } from "./storage/overview.repository.js";
import { ledgerUnit } from "./storage/ledger-unit.js";
import { LEDGER_TABLES } from "./storage/ledger.tables.js";
import { offloadingUnit } from "./storage/offloading-unit.js";
import { OFFLOADING_TABLES } from "./storage/offloading.tables.js";
import { peeringUnit } from "./storage/peering-unit.js";
import { PEERING_TABLES } from "./storage/peering.tables.js";
import { ScriptTokenRepository } from "./storage/script-token.repository.js";
import { MIGRATIONS } from "./storage/migrations.js";
import { createTransact } from "./storage/transact.js";

const TIDY_EVERY_MS = 3_600_000;
const RENEW_EVERY_MS = 12 * 3_600_000;
const INCARNATION_EVERY_MS = 30_000;
/** What ending takes beside the requests. */
const CLOSING_MS = 6_000;

/** The services of a Connector. */
interface Services {
  readonly database: Database;
  readonly liqo: Liqo;
  readonly ledger: Ledger;
  readonly replica: Replica;
  readonly brokers: Brokers;
  readonly peerings: Peerings;
  readonly offloadings: Offloadings;
  readonly declarations: DeclarationService;
}

/**
 * Starts a Connector. Liqo's port listens first, because Liqo ends its process when it cannot connect; the other listeners follow whether or
 * not the database is there, and everything that needs it begins once it is.
 */
export async function startConnector(
  config: ConnectorConfig,
  log: Logger,
  signal?: AbortSignal,
): Promise<RunningConnector> {
  const opened: Opened = [];
  try {
    const { ports, impossible } = await open(beginGround(config, log), opened, signal);
    return {
      ports,
      impossible,
      stop: () => closeAll(opened),
      stopLimitMs: config.drain + config.stopGrace + CLOSING_MS,
    };
  } catch (error) {
    await closeAll(opened);
    throw error;
  }
}

/** Where a Connector listens. */
export interface ConnectorPorts {
  readonly grpc: number;
  readonly admin: number;
  readonly contract: number;
  readonly ops: number;
}

export interface RunningConnector extends RunningProgram {
  readonly ports: ConnectorPorts;
  /** Rejects with what makes it impossible to serve, such as a database of another identity. */
  readonly impossible: Promise<never>;
}

/** How to close what has been opened, in the order of opening. */
type Opened = (() => Promise<void>)[];

async function closeAll(opened: Opened): Promise<void> {
  for (const close of opened.splice(0).reverse()) await close();
}

async function open(begun: BareGround, opened: Opened, signal?: AbortSignal): Promise<Omit<RunningConnector, "stop">> {
  const { config, log } = begun;
  const grants = new LateGrants(begun.changes);
  let driven: Liqo | undefined;
  const plugin = new ResourcePlugin({ grants, wire: () => pluginWire(config, driven?.cluster.mode), log });
  opened.push(() => plugin.stop());
  const grpc = await plugin.start(config.host, config.grpcPort);
  const readiness = new StartService(log);
  const ops = createOps(begun, readiness);
  opened.push(() => ops.listener.close());
  const opsAddress = await ops.listener.listen();
  opened.push(async () => begun.safeFetch.close());
  const ground = await identify(begun, signal);
  const services = await compose(ground, grants);
  opened.push(() => services.database.close());
  driven = services.liqo;
  grants.use(services.ledger.grants);
  readiness.watch(() => services.database.available());
  registerMetrics(ops.registry, services, plugin);
  const { admin, peer, learnEndpoint } = await createListeners(ground, services, plugin);
  opened.push(async () => void (await Promise.all([admin.close(config.stopGrace), peer.close(config.stopGrace)])));
  const [adminAddress, peerAddress] = await Promise.all([admin.listen(), peer.listen()]);
  const tasks = startTasks(ground, services, readiness, { admin, peer, learnEndpoint });
  opened.push(async () => void (await Promise.all([tasks.stop(), services.brokers.fleet.stopAll()])));
  opened.push(async () => {
    for (const part of [readiness, admin, peer]) part.drain();
    await delay(config.drain);
  });
  const ports = { grpc, admin: adminAddress.port, contract: peerAddress.port, ops: opsAddress.port };
  log.info({ fingerprint: ground.identity.fingerprint, ports }, "the Connector listens");
  return { ports, impossible: readiness.impossible };
}

function createOps(
  { config, log }: BareGround,
  readiness: StartService,
): { listener: OpsListener; registry: ReturnType<typeof createRegistry> } {
  const registry = createRegistry("connector");
  const listener = createOpsListener({
    host: config.host,
    port: config.opsPort,
    log,
    registry,
    health: () => ({ ok: true, checks: { process: "runs" } }),
    ready: () => readiness.report(),
  });
  return { listener, registry };
}

async function compose(ground: Ground, grants: GrantSource): Promise<Services> {
  const { config, log, clock, changes, identity, safeFetch, tls } = ground;
  const database = await openDatabase({
    ...(config.databaseUrl === undefined ? {} : { url: config.databaseUrl }),
    dataDir: config.dataDir,
    name: "connector",
    entities: [...LEDGER_TABLES, ...PEERING_TABLES, ...OFFLOADING_TABLES],
    migrations: MIGRATIONS,
    production: config.nodeEnv === "production",
    log,
    clockOffsetMs: config.clockOffset,
    poolSize: config.databasePool,
  });
  const client = new MachineClient(identity.signer, safeFetch, clock, () => ledger.cluster.descriptor());
  const peers = new HttpPeerClient(client);
  const catalogParts = {
    config,
    identity,
    changes,
    clock,
    log,
    transact: createTransact(database, changes, brokerUnit),
  };
  const replica = composeReplica(catalogParts);
  const { members } = replica;
  const transact = createTransact(database, changes, ledgerUnit);
  const sold = () => transact(async ({ contracts }) => (await contracts.holding()).filter(isActive));
  const liqo = composeLiqo({ config, identity, members, grants, sold, guard: safeFetch.guard, clock, log });
  const ledger: Ledger = composeLedger({
    transact,
    identity,
    driver: liqo.cluster,
    members,
    catalog: replica.catalog,
    peers,
    announcer: { announce: () => brokers.fleet.announce() },
    changes,
    clock,
    log,
    negotiation: negotiationSettings(config),
    grants: grantSettings(config),
    maxOffers: config.maxOffers,
    measureEveryMs: config.measureEvery,
    tlsSpki: tls?.isSelfSigned === true ? tls.spki : undefined,
  });
  const { cluster, publisher } = ledger;
  const brokers: Brokers = composeBrokers(catalogParts, replica, { client, safeFetch, peers, cluster, publisher });
  const peerings = peeringsOf(ground, database, ledger, { peers, liqo });
  const offloadings = offloadingsOf(ground, database, liqo);
  const declarations = composeDeclarations({
    transact,
    offerChanges: ledger.offerChanges,
    brokers: brokers.brokers,
    log,
    path: config.declarations,
    lookEveryMs: config.declarationsLook,
  });
  return { database, liqo, ledger, replica, brokers, peerings, offloadings, declarations };
}

function isActive({ state }: Contract): boolean {
  return state === "ACTIVE";
}

function peeringsOf(
  { config, changes, log }: Ground,
  database: Database,
  ledger: Ledger,
  { peers, liqo }: { readonly peers: PeeringClient; readonly liqo: Liqo },
): Peerings {
  return composePeerings({
    transact: createTransact(database, changes, peeringUnit),
    entries: ledger.entries,
    directory: ledger.directory,
    peers,
    changes,
    log,
    driver: () => liqo.peering,
    manifests: () => liqo.manifests,
    isAutomatic: config.peering === "auto",
    lookEveryMs: config.peeringLook,
    releaseAfterSeconds: Math.ceil(config.releasePatience / 1000),
  });
}

function offloadingsOf({ config, changes, log }: Ground, database: Database, liqo: Liqo): Offloadings {
  const { liqoNamespace, podNamespace } = config;
  return composeOffloadings({
    transact: createTransact(database, changes, offloadingUnit),
    driver: liqo.offloading,
    reserved: [liqoNamespace, ...(podNamespace === undefined ? [] : [podNamespace])],
    grants: grantSettings(config),
    changes,
    log,
    lookEveryMs: config.peeringLook,
  });
}

interface Listeners {
  readonly admin: GraphqlListener;
  readonly peer: GraphqlListener;
  /** To be called whenever the contract endpoint may have changed. */
  readonly learnEndpoint: () => Promise<void>;
}

async function createListeners(ground: Ground, services: Services, plugin: ResourcePlugin): Promise<Listeners> {
  const { config, log, clock, tls, identity, instance } = ground;
  const { database, ledger, replica, peerings } = services;
  const api = await composeAdmin({
    ...ground,
    ...services,
    access: createTransact(database, ground.changes, accessUnit),
    overview: new OverviewRepository(database),
    driver: services.liqo.cluster,
    kubernetesVersion: services.liqo.kubernetesVersion,
    probe: new OwnListenerProbe(instance),
    isDatabaseThere: () => database.available(),
    plugin: () => ({
      wire: pluginWire(config, services.liqo.cluster.mode) ?? "auto",
      subscribers: plugin.subscriberCount,
    }),
  });
  const place = { host: config.host, tls, log };
  const admin = createAdminListener(
    { ...place, port: config.adminPort },
    {
      ...api,
      ...accessOf(ground, database),
      changes: ground.changes,
      ui: uiFoldersOf("connector", config.uiDir),
      instance,
    },
  );
  let announcedPath: string | undefined;
  const negotiations = new NegotiationResolver(ledger.cluster, ledger.sales, ledger.closings, ledger.terminations);
  const peer = createPeerListener(
    { ...place, port: config.contractPort },
    {
      schema: await buildPeerSchema(negotiations, new PeeringResolver(peerings.turns)),
      fingerprint: identity.fingerprint,
      announcedPath: () => announcedPath,
      pinned: (fingerprint) => replica.view.requireLoaded().pinned(fingerprint)?.descriptor,
      seen: new SqlSeenProofs(database),
      clock,
    },
  );
  const learnEndpoint = async (): Promise<void> => {
    const profile = await ledger.cluster.profile();
    announcedPath = profile && new URL(profile.contractEndpoint).pathname;
  };
  return { admin, peer, learnEndpoint };
}

/** Who is let in at the admin listener. */
function accessOf(
  { config, identity, clock, tls, adminTokenHash }: Ground,
  database: Database,
): { readonly sessions: SessionService; readonly authenticator: AdminAuthenticator } {
  const sessions = new SessionService(new SqlSessions(database), clock, {
    fingerprint: identity.fingerprint,
    lifetime: Math.floor(config.sessionLifetime / 1_000),
    origins: new OwnOrigins(tls !== undefined, config.uiOrigins),
  });
  const access = new AccessService(adminTokenHash, new ScriptTokenRepository(database), clock);
  return { sessions, authenticator: new AdminAuthenticator(access, sessions) };
}

function startTasks(ground: Ground, services: Services, readiness: StartService, listeners: Listeners): TaskGroup {
  const { log, clock, changes } = ground;
  const { database, ledger, replica, brokers } = services;
  const tasks = new TaskGroup(log);
  const learn = (): void =>
    void listeners
      .learnEndpoint()
      .catch((error: unknown) => log.warn({ err: error }, "the contract endpoint could not be read"));
  changes.on("descriptor", learn);
  const start = readiness.task([
    () => database.ready(),
    () => ledger.cluster.requireOwnDatabase(),
    () => brokers.trust.load(),
    () => replica.service.load(),
    () => ledger.cluster.checkIncarnation(),
    () => present(ground, ledger, tasks),
    () => listeners.learnEndpoint(),
    () => brokers.brokers.startAll(),
    async () => {
      for (const task of [
        ...ledger.tasks,
        ...services.liqo.tasks,
        ...services.peerings.tasks,
        ...services.offloadings.tasks,
        services.declarations.task,
      ])
        tasks.start(task);
      tasks.start(new PurgeSeenProofs(new SqlSeenProofs(database), clock));
      tasks.start(new PurgeSessions(new SqlSessions(database), clock));
      tasks.start(
        periodicTask("tidy the replica", TIDY_EVERY_MS, () => replica.service.tidy(unixSeconds(clock.now())), { log }),
      );
      tasks.start(periodicTask("incarnation", INCARNATION_EVERY_MS, () => ledger.cluster.checkIncarnation(), { log }));
      tasks.start(periodicTask("descriptor", INCARNATION_EVERY_MS, () => ledger.cluster.refreshDescriptor(), { log }));
    },
  ]);
  tasks.start(start);
  tasks.start(periodicTask("certificate", RENEW_EVERY_MS, () => renew(ground, listeners), { log }));
  log.debug({ mode: services.liqo.cluster.mode }, "tasks started");
  return tasks;
}

/** Signs the descriptor and takes the name from the configuration: now, or once Kubernetes and Liqo are there, for which nothing else waits. */
async function present({ config, log }: Ground, ledger: Ledger, tasks: TaskGroup): Promise<void> {
  const work = async (): Promise<void> => {
    await ledger.cluster.refreshDescriptor();
    await initialise(config, ledger);
  };
  try {
    await work();
  } catch (error) {
    log.warn({ err: error }, "the descriptor cannot be signed yet; the Connector goes on without");
    tasks.start({ name: "presentation", run: work });
  }
}

/** The name and address of the configuration count at the first start only: afterwards the admin's word does. */
async function initialise({ prettyName, contractEndpoint }: ConnectorConfig, { cluster }: Ledger): Promise<void> {
  if (prettyName === undefined || contractEndpoint === undefined) return;
  if ((await cluster.profile()) === undefined)
    await cluster.initialise({ prettyName, contractEndpoint }, "configuration");
}

async function renew({ tlsSource, clock }: Ground, { admin, peer }: Listeners): Promise<void> {
  const tls = await loadTls(tlsSource, clock.now());
  if (tls === undefined) return;
  admin.renewTls(tls);
  peer.renewTls(tls);
}
