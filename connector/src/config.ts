import { isIP } from "node:net";
import { readConfig, type ConfigOf } from "@catalog/server/config";
import { choice, duration, flag, integer, list, text, url, type Environment } from "@catalog/server/config-settings";
import { LOG_LEVELS } from "@catalog/server/log";
import type { PluginWire } from "./liqo/grpc/grant-messages.js";
import type { GrantSettings } from "./domain/grant.js";
import type { NegotiationSettings } from "./domain/negotiation-settings.js";

const isProduction = (env: Environment): boolean => env["NODE_ENV"]?.trim() === "production";
const PORT_MAX = 65_535;
const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

const KUBE_NAME = /^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/;

/** Reads an address range. */
function cidr(range: string): string {
  const [address = "", prefix = "", ...rest] = range.split("/");
  const bits = isIP(address) === 4 ? 32 : isIP(address) === 6 ? 128 : -1;
  if (rest.length > 0 || !/^\d{1,3}$/.test(prefix) || Number(prefix) > bits)
    throw new Error("must hold address ranges such as 10.0.0.0/8");
  return range;
}

/** Reads `name=kubernetes-name`. */
function resourceName(pair: string): readonly [string, string] {
  const [name = "", kubernetesName = "", ...rest] = pair.split("=").map((part) => part.trim());
  if (name === "" || kubernetesName === "" || rest.length > 0)
    throw new Error("must hold pairs such as gpu=nvidia.com/gpu");
  return [name, kubernetesName];
}

const port = (env: string, fallback: number, description: string) =>
  integer({ env, default: fallback, max: PORT_MAX, description });

/** How the Connector runs: where it listens and what it stores. */
const PROCESS = {
  nodeEnv: text({
    env: "NODE_ENV",
    default: "development",
    description: "`production` refuses to start without a database of its own and with a shifted clock.",
  }),
  dataDir: text({
    env: "DATA_DIR",
    default: ".catalog-data/connector",
    description:
      "Directory of the keys, the admin token, the TLS key and, without DATABASE_URL, the database. Back it up: its keys are the cluster's identity.",
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
    default: 10,
    min: 2,
    max: 200,
    description: "Most connections to PostgreSQL.",
  }),
  host: text({
    env: "HOST",
    default: (env) => (isProduction(env) ? "0.0.0.0" : "127.0.0.1"),
    defaultText: "`127.0.0.1`, in production `0.0.0.0`",
    description: "Address to listen on.",
  }),
  grpcPort: port("GRPC_PORT", 6001, "Port of the gRPC plugin, for Liqo only."),
  adminPort: port("ADMIN_PORT", 6002, "Port of the admin API. Never to be reached from outside."),
  contractPort: port("CONTRACT_PORT", 6003, "Port of the contract endpoint: the only one that other clusters reach."),
  opsPort: port("OPS_PORT", 6004, "Port of /healthz, /readyz and /metrics."),
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
      "TLS of the admin API and the contract endpoint. `self-signed` makes a certificate whose key stands in the cluster's descriptor; `off` behind a proxy that terminates TLS.",
  }),
  tlsCertFile: text({
    env: "TLS_CERT_FILE",
    description: "PEM file with the certificate and its chain, for `TLS=files`.",
  }),
  tlsKeyFile: text({ env: "TLS_KEY_FILE", description: "PEM file with the key, for `TLS=files`." }),
  tlsNames: list({
    env: "TLS_NAMES",
    default: ["localhost"],
    description: "Host names and addresses that a self-signed certificate names.",
  }),
  adminToken: text({
    env: "ADMIN_TOKEN",
    secret: true,
    pattern: /^\S{16,512}$/,
    hint: "must be 16 to 512 characters without white space",
    description:
      "Token of the admin API, 16 characters or more. Without one it is made at first start and shown in the file admin-token of DATA_DIR.",
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
    default: 3 * SECOND,
    max: MINUTE,
    description: "How long requests may take to finish when the Connector is stopped.",
  }),
};

/** Who this cluster is and whom it may call. */
const CLUSTER = {
  liqoMode: choice({
    env: "LIQO_MODE",
    values: ["manual", "auto", "v0.8", "v0.9", "v1"],
    default: "manual",
    description:
      "How Liqo is driven. `manual`: parameters come from here, nothing is written to a cluster. `auto`: waits for Liqo and drives the version that it finds. `v0.8`: Liqo 0.7 and 0.8. `v0.9`: Liqo 0.9 and 0.10. `v1`: Liqo 1.x.",
  }),
  kubeconfig: text({
    env: "KUBECONFIG",
    description: "kubeconfig file of the cluster to drive. Without one, the login that Kubernetes gives to a pod.",
  }),
  liqoNamespace: text({
    env: "LIQO_NAMESPACE",
    default: "liqo",
    description: "Namespace of Liqo in this cluster.",
  }),
  peering: choice({
    env: "PEERING",
    values: ["auto", "on-request"],
    default: "auto",
    description: "`auto`: a contract that becomes active is peered at once. `on-request`: `createPeering` begins it.",
  }),
  peeringLook: duration({
    env: "PEERING_LOOK",
    default: 30 * SECOND,
    min: SECOND,
    description: "How often each peering is looked at although nothing has changed.",
  }),
  liqoClusterID: text({
    env: "LIQO_CLUSTER_ID",
    pattern: /^[A-Za-z0-9]([A-Za-z0-9._-]{0,251}[A-Za-z0-9])?$/,
    hint: "must be a cluster id: letters, digits, dots and dashes",
    description: "Liqo's cluster id, with `LIQO_MODE=manual`. Without one it is derived from the key fingerprint.",
  }),
  liqoClusterName: text({
    env: "LIQO_CLUSTER_NAME",
    default: "catalog-cluster",
    pattern: /^[^\p{C}]{1,253}$/u,
    hint: "must have 1 to 253 printable characters",
    description: "Liqo's cluster name, with `LIQO_MODE=manual`.",
  }),
  liqoAuthEndpoint: text({
    env: "LIQO_AUTH_ENDPOINT",
    description: "Liqo address (Liqo 0.x) such as https://203.0.113.7, with `LIQO_MODE=manual`.",
  }),
  liqoAuthToken: text({
    env: "LIQO_AUTH_TOKEN",
    secret: true,
    description:
      "Liqo's token (Liqo 0.x), with `LIQO_MODE=manual`. Told to the customers of active contracts only, encrypted.",
  }),
  liqoVersion: text({
    env: "LIQO_VERSION",
    description: "Version of Liqo. With `LIQO_MODE=v1` it is read from the cluster where it is not set.",
  }),
  liqoClass: text({
    env: "LIQO_CLASS",
    default: "catalog",
    pattern: KUBE_NAME,
    hint: "must be a Kubernetes name",
    description: "Class of the ResourceSlices that are bought and sold, with `LIQO_MODE=v1`.",
  }),
  liqoGatewayService: choice({
    env: "LIQO_GATEWAY_SERVICE",
    values: ["LoadBalancer", "NodePort"],
    default: "LoadBalancer",
    description: "How the gateways of this cluster are reached where networks are connected, with `LIQO_MODE=v1`.",
  }),
  podNamespace: text({
    env: "POD_NAMESPACE",
    pattern: KUBE_NAME,
    hint: "must be a Kubernetes name",
    description:
      "Namespace of the Connector in its cluster, with `LIQO_MODE=v1`: its ServiceAccount is let into the namespace of each peer. Without one the Connector logs in with rights of its own, such as an admin's kubeconfig, and the policies are those made for `the-catalog`.",
  }),
  serviceAccount: text({
    env: "SERVICE_ACCOUNT",
    default: "catalog-connector",
    pattern: KUBE_NAME,
    hint: "must be a Kubernetes name",
    description: "ServiceAccount of the Connector in that namespace.",
  }),
  requirePolicies: flag({
    env: "REQUIRE_POLICIES",
    default: true,
    description:
      "Activate no sold contract while the policies of `npm run policies` are not in force, with `LIQO_MODE=v1`. Without them a customer can take more than it bought.",
  }),
  takeDownGrace: duration({
    env: "TAKE_DOWN_GRACE",
    default: 2 * MINUTE,
    description:
      "How long the customer of an ended contract has to leave before the provider takes the peering down alone, with `LIQO_MODE=v1`.",
  }),
  peeringPatience: duration({
    env: "PEERING_PATIENCE",
    default: MINUTE,
    min: SECOND,
    description:
      "How long a step of a peering may take before the admin is told what may be wrong, with `LIQO_MODE=v1`.",
  }),
  liqoPluginWire: choice({
    env: "LIQO_PLUGIN_WIRE",
    values: ["v0.8", "v0.9"],
    default: "v0.8",
    description:
      "What Liqo speaks on the gRPC port where `LIQO_MODE` does not say it: `v0.8` for 0.7 and 0.8, `v0.9` for 0.9 and 0.10.",
  }),
  podsPerContract: integer({
    env: "LIQO_PODS_PER_CONTRACT",
    default: 110,
    max: 1_000_000,
    description: "Pods that an active contract allows where its plan names none.",
  }),
  resourceNames: list({
    env: "LIQO_RESOURCE_NAMES",
    default: [
      ["storage", "ephemeral-storage"],
      ["gpu", "nvidia.com/gpu"],
    ] as readonly (readonly [string, string])[],
    defaultText: "`storage=ephemeral-storage,gpu=nvidia.com/gpu`",
    item: resourceName,
    description: "What resources of offers are called in Kubernetes; others keep their names.",
  }),
  prettyName: text({
    env: "CLUSTER_PRETTY_NAME",
    description:
      "The cluster's name for people, taken at first start if CONTRACT_ENDPOINT is set too; afterwards setClusterPrettyName changes it.",
  }),
  contractEndpoint: url({
    env: "CONTRACT_ENDPOINT",
    description:
      "Address at which other Connectors reach CONTRACT_PORT, taken at first start; afterwards setContractEndpoint changes it.",
  }),
  allowHttp: flag({
    env: "ALLOW_HTTP",
    default: false,
    description: "Call http addresses too, on loopback only. For demonstrations.",
  }),
  allowCidrs: list({
    env: "ALLOW_CIDRS",
    default: [],
    item: cidr,
    description: "Private address ranges in which other Connectors may be called, such as `10.0.0.0/8`.",
  }),
  denyCidrs: list({
    env: "DENY_CIDRS",
    default: [],
    item: cidr,
    description: "Address ranges that are never called, such as the pods and services of this cluster.",
  }),
};

/** Brokers and the Catalog. */
const CATALOG = {
  feedSilence: duration({
    env: "FEED_SILENCE",
    default: 45 * SECOND,
    min: 50,
    description: "Silence after which the connection to a Broker counts as dead.",
  }),
  feedConnect: duration({
    env: "FEED_CONNECT",
    default: 15 * SECOND,
    min: 50,
    description: "How long a Broker may take to accept a connection.",
  }),
  reconnectFirst: duration({
    env: "RECONNECT_FIRST",
    default: SECOND,
    min: 1,
    description: "Upper bound of the first wait before connecting to a Broker again; it doubles with every failure.",
  }),
  reconnectMax: duration({
    env: "RECONNECT_MAX",
    default: MINUTE,
    min: 1,
    description: "Upper bound of every such wait.",
  }),
  publishBatch: integer({
    env: "PUBLISH_BATCH",
    default: 20,
    min: 1,
    max: 500,
    description: "Documents handed to a Broker in one request.",
  }),
  publishPause: duration({ env: "PUBLISH_PAUSE", default: SECOND, description: "Pause between two such requests." }),
  catalogLog: integer({
    env: "CATALOG_LOG",
    default: 10_000,
    min: 100,
    description: "Changes of the Catalog kept in memory for subscribers of the admin API who resume.",
  }),
  catalogHeartbeat: duration({
    env: "CATALOG_HEARTBEAT",
    default: 15 * SECOND,
    min: 50,
    description: "After how long a silence the catalog subscription of the admin API sends a HEARTBEAT.",
  }),
  maxOffers: integer({
    env: "MAX_OFFERS",
    default: 200,
    min: 1,
    max: 10_000,
    description: "Offers that this cluster may list at once; Brokers refuse more than their own bound.",
  }),
  callTimeout: duration({
    env: "CALL_TIMEOUT",
    default: 10 * SECOND,
    min: 50,
    description: "How long a call to a Broker or another Connector may take.",
  }),
};

/** Contracts. */
const NEGOTIATION = {
  reservation: duration({
    env: "RESERVATION",
    default: 120 * SECOND,
    min: SECOND,
    description: "How long units are held for a customer who has not confirmed.",
  }),
  approvedReservation: duration({
    env: "APPROVED_RESERVATION",
    default: 15 * MINUTE,
    min: SECOND,
    description: "The same after a manual approval.",
  }),
  acknowledgement: duration({
    env: "ACKNOWLEDGEMENT",
    default: 10 * MINUTE,
    min: SECOND,
    description: "How long after the reservation a confirmed contract can be activated.",
  }),
  approval: duration({
    env: "APPROVAL",
    default: DAY,
    min: SECOND,
    description: "How long a request waits for the admin.",
  }),
  pendingPerBuyer: integer({
    env: "PENDING_PER_BUYER",
    default: 5,
    min: 1,
    description: "Contracts that are not active yet which one customer may have here.",
  }),
  pendingSharePercent: integer({
    env: "PENDING_SHARE_PERCENT",
    default: 50,
    min: 1,
    max: 100,
    description: "Part of a plan, in per cent, that such contracts of one customer may take; the first may take all.",
  }),
  newIDsPerMinute: integer({
    env: "NEW_IDS_PER_MINUTE",
    default: 10,
    min: 1,
    description: "New contract ids per minute that one customer may bring.",
  }),
  lapseBlock: duration({
    env: "LAPSE_BLOCK",
    default: 2 * MINUTE,
    min: SECOND,
    description: "How long a customer whose reservation lapsed cannot reserve that plan; it doubles with each lapse.",
  }),
  lapseBlockMax: duration({ env: "LAPSE_BLOCK_MAX", default: DAY, min: SECOND, description: "Upper bound of that." }),
  clockTolerance: duration({
    env: "CLOCK_TOLERANCE",
    default: 5 * MINUTE,
    min: SECOND,
    description: "How far the clock of another Connector may be off.",
  }),
  membershipPatience: duration({
    env: "MEMBERSHIP_PATIENCE",
    default: 10 * MINUTE,
    min: SECOND,
    description:
      "How long a provider may answer that it does not know this cluster before that is taken for its last word.",
  }),
  buyWait: duration({ env: "BUY_WAIT", default: 5 * SECOND, description: "How long buy waits for the outcome." }),
  reconcileEvery: duration({
    env: "RECONCILE_EVERY",
    default: 30 * SECOND,
    min: 100,
    description: "Mean time between two rounds of asking providers how contracts stand.",
  }),
};

/** Every setting of the Connector. */
export const CONNECTOR_SETTINGS = { ...PROCESS, ...CLUSTER, ...CATALOG, ...NEGOTIATION };

/** The Connector's configuration; durations in ms. */
export type ConnectorConfig = ConfigOf<typeof CONNECTOR_SETTINGS>;

/** Reads the configuration. @throws ConfigInvalidError naming every bad value. */
export function readConnectorConfig(env: Environment): ConnectorConfig {
  return readConfig(CONNECTOR_SETTINGS, env, (config) => {
    const production = config.nodeEnv === "production";
    const ports = [config.grpcPort, config.adminPort, config.contractPort, config.opsPort].filter((one) => one !== 0);
    return [
      ...(production && config.databaseUrl === undefined ? ["DATABASE_URL: must be set in production"] : []),
      ...(production && config.clockOffset !== 0 ? ["CLOCK_OFFSET_MS: must be 0 in production"] : []),
      ...(config.tls === "files" && (config.tlsCertFile === undefined || config.tlsKeyFile === undefined)
        ? ["TLS: files needs TLS_CERT_FILE and TLS_KEY_FILE"]
        : []),
      ...(new Set(ports).size < ports.length
        ? ["GRPC_PORT, ADMIN_PORT, CONTRACT_PORT and OPS_PORT: must all differ"]
        : []),
      ...(config.reconnectMax < config.reconnectFirst ? ["RECONNECT_MAX: must not be less than RECONNECT_FIRST"] : []),
    ];
  });
}

const seconds = (ms: number): number => Math.ceil(ms / SECOND);

/** Periods and limits of contracts; seconds, unless said otherwise there. */
export function negotiationSettings(config: ConnectorConfig): NegotiationSettings {
  return {
    reservation: seconds(config.reservation),
    approvedReservation: seconds(config.approvedReservation),
    acknowledgement: seconds(config.acknowledgement),
    approval: seconds(config.approval),
    pendingPerBuyer: config.pendingPerBuyer,
    pendingSharePercent: config.pendingSharePercent,
    newIDsPerMinute: config.newIDsPerMinute,
    lapseBlock: seconds(config.lapseBlock),
    lapseBlockMax: seconds(config.lapseBlockMax),
    clockTolerance: seconds(config.clockTolerance),
    membershipPatience: seconds(config.membershipPatience),
    buyWaitMs: config.buyWait,
    reconcileEveryMs: config.reconcileEvery,
  };
}

/** How sold resources become what Liqo is told. */
export function grantSettings(config: ConnectorConfig): GrantSettings {
  return { resourceNames: Object.fromEntries(config.resourceNames), podsPerContract: config.podsPerContract };
}

/**
 * What Liqo speaks on the gRPC port: the generation that is driven, or the configured one where none is that speaks there.
 * @param driven how Liqo is driven; undefined or `auto` before that is known.
 * @returns undefined until it is known.
 */
export function pluginWire(
  { liqoMode, liqoPluginWire }: Pick<ConnectorConfig, "liqoMode" | "liqoPluginWire">,
  driven: string | undefined,
): PluginWire | undefined {
  const mode = liqoMode === "auto" ? (driven ?? "auto") : liqoMode;
  if (mode === "auto") return undefined;
  return mode === "v0.8" || mode === "v0.9" ? mode : liqoPluginWire;
}
