import { randomUUID } from "node:crypto";
import { createRequire } from "node:module";

import { graphqlUrl } from "@catalog/schema/endpoint";
import { delay } from "@catalog/server/backoff";
import { PurgeSessions } from "@catalog/server/auth/sessions/purge-sessions.task";
import type { SessionService } from "@catalog/server/auth/sessions/session.service";
import { SqlSessions } from "@catalog/server/auth/sessions/sql-sessions";
import { PurgeSeenProofs } from "@catalog/server/auth/purge-seen-proofs.task";
import { SqlSeenProofs } from "@catalog/server/auth/seen-proofs";
import type { GraphqlListener } from "@catalog/server/graphql/listener-options";
import { TokenBuckets } from "@catalog/server/limits/token-buckets";
import type { Logger } from "@catalog/server/log";
import { createRegistry } from "@catalog/server/ops/metrics";
import { createOpsListener, type OpsListener } from "@catalog/server/ops/ops-listener";
import { SafeFetch } from "@catalog/server/outgoing/safe-fetch";
import { TaskGroup, type Task } from "@catalog/server/tasks";
import { RenewTls } from "@catalog/server/tls/renew-tls.task";
import type { TlsMaterial } from "@catalog/server/tls/tls-material";

import { createConsole, createConsoleParts, createSessions } from "./compose-console.js";
import { createFeeding, createHub, type Feeding } from "./compose-feed.js";
import type { BrokerConfig } from "./config.js";
import type { FeedHub } from "./feed/feed-hub.js";
import type { Feed } from "./feed/feed.js";
import { buildBrokerSchema, type ResolverContainer } from "./graphql/build-schema.js";
import { BrokerResolver, ViewerResolver } from "./graphql/resolvers/broker.resolver.js";
import {
  CatalogResolver,
  ClusterResolver,
  OfferConnectionResolver,
  OfferResolver,
} from "./graphql/resolvers/catalog.resolver.js";
import { ConsoleResolver } from "./graphql/resolvers/console.resolver.js";
import { EnrolmentResolver } from "./graphql/resolvers/enrolment.resolver.js";
import { FeedResolver } from "./graphql/resolvers/feed.resolver.js";
import { ClusterAdmissionResolver, TokenResolver } from "./graphql/resolvers/operator.resolver.js";
import { PublishingResolver } from "./graphql/resolvers/publishing.resolver.js";
import { openGround, tlsSource, type Ground } from "./ground.js";
import { BrokerAuthenticator } from "./listeners/broker-authenticator.js";
import { createBrokerListener } from "./listeners/broker-listener.js";
import { BrokerMetrics } from "./listeners/broker-metrics.js";
import { SafeDescriptorFetcher } from "./listeners/descriptor-fetcher.js";
import { MemberKeys } from "./listeners/member-keys.js";
import { Readiness } from "./listeners/readiness.js";
import { SocketGuard } from "./listeners/socket-guard.js";
import { AnnounceService } from "./services/announce.service.js";
import { BrokerIdentityService } from "./services/broker-identity.service.js";
import { BrokerInfoService } from "./services/broker-info.service.js";
import { CatalogService } from "./services/catalog.service.js";
import { CompactionService } from "./services/compaction.service.js";
import { ConsoleWatch } from "./services/console-watch.js";
import type { ConsoleService } from "./services/console.service.js";
import { EnrolmentAnswers } from "./services/enrolment-answers.js";
import { EnrolmentService } from "./services/enrolment.service.js";
import { LivenessService } from "./services/liveness.service.js";
import { VerifiedDescriptors } from "./services/member-descriptors.js";
import { MemberService } from "./services/member.service.js";
import type { MemberStorage } from "./services/ports.js";
import { ProbeService } from "./services/probe.service.js";
import { PublishService } from "./services/publish.service.js";
import { ResynchroniseService } from "./services/resynchronise.service.js";
import { TokenService } from "./services/token.service.js";
import { AnnouncementRepository } from "./storage/announcement.repository.js";
import { CatalogReaderRepository } from "./storage/catalog-reader.repository.js";
import { CompactionRepository } from "./storage/compaction.repository.js";
import { ENDINGS_CHANNEL, PostgresMemberStorage } from "./storage/member-storage.js";
import type { PutLimits } from "./storage/put-documents.js";
import { SessionRepository } from "./storage/session.repository.js";
import { WriteLane } from "./storage/write-lane.js";

/** A running Broker. */
export interface Broker {
  /** Origin of the GraphQL API, and of health and metrics. */
  readonly url: string;
  readonly opsUrl: string;
  readonly fingerprint: string;
  /** Resolves once the database has been there and is this Broker's; rejects with why it never can be. */
  readonly established: Promise<void>;
  /** Ends everything in order, within `stopLimitMs`. */
  stop(): Promise<void>;
  readonly stopLimitMs: number;
}

const { version: VERSION } = createRequire(import.meta.url)("../package.json") as { version: string };

/** Every use case. */
interface Services {
  readonly storage: MemberStorage;
  readonly identity: BrokerIdentityService;
  readonly enrolment: EnrolmentService;
  readonly members: MemberService;
  readonly tokens: TokenService;
  readonly probes: ProbeService;
  readonly catalogs: CatalogService;
  readonly publishing: PublishService;
  readonly announcing: AnnounceService;
  readonly resynchronising: ResynchroniseService;
}

const COMPACTION_PERIOD_MS = 60_000;
/** What ending takes beside the requests. */
const CLOSING_MS = 5_000;
const COMPACTION = { logLength: 1_000_000, batchSize: 5_000 } as const;
const DOCUMENTS_PER_CALL = 500;
const CONSOLE_PERIODS = { members: 2_000, figures: 5_000, tokens: 1_000 } as const;

/** Starts a Broker: it listens at once, and serves as soon as its database is there. */
export async function startBroker(config: BrokerConfig, log: Logger, signal?: AbortSignal): Promise<Broker> {
  const ground = await openGround(config, log, signal);
  const feeding = createFeeding(ground);
  const lane = new WriteLane(
    ground.database,
    { ...putLimits(config), batchSize: config.laneBatch, queueLength: config.laneQueue },
    log,
    (revision, documents) => {
      feeding.tail.expect(revision);
      metrics.observeBatch(documents);
    },
  );
  const services = createServices(ground, feeding, lane);
  const sessions = createSessions(ground);
  const console = createConsole(ground, () => ({ hub, guard, lane }));
  const watch = new ConsoleWatch(console, services.tokens, CONSOLE_PERIODS, log);
  const schema = await buildBrokerSchema(createResolvers(ground, services, console));
  const hub: FeedHub = createHub(ground, feeding, schema, watch);
  const readiness = new Readiness(ground.database);
  const guard: SocketGuard = createGuard(ground, services, sessions);
  const liveness = createLiveness(ground);
  const seen = new SqlSeenProofs(ground.database);
  const registry = createRegistry("broker");
  const metrics: BrokerMetrics = new BrokerMetrics(registry, {
    countMembers: async () => (readiness.isReady() ? services.storage.read.members.countByStatus() : undefined),
    subscribers: () => hub.size.subscribers,
    groups: () => hub.size.groups,
    revision: () => Math.max(0, feeding.tail.revision),
    waitingDocuments: () => lane.length,
    memberSockets: () => guard.memberSockets,
  });
  const authenticator = createAuthenticator(ground, services, { feed: feeding.feed, seen, sessions });
  const pages = createConsoleParts(ground, sessions, authenticator, services.storage);
  const parts = { config, schema, log, authenticator, readiness, guard, liveness, hub, metrics, watch, console: pages };
  const listener = createBrokerListener({ ...parts, feed: feeding.feed, tls: ground.tls });
  const ops = createOpsListener({
    host: config.host,
    port: config.opsPort,
    registry,
    log,
    health: () => ({ ok: true, checks: {} }),
    ready: () => readiness.report(),
  });
  const purges = [
    new PurgeSeenProofs(seen, ground.clock),
    new PurgeSessions(new SqlSessions(ground.database), ground.clock),
  ];
  const tasks = [feeding.tail, hub, liveness, guard, createCompaction(ground), ...purges];
  return run(ground, { listener, ops, readiness, tasks, identity: services.identity });
}

/** What is started and stopped. */
interface Runnable {
  readonly listener: GraphqlListener;
  readonly ops: OpsListener;
  readonly readiness: Readiness;
  readonly tasks: readonly Task[];
  readonly identity: BrokerIdentityService;
}

async function run(
  { config, log, clock, database, keys, tls }: Ground,
  { listener, ops, readiness, tasks, identity }: Runnable,
): Promise<Broker> {
  const group = new TaskGroup(log);
  const stop = async (): Promise<void> => {
    readiness.drain();
    listener.drain();
    await delay(config.drain);
    readiness.stop();
    await listener.close(config.stopGrace);
    await group.stop();
    await ops.close();
    await database.close();
  };
  const { url, opsUrl } = await listen(listener, ops).catch(async (error: unknown) => {
    await stop();
    throw error;
  });
  const { fingerprint } = keys;
  const established = readiness.establish(identity).then(() => {
    for (const task of tasks) group.start(task);
    log.info({ url, fingerprint }, "the Broker serves");
  });
  if (tls !== undefined) {
    const renewed = (next: TlsMaterial): void => listener.renewTls(next);
    group.start(new RenewTls({ source: tlsSource(config), current: tls, renewed, log }, clock));
  }
  return { url, opsUrl, fingerprint, established, stop, stopLimitMs: config.drain + config.stopGrace + CLOSING_MS };
}

async function listen(listener: GraphqlListener, ops: OpsListener): Promise<Pick<Broker, "url" | "opsUrl">> {
  const { family, address, port } = await ops.listen();
  const { url } = await listener.listen();
  return { url, opsUrl: `http://${family === "IPv6" ? `[${address}]` : address}:${port}` };
}

function createServices(ground: Ground, { tail }: Feeding, lane: WriteLane): Services {
  const { config, keys, signer, now, sql, tls } = ground;
  const storage = new PostgresMemberStorage(sql, putLimits(config));
  const tlsSpki = tls?.isSelfSigned === true ? tls.spki : null;
  const profile = { name: config.brokerName, url: config.publicUrl, tlsSpki };
  const answers = new EnrolmentAnswers(keys, signer, config.challengeLifetime / 1000, now);
  const mode = ENROLMENT_MODE_OF[config.enrolmentMode];
  const defaults = {
    mode,
    pendingLimit: config.pendingMembers,
    pendingSeconds: config.pendingLifetime / 1000,
    aheadMs: config.numberAhead,
  };
  const { fingerprint } = keys;
  const join = {
    brokerUrl: config.publicUrl,
    fingerprint,
    kid: signer.kid,
    spki: tlsSpki,
    lifetimeSeconds: config.joinStringLifetime / 1000,
  };
  const rate = { burst: config.documentBurst, perSecond: config.documentsPerSecond };
  const outgoing = new SafeFetch({ ...config, timeoutMs: config.probeDuration });
  const periods = { intervalSeconds: Math.ceil(config.probeInterval / 1000), wait: () => delay(config.probeDuration) };
  const announcing = { offers: config.offersPerMember, aheadMs: config.numberAhead };
  return {
    storage,
    identity: new BrokerIdentityService(storage, keys, signer, profile, now),
    enrolment: new EnrolmentService(storage, answers, defaults, now),
    members: new MemberService(storage, now),
    tokens: new TokenService(storage, join, now),
    probes: new ProbeService(storage, new SafeDescriptorFetcher(outgoing), periods, now),
    catalogs: new CatalogService(new CatalogReaderRepository(sql)),
    publishing: new PublishService(
      new VerifiedDescriptors(storage.read.members),
      lane,
      { documents: DOCUMENTS_PER_CALL, rate },
      now,
    ),
    announcing: new AnnounceService(storage, new AnnouncementRepository(sql), lane, announcing, now),
    resynchronising: new ResynchroniseService(tail),
  };
}

function createResolvers({ config, keys }: Ground, services: Services, console: ConsoleService): ResolverContainer {
  const { catalogs, enrolment, identity, members, probes, tokens } = services;
  const constants = { fingerprint: keys.fingerprint, name: config.brokerName, url: config.publicUrl, version: VERSION };
  return new Map<unknown, object>([
    [BrokerResolver, new BrokerResolver(new BrokerInfoService(identity, enrolment, constants))],
    [ViewerResolver, new ViewerResolver()],
    [CatalogResolver, new CatalogResolver(catalogs)],
    [OfferResolver, new OfferResolver(catalogs)],
    [OfferConnectionResolver, new OfferConnectionResolver(catalogs)],
    [ClusterResolver, new ClusterResolver()],
    [ConsoleResolver, new ConsoleResolver(console)],
    [EnrolmentResolver, new EnrolmentResolver(enrolment, members, probes)],
    [PublishingResolver, new PublishingResolver(services.announcing, services.publishing)],
    [ClusterAdmissionResolver, new ClusterAdmissionResolver(members, catalogs, enrolment, services.resynchronising)],
    [TokenResolver, new TokenResolver(tokens)],
    [FeedResolver, new FeedResolver()],
  ]);
}

function createGuard({ database, now, log }: Ground, { storage }: Services, sessions: SessionService): SocketGuard {
  return new SocketGuard(
    { ...storage.read, sessions },
    (wake, signal) => database.listen(ENDINGS_CHANNEL, wake, signal),
    now,
    log,
  );
}

function createLiveness({ config, sql, log }: Ground): LivenessService {
  const periods = {
    renewMs: config.leaseRenewal,
    staleMs: config.staleAfter,
    removeMs: config.removeAfter,
    graceMs: config.outageGrace,
    clockOffsetMs: config.clockOffset,
  };
  return new LivenessService(new SessionRepository(sql, randomUUID(), periods), config.leaseRenewal, log);
}

function createCompaction({ config, sql, log }: Ground): CompactionService {
  const retention = {
    ...COMPACTION,
    tombstoneMs: config.tombstones,
    withdrawalMs: config.withdrawals,
    clockOffsetMs: config.clockOffset,
  };
  return new CompactionService(new CompactionRepository(sql, retention), COMPACTION_PERIOD_MS, log);
}

function createAuthenticator(
  { config, keys, admin, clock }: Ground,
  services: Services,
  { feed, seen, sessions }: { readonly feed: Feed; readonly seen: SqlSeenProofs; readonly sessions: SessionService },
): BrokerAuthenticator {
  const enrolments = new TokenBuckets({ burst: 2 * config.enrolmentsPerSecond, perSecond: config.enrolmentsPerSecond });
  return new BrokerAuthenticator(
    new MemberKeys(services.members),
    services.tokens,
    { tokenHash: admin.hash, sessions },
    {
      fingerprint: keys.fingerprint,
      seen,
      clock,
      announcedPath: new URL(graphqlUrl(config.publicUrl)).pathname,
      refusesProof: (iat, at) => feed.refusesProof(iat, at),
      takeEnrolment: () => enrolments.take("all"),
    },
  );
}

const ENROLMENT_MODE_OF = { token: "TOKEN", approval: "APPROVAL", open: "OPEN" } as const;

function putLimits(config: BrokerConfig): PutLimits {
  return { offersPerMember: config.offersPerMember, aheadMs: config.numberAhead, clockOffsetMs: config.clockOffset };
}
