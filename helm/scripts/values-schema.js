import { readValues } from "./read-values.js";

const text = (pattern) => ({ type: "string", ...(pattern === undefined ? {} : { pattern }) });
const oneOf = (...words) => ({ enum: words });
const listOf = (items) => ({ type: "array", items });
const textMap = { type: "object", additionalProperties: { type: "string" } };

const DNS_LABEL = "[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?";
const DNS_NAME = "[a-z0-9]([-a-z0-9.]{0,251}[a-z0-9])?";
const NAME = text(`^${DNS_LABEL}$`);
const SECRET = text(`^(${DNS_NAME})?$`);
const HOST = text(`^(${DNS_NAME})?$`);
const PORT = { type: "integer", minimum: 1, maximum: 65_535 };
const CIDR = text("^[0-9a-fA-F.:]+/\\d{1,3}$");
const SERVICE = {
  type: oneOf("ClusterIP", "NodePort", "LoadBalancer"),
  port: PORT,
  nodePort: { type: ["integer", "null"], minimum: 1, maximum: 65_535 },
  annotations: textMap,
};

/** What cannot be told from a default, by the end of the path; the longest that fits counts. */
const COMMON = {
  namespace: text(`^(${DNS_LABEL})?$`),
  fullnameOverride: text(`^(${DNS_LABEL})?$`),
  "image.pullPolicy": oneOf("Always", "IfNotPresent", "Never"),
  "image.digest": text("^(sha256:[0-9a-f]{64})?$"),
  imagePullSecrets: listOf({ type: "object", required: ["name"] }),
  existingSecret: SECRET,
  allowCidrs: listOf(CIDR),
  denyCidrs: listOf(CIDR),
  egressExcept: listOf(CIDR),
  "adminToken.value": text("^(\\S{16,512})?$"),
  "tls.mode": oneOf("off", "self-signed", "secret", "cert-manager"),
  "tls.names": listOf(text("^[A-Za-z0-9*]([-A-Za-z0-9.:]{0,251}[A-Za-z0-9])?$")),
  host: HOST,
  "postgresql.mode": oneOf("external", "cloudnative-pg", "bundled"),
  "postgresql.external.url": text("^(postgres(ql)?://.+)?$"),
  "postgresql.bundled.password": text("^(\\S{8,128})?$"),
  "cloudnativePg.instances": { type: "integer", minimum: 1 },
  backup: { type: "object" },
  resources: { type: "object" },
  affinity: { type: "object" },
  "metrics.port": PORT,
  parentRefs: listOf({ type: "object", required: ["name"] }),
  annotations: textMap,
  labels: textMap,
  severities: textMap,
  commonLabels: textMap,
  commonAnnotations: textMap,
  podLabels: textMap,
  podAnnotations: textMap,
  nodeSelector: textMap,
  clientNamespaces: listOf(NAME),
  contractNamespaces: listOf(NAME),
  uiNamespaces: listOf(NAME),
  monitoringNamespaces: listOf(NAME),
  extraEnv: listOf({ type: "object", required: ["name"] }),
  drainSeconds: { type: "integer", minimum: 0, maximum: 300 },
  interval: text("^\\d+(ms|s|m)$"),
  storageClass: SECRET,
};

const OF = {
  broker: {
    replicas: { type: "integer", minimum: 0 },
    brokerName: { type: "string", minLength: 1, maxLength: 253 },
    publicUrl: text("^(https?://[^\\s/]+)?$"),
    enrolmentMode: oneOf("token", "approval", "open"),
    catalogRead: oneOf("members", "public"),
    ...under("service", SERVICE),
    loadBalancerSourceRanges: listOf(CIDR),
    minReplicas: { type: "integer", minimum: 1 },
    maxReplicas: { type: "integer", minimum: 1 },
    targetCPU: { type: "integer", minimum: 1, maximum: 100 },
  },
  connector: {
    contractEndpoint: text("^(https://\\S+)?$"),
    "liqo.mode": oneOf("auto", "v0.8", "v0.9", "v1", "manual"),
    "liqo.namespace": NAME,
    "liqo.class": NAME,
    exempt: listOf(text("^[A-Za-z0-9]([A-Za-z0-9._-]{0,251}[A-Za-z0-9])?$")),
    rsa: listOf(text("^[A-Za-z0-9]([A-Za-z0-9._-]{0,251}[A-Za-z0-9])?$")),
    peering: oneOf("auto", "on-request"),
    grpcPort: PORT,
    httpPort: PORT,
    contractPort: PORT,
    ...Object.assign(
      {},
      ...["serviceGrpc", "serviceHttp", "serviceContract", "connectorUi.service"].map((service) =>
        under(service, { ...SERVICE, name: NAME }),
      ),
    ),
    "identity.existingSecret": text(`^${DNS_NAME}$`),
    "serviceAccount.name": NAME,
    "declarations.offers": listOf({ type: "object", required: ["offerID", "plans"] }),
    "declarations.brokers": listOf({
      type: "object",
      additionalProperties: false,
      properties: {
        name: text(),
        brokerID: text("^[\\w-]{43}$"),
        subscribed: { type: "boolean" },
        join: text("^catalog-join:"),
        joinSecretRef: {
          type: "object",
          additionalProperties: false,
          required: ["name", "key"],
          properties: { name: text(`^${DNS_NAME}$`), key: text("^[-._a-zA-Z0-9]+$") },
        },
      },
    }),
  },
};

/** Settings that have a value of the chart, or none outside of tests. */
const SET_BY_CHART = {
  broker:
    "NODE_ENV DATA_DIR DATABASE_URL HOST PORT OPS_PORT TLS TLS_CERT_FILE TLS_KEY_FILE ADMIN_TOKEN CLOCK_OFFSET_MS BROKER_NAME PUBLIC_URL ENROLMENT_MODE CATALOG_READ ALLOW_HTTP ALLOW_CIDRS DENY_CIDRS IDENTITY_SECRET DRAIN",
  connector:
    "NODE_ENV DATA_DIR DATABASE_URL HOST GRPC_PORT ADMIN_PORT CONTRACT_PORT OPS_PORT TLS TLS_CERT_FILE TLS_KEY_FILE TLS_NAMES ADMIN_TOKEN CLOCK_OFFSET_MS LIQO_MODE LIQO_NAMESPACE LIQO_CLASS LIQO_VERSION REQUIRE_POLICIES PEERING POD_NAMESPACE SERVICE_ACCOUNT KUBECONFIG CLUSTER_PRETTY_NAME CONTRACT_ENDPOINT ALLOW_HTTP ALLOW_CIDRS DENY_CIDRS IDENTITY_SECRET DRAIN DECLARATIONS",
};

/**
 * The schema by which Helm refuses values that nobody meant: made from the values themselves, their comments, the tables above and the
 * settings of the part.
 * @param {"broker" | "connector"} chart
 * @param {string} valuesText the values.yaml
 * @param {Record<string, { env: string, description: string }>} settings
 */
export function valuesSchema(chart, valuesText, settings) {
  const root = { $schema: "http://json-schema.org/draft-07/schema#", ...group() };
  const rules = { ...COMMON, ...OF[chart] };
  for (const { path, value, description } of readValues(valuesText)) {
    const parent = path.slice(0, -1).reduce((at, step) => (at.properties[step] ??= group()), root);
    parent.properties[path.at(-1)] = { description, ...(ruleFor(path, rules) ?? inferred(value)) };
  }
  root.properties.settings = {
    ...root.properties.settings,
    type: "object",
    additionalProperties: false,
    properties: settingProperties(settings, SET_BY_CHART[chart].split(" ")),
  };
  root.properties.global = { type: "object" };
  // What the prototype's chart had: let through here, and refused by the templates with a word on what to do.
  if (chart === "connector")
    for (const level of [root, root.properties.connector, root.properties.connector.properties.config])
      level.patternProperties = { "^mongo": {} };
  return root;
}

function group() {
  return { type: "object", additionalProperties: false, properties: {} };
}

function under(prefix, rules) {
  return Object.fromEntries(Object.entries(rules).map(([key, rule]) => [`${prefix}.${key}`, rule]));
}

function ruleFor(path, rules) {
  for (let from = 0; from < path.length; from += 1) {
    const rule = rules[path.slice(from).join(".")];
    if (rule !== undefined) return rule;
  }
  return undefined;
}

function inferred(value) {
  if (Array.isArray(value)) return { type: "array" };
  if (value === null) throw new Error("a default that is null needs a rule");
  if (typeof value === "number") return { type: "integer" };
  return { type: typeof value };
}

function settingProperties(settings, taken) {
  const free = Object.values(settings).filter(({ env }) => !taken.includes(env));
  const type = ["string", "number", "boolean", "array"];
  return Object.fromEntries(free.map(({ env, description }) => [env, { type, description }]));
}
