import { isIP } from "node:net";

import { readConfig, type ConfigOf } from "@catalog/server/config";
import { choice, duration, flag, integer, list, text, url, type Environment } from "@catalog/server/config-settings";
import { LOG_LEVELS } from "@catalog/server/log";
import { PLATFORM_SETTINGS } from "@catalog/server/process/platform-settings";
import { CONSOLE_SETTINGS } from "@catalog/server/ui/console-settings";

const isProduction = (env: Environment): boolean => env["NODE_ENV"] === "production";
const PORT_MAX = 65_535;
const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
const KIBIBYTE = 1_024;
const MEBIBYTE = 1_024 * KIBIBYTE;

/** Reads an address range. */
function cidr(range: string): string {
  const [address = "", prefix = "", ...rest] = range.split("/");
  const bits = { 0: -1, 4: 32, 6: 128 }[isIP(address)] ?? -1;
  if (!/^\d{1,3}$/.test(prefix) || Number(prefix) > bits || rest.length > 0) {
    throw new Error("must hold address ranges such as 10.0.0.0/8");
  }
  return range;
}

/** How the Broker runs: where it listens, what it stores, who it is. */
const PROCESS = {
  nodeEnv: text({
    env: "NODE_ENV",
    default: "development",
    description: "`production` refuses to start without a database of its own and with a shifted clock.",
  }),
  dataDir: text({
    env: "DATA_DIR",
    default: ".catalog-data/broker",
    description:
      "Directory of the keys, the admin token and, without DATABASE_URL, the database. All replicas of a Broker share its keys.",
  }),
  databaseUrl: text({
    env: "DATABASE_URL",
    secret: true,
    pattern: /^postgres(ql)?:\/\//,
    hint: "must begin with postgresql://",
    description:
      "PostgreSQL to use, `postgresql://user:password@host:port/name`. Without one a PostgreSQL is started under DATA_DIR; not in production.",
  }),
  databasePool: integer({
    env: "DATABASE_POOL",
    default: 20,
    min: 4,
    max: 500,
    description: "Most connections to PostgreSQL.",
  }),
  host: text({
    env: "HOST",
    default: (env) => (isProduction(env) ? "0.0.0.0" : "127.0.0.1"),
    defaultText: "`127.0.0.1`, in production `0.0.0.0`",
    description: "Address to listen on.",
  }),
  port: integer({ env: "PORT", default: 8000, max: PORT_MAX, description: "Port of the GraphQL API." }),
  opsPort: integer({
    env: "OPS_PORT",
    default: 8001,
    max: PORT_MAX,
    description: "Port of /healthz, /readyz and /metrics.",
  }),
  logLevel: choice({
    env: "LOG_LEVEL",
    values: LOG_LEVELS,
    default: "info",
    description: "Least important lines to log.",
  }),
  tls: choice({
    env: "TLS",
    values: ["off", "self-signed", "files"],
    default: "off",
    description:
      "TLS of the GraphQL port. `self-signed` makes a certificate whose key stands in the descriptor and in join strings; `off` behind a proxy that terminates TLS.",
  }),
  tlsCertFile: text({
    env: "TLS_CERT_FILE",
    description: "PEM file with the certificate and its chain, for `TLS=files`.",
  }),
  tlsKeyFile: text({ env: "TLS_KEY_FILE", description: "PEM file with the key, for `TLS=files`." }),
  adminToken: text({
    env: "ADMIN_TOKEN",
    secret: true,
    pattern: /^\S{16,512}$/,
    hint: "must be 16 to 512 characters without white space",
    description:
      "Token of the operator, 16 characters or more. Without one it is made at first start and shown in the file admin-token of DATA_DIR.",
  }),
  clockOffset: integer({
    env: "CLOCK_OFFSET_MS",
    default: 0,
    min: -10 * DAY,
    max: 10 * DAY,
    description: "Shifts the clock, in ms, for tests. Refused in production.",
  }),
  stopGrace: duration({
    env: "STOP_GRACE",
    default: 5 * SECOND,
    max: MINUTE,
    description: "How long requests may take to finish when the Broker is stopped.",
  }),
};

/** Who the Broker is and who may come in. */
const ACCESS = {
  brokerName: text({
    env: "BROKER_NAME",
    default: "Catalog Broker",
    pattern: /^[^\p{C}]{1,253}$/u,
    hint: "must have 1 to 253 printable characters",
    description: "Name of the Broker, for people.",
  }),
  publicUrl: url({
    env: "PUBLIC_URL",
    default: (env) =>
      `${env["TLS"] === undefined || env["TLS"] === "off" ? "http" : "https"}://localhost:${env["PORT"]?.trim() || "8000"}`,
    defaultText: "`http://localhost:<PORT>`, with TLS `https`",
    description: "Address at which clusters reach this Broker. Stands in join strings.",
  }),
  enrolmentMode: choice({
    env: "ENROLMENT_MODE",
    values: ["token", "approval", "open"],
    default: "token",
    description:
      "How clusters are let in until the operator changes it: with a join string, also by approval, or always.",
  }),
  catalogRead: choice({
    env: "CATALOG_READ",
    values: ["members", "public"],
    default: "members",
    description:
      "Who may read the catalog besides members, the operator and holders of a read token: nobody or everybody.",
  }),
  allowHttp: flag({
    env: "ALLOW_HTTP",
    default: false,
    description: "Probe contract endpoints over http, on loopback addresses only. For demonstrations.",
  }),
  allowCidrs: list({
    env: "ALLOW_CIDRS",
    default: [],
    item: cidr,
    description: "Private address ranges in which contract endpoints may be probed, such as `10.0.0.0/8`.",
  }),
  denyCidrs: list({
    env: "DENY_CIDRS",
    default: [],
    item: cidr,
    description:
      "Address ranges that are never called, such as the pods and services of the cluster that the Broker runs in.",
  }),
  joinStringLifetime: duration({
    env: "JOIN_STRING_LIFETIME",
    default: DAY,
    min: MINUTE,
    max: 30 * DAY,
    description: "How long a join string can be used first.",
  }),
  challengeLifetime: duration({
    env: "CHALLENGE_LIFETIME",
    default: MINUTE,
    min: 10 * SECOND,
    max: MINUTE,
    description: "How long a challenge can be answered.",
  }),
  pendingMembers: integer({
    env: "PENDING_MEMBERS",
    default: 1_000,
    description: "Most clusters that may wait for approval.",
  }),
  pendingLifetime: duration({
    env: "PENDING_LIFETIME",
    default: 7 * DAY,
    min: MINUTE,
    description: "After how long a request for approval is forgotten when others need its place.",
  }),
  enrolmentsPerSecond: integer({
    env: "ENROLMENTS_PER_SECOND",
    default: 50,
    min: 1,
    description: "Challenges and enrolments per second that this process answers.",
  }),
  probeInterval: duration({
    env: "PROBE_INTERVAL",
    default: MINUTE,
    min: SECOND,
    description: "Shortest time between two probes of a member's contract endpoint.",
  }),
  probeDuration: duration({
    env: "PROBE_DURATION",
    default: 5 * SECOND,
    min: 100,
    max: 20 * SECOND,
    description: "How long every probe takes, whatever it finds.",
  }),
};

/** Bounds of requests and sockets. */
const TRAFFIC = {
  bodyBytes: integer({
    env: "BODY_BYTES",
    default: 256 * KIBIBYTE,
    min: 64 * KIBIBYTE,
    description: "Largest body of a request.",
  }),
  frameBytes: integer({
    env: "FRAME_BYTES",
    default: 256 * KIBIBYTE,
    min: 16 * KIBIBYTE,
    description: "Largest WebSocket message from a client.",
  }),
  requestsInFlight: integer({
    env: "REQUESTS_IN_FLIGHT",
    default: 1_000,
    min: 1,
    description: "Requests worked on at once; further ones get OVERLOADED.",
  }),
  sockets: integer({ env: "SOCKETS", default: 10_000, min: 1, description: "Most WebSockets of this process." }),
  socketsPerMember: integer({
    env: "SOCKETS_PER_MEMBER",
    default: 4,
    min: 1,
    description: "WebSockets of one member.",
  }),
  subscriptionsPerMember: integer({
    env: "SUBSCRIPTIONS_PER_MEMBER",
    default: 8,
    min: 1,
    description: "Subscriptions of one member.",
  }),
  operationsPerSocket: integer({
    env: "OPERATIONS_PER_SOCKET",
    default: 8,
    min: 1,
    description: "Operations at once on one WebSocket.",
  }),
  socketAge: duration({ env: "SOCKET_AGE", default: DAY, min: MINUTE, description: "Longest life of a WebSocket." }),
  socketHeartbeat: duration({
    env: "SOCKET_HEARTBEAT",
    default: 12 * SECOND,
    min: 100,
    description: "How often a WebSocket is pinged and its session checked.",
  }),
};

/** The catalog and its feed. */
const CATALOG = {
  offersPerMember: integer({
    env: "OFFERS_PER_MEMBER",
    default: 200,
    min: 1,
    max: 10_000,
    description: "Offers that one member may list.",
  }),
  documentsPerSecond: integer({
    env: "DOCUMENTS_PER_SECOND",
    default: 20,
    min: 1,
    description: "Documents per second that one member may publish in the long run.",
  }),
  documentBurst: integer({
    env: "DOCUMENT_BURST",
    default: 400,
    min: 1,
    description: "Documents that one member may publish at once after a pause.",
  }),
  numberAhead: duration({
    env: "NUMBER_AHEAD",
    default: 10 * MINUTE,
    description: "How far the number of a document may be ahead of the clock.",
  }),
  laneBatch: integer({
    env: "LANE_BATCH",
    default: 256,
    min: 1,
    max: 2_000,
    description: "Documents that share one commit.",
  }),
  laneQueue: integer({
    env: "LANE_QUEUE",
    default: 10_000,
    min: 1,
    description: "Documents that may wait to be written; further ones get OVERLOADED.",
  }),
  feedHeartbeat: duration({
    env: "FEED_HEARTBEAT",
    default: 15 * SECOND,
    min: 50,
    description: "After how long a silence the feed sends a HEARTBEAT.",
  }),
  feedMessageChanges: integer({
    env: "FEED_MESSAGE_CHANGES",
    default: 500,
    min: 1,
    max: 10_000,
    description: "Most changes in one message of the feed.",
  }),
  feedMessageBytes: integer({
    env: "FEED_MESSAGE_BYTES",
    default: MEBIBYTE,
    min: 64 * KIBIBYTE,
    description: "About the largest message of the feed.",
  }),
  feedBuffer: integer({
    env: "FEED_BUFFER",
    default: MEBIBYTE,
    min: 16 * KIBIBYTE,
    description: "Bytes that a slow subscriber's socket may hold before it is passed over.",
  }),
  feedStuck: duration({
    env: "FEED_STUCK",
    default: MINUTE,
    min: 100,
    description: "How long a subscriber may be stuck before its socket is closed; it resumes from its cursor.",
  }),
  feedPoll: duration({
    env: "FEED_POLL",
    default: SECOND,
    min: 10,
    description: "How often the change log is looked at when no notification comes.",
  }),
  feedTailChanges: integer({
    env: "FEED_TAIL_CHANGES",
    default: 20_000,
    min: 100,
    description: "Changes kept in memory for subscribers that resume.",
  }),
  feedTailBytes: integer({
    env: "FEED_TAIL_BYTES",
    default: 64 * MEBIBYTE,
    min: MEBIBYTE,
    description: "Bytes of changes kept in memory.",
  }),
  leaseRenewal: duration({
    env: "LEASE_RENEWAL",
    default: 15 * SECOND,
    min: 50,
    description: "How often a process renews the sessions of its members.",
  }),
  staleAfter: duration({
    env: "STALE_AFTER",
    default: 90 * SECOND,
    min: 100,
    description: "How long after its last session a cluster is shown as not connected.",
  }),
  removeAfter: duration({
    env: "REMOVE_AFTER",
    default: 7 * DAY,
    min: SECOND,
    description: "How long such a cluster and its offers stay listed.",
  }),
  outageGrace: duration({
    env: "OUTAGE_GRACE",
    default: 180 * SECOND,
    description: "How long after an outage of all Brokers or of PostgreSQL nobody is shown as not connected.",
  }),
  tombstones: duration({
    env: "TOMBSTONES",
    default: 7 * DAY,
    min: SECOND,
    description: "How long removals stay in the log; who resumes later reads everything anew.",
  }),
  withdrawals: duration({
    env: "WITHDRAWALS",
    default: 30 * DAY,
    min: SECOND,
    description: "How long withdrawals stay in snapshots.",
  }),
};

/** Every setting of the Broker. */
export const BROKER_SETTINGS = {
  ...PROCESS,
  ...PLATFORM_SETTINGS,
  ...CONSOLE_SETTINGS,
  ...ACCESS,
  ...TRAFFIC,
  ...CATALOG,
};

/** The Broker's configuration; durations in ms. */
export type BrokerConfig = ConfigOf<typeof BROKER_SETTINGS>;

/** Reads the configuration. Throws ConfigInvalidError naming every bad value. */
export function readBrokerConfig(env: Environment): BrokerConfig {
  return readConfig(BROKER_SETTINGS, env, (config) => {
    const production = config.nodeEnv === "production";
    return [
      ...(production && config.databaseUrl === undefined ? ["DATABASE_URL: must be set in production"] : []),
      ...(production && config.clockOffset !== 0 ? ["CLOCK_OFFSET_MS: must be 0 in production"] : []),
      ...(config.tls === "files" && (config.tlsCertFile === undefined || config.tlsKeyFile === undefined)
        ? ["TLS: files needs TLS_CERT_FILE and TLS_KEY_FILE"]
        : []),
      ...(config.port !== 0 && config.port === config.opsPort ? ["OPS_PORT: must differ from PORT"] : []),
    ];
  });
}
