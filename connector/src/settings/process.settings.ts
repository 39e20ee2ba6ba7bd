import { choice, duration, integer, list, text, type Environment } from "@catalog/server/config-settings";
import { LOG_LEVELS } from "@catalog/server/log";
import { DAY, MINUTE, SECOND } from "./units.js";

const isProduction = (env: Environment): boolean => env["NODE_ENV"]?.trim() === "production";

const PORT_MAX = 65_535;

const port = (env: string, fallback: number, description: string) =>
  integer({ env, default: fallback, max: PORT_MAX, description });

/** How the Connector runs: where it listens and what it stores. */
export const PROCESS_SETTINGS = {
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
