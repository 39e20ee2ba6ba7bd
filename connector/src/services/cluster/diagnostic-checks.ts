import { endpointFacts, isAcceptedByForeignCluster } from "../../domain/endpoint-facts.js";
import { isDriven } from "../../domain/peerability.js";
import type { BrokerState } from "../brokers/broker.service.js";
import { ledgerChecks } from "./ledger-checks.js";
import { capacityChecks } from "./capacity-checks.js";
import { declarationChecks } from "./declaration-checks.js";
import type { Diagnosis, Facts, Severity } from "./diagnosis.js";

/** A check; undefined where it has nothing to look at. */
type Check = (facts: Facts) => Diagnosis | undefined;

const CHECKS: readonly Check[] = [
  checkDatabase,
  checkInitialised,
  checkEndpointAddress,
  checkEndpointReachable,
  checkBrokers,
  checkClock,
  checkPublishing,
  checkForgeries,
  checkOffers,
  checkLiqoParameters,
  checkLiqoAddress,
  checkLiqoMode,
  checkPlugin,
];

/** Checks that may find several things. */
const LISTS: readonly ((facts: Facts) => readonly Diagnosis[])[] = [
  checkSafety,
  ledgerChecks,
  capacityChecks,
  declarationChecks,
];

/** Runs every check over the facts; findings first, the gravest at the top. */
export function diagnose(facts: Facts): readonly Diagnosis[] {
  const weight: Readonly<Record<Severity, number>> = { ERROR: 0, WARNING: 1, INFO: 2 };
  const found = [...CHECKS.flatMap((check) => check(facts) ?? []), ...LISTS.flatMap((check) => check(facts))];
  return found.toSorted((a, b) => Number(a.ok) - Number(b.ok) || weight[a.severity] - weight[b.severity]);
}

function fine(check: string, message: string): Diagnosis {
  return { check, ok: true, severity: "INFO", message, whatToDo: null };
}

function finding(check: string, severity: Severity, message: string, whatToDo: string): Diagnosis {
  return { check, ok: false, severity, message, whatToDo };
}

function checkDatabase({ isDatabaseThere }: Facts): Diagnosis {
  if (isDatabaseThere) return fine("database", "PostgreSQL answers.");
  return finding(
    "database",
    "ERROR",
    "PostgreSQL does not answer; nothing can be bought, sold or changed until it does.",
    "Check that it runs and that DATABASE_URL names it. The Connector connects again by itself.",
  );
}

function checkInitialised({ isDatabaseThere, isInitialised }: Facts): Diagnosis | undefined {
  if (!isDatabaseThere) return undefined;
  if (isInitialised) return fine("initialised", "The cluster has a name and a contract endpoint.");
  return finding(
    "initialised",
    "ERROR",
    "The cluster has no name and no contract endpoint yet.",
    "Call initCatalog(prettyName, contractEndpoint); the contract endpoint is the address at which others reach port 6003.",
  );
}

function checkEndpointAddress({ contractEndpoint }: Facts): Diagnosis | undefined {
  if (contractEndpoint === null) return undefined;
  const check = "contractEndpoint.address";
  const { isLoopback, isPrivate, isHttps } = endpointFacts(contractEndpoint);
  if (isLoopback) {
    return finding(
      check,
      "WARNING",
      `The contract endpoint ${contractEndpoint} is a loopback address: only Connectors on this machine reach it.`,
      "Outside of a demo, call setContractEndpoint with the address at which other clusters reach port 6003.",
    );
  }
  if (!isHttps)
    return finding(
      check,
      "ERROR",
      `The contract endpoint ${contractEndpoint} is not https: other Connectors refuse to call it.`,
      "Serve TLS (TLS=self-signed or TLS=files, or a proxy in front) and call setContractEndpoint with the https address.",
    );
  if (isPrivate)
    return finding(
      check,
      "WARNING",
      `The contract endpoint ${contractEndpoint} is a private address: only Connectors that allow it (ALLOW_CIDRS) call it.`,
      "Use a public address, or ask the other admins to allow this range.",
    );
  return fine(check, `The contract endpoint is ${contractEndpoint}.`);
}

function checkEndpointReachable({ contractEndpoint, probes }: Facts): Diagnosis | undefined {
  if (contractEndpoint === null || probes.length === 0) return undefined;
  const check = "contractEndpoint.reachable";
  const closed = probes.find(({ reachable }) => reachable === false);
  const open = probes.find(({ reachable }) => reachable === true);
  if (closed !== undefined) {
    return finding(
      check,
      "ERROR",
      `The Broker "${closed.brokerName}" does not reach ${contractEndpoint}${closed.message === null ? "" : `: ${closed.message}`}`,
      "Open the firewall for port 6003, check that the address leads to this Connector, and for a private address that the Broker allows it.",
    );
  }
  if (open !== undefined) return fine(check, `The Broker "${open.brokerName}" reaches ${contractEndpoint}.`);
  return finding(
    check,
    "INFO",
    `No Broker could say whether it reaches ${contractEndpoint}: ${probes[0]?.message ?? "no answer"}`,
    "Ask again in a minute.",
  );
}

function checkBrokers({ isDatabaseThere, brokers }: Facts): Diagnosis | undefined {
  if (!isDatabaseThere) return undefined;
  const check = "brokers";
  if (brokers.length === 0)
    return finding(
      check,
      "WARNING",
      "The cluster is registered with no Broker, so it sees no offers and nobody sees its own.",
      "Ask a Broker's operator for a join string and call registerBroker(join, name).",
    );
  const problem = brokers.map(brokerProblem).find((one) => one !== undefined);
  if (problem !== undefined) return problem;
  return fine(check, `Connected to ${brokers.map(({ broker }) => broker.brokerName).join(", ")}.`);
}

function brokerProblem({ broker, health }: BrokerState): Diagnosis | undefined {
  const check = "brokers";
  const name = `"${broker.brokerName}"`;
  if (!broker.isSubscribed)
    return finding(
      check,
      "INFO",
      `The Broker ${name} is switched off here.`,
      "Call setBrokerSubscription to follow it again.",
    );
  if (broker.membership === "PENDING")
    return finding(
      check,
      "WARNING",
      `The Broker ${name} has not admitted this cluster${health.lastError === null ? "." : `: ${health.lastError}`}`,
      "Ask its operator to approve this cluster's fingerprint, or for a new join string to register with again.",
    );
  if (!health.isConnected)
    return finding(
      check,
      "ERROR",
      `No connection to the Broker ${name}: ${health.lastError ?? "connecting"}`,
      "It is tried again for ever. Check the address and the network; negotiating and peering go on meanwhile.",
    );
  return undefined;
}

function checkClock({ clockOffsets, brokers }: Facts): Diagnosis | undefined {
  if (brokers.length === 0) return undefined;
  const check = "clock";
  const [worst] = [...clockOffsets].sort(([, a], [, b]) => Math.abs(b) - Math.abs(a));
  const refused = brokers.find(({ health }) => health.lastError?.includes("CLOCK_SKEW") === true);
  const offset = worst?.[1] ?? 0;
  if (offset === 0 && refused === undefined) return fine(check, "The clocks of this cluster and its Brokers agree.");
  const amount = offset === 0 ? "too far apart" : `${Math.abs(offset)} s apart`;
  return finding(
    check,
    "WARNING",
    `The clocks of this cluster and of a Broker are ${amount}.`,
    "Synchronise this machine's clock (NTP). More than 300 s cannot be made up for.",
  );
}

function checkPublishing({ brokers }: Facts): Diagnosis | undefined {
  const failing = brokers.find(({ broker, health }) => broker.isSubscribed && health.publishError !== null);
  if (failing === undefined) return undefined;
  return finding(
    "publishing",
    "WARNING",
    `The Broker "${failing.broker.brokerName}" does not take the offers of this cluster: ${failing.health.publishError ?? ""}`,
    "It is tried again for ever; mend what the message names.",
  );
}

function checkForgeries({ brokers }: Facts): Diagnosis | undefined {
  const source = brokers.find(({ health }) => health.refusedDocuments > 0);
  if (source === undefined) return undefined;
  const { broker, health } = source;
  return finding(
    "documents",
    "WARNING",
    `${health.refusedDocuments} documents from the Broker "${broker.brokerName}" were refused; the last because: ${health.lastRefusal ?? ""}`,
    "Ask its operator. Nothing that is not signed by its cluster is ever shown here.",
  );
}

function checkOffers({ isDatabaseThere, offersListed }: Facts): Diagnosis | undefined {
  if (!isDatabaseThere) return undefined;
  if (offersListed > 0) return fine("offers", `${offersListed} offers are listed.`);
  return finding(
    "offers",
    "INFO",
    "This cluster offers nothing.",
    "To sell, call saveOffer; to buy, nothing is needed.",
  );
}

function checkLiqoParameters({ parameters }: Facts): Diagnosis {
  const check = "liqo.parameters";
  if (parameters === null)
    return finding(
      check,
      "ERROR",
      "Liqo's cluster id and name are not known yet.",
      "Check that Liqo runs in this cluster, or set LIQO_CLUSTER_ID and LIQO_CLUSTER_NAME with LIQO_MODE=manual.",
    );
  return fine(check, `Liqo's cluster id is ${parameters.clusterID}, its name ${parameters.clusterName}.`);
}

function checkLiqoAddress({ parameters }: Facts): Diagnosis | undefined {
  const address = parameters?.endpoint ?? null;
  if (address === null) return undefined;
  const check = "liqo.address";
  if (isAcceptedByForeignCluster(address)) return fine(check, `The Liqo address is ${address}.`);
  return finding(
    check,
    "WARNING",
    `Liqo 0.x of a customer refuses the Liqo address ${address}: a host name must end in a dot and 1 to 6 letters or digits.`,
    "Use an IPv4 address or a host name such as liqo.example.com in LIQO_AUTH_ENDPOINT.",
  );
}

function checkLiqoMode({ liqo }: Facts): Diagnosis {
  const check = "liqo.mode";
  if (!isDriven(liqo))
    return finding(
      check,
      "ERROR",
      `Liqo ${liqo.version ?? ""} is in this cluster, and it is driven as ${liqo.mode}: they do not understand each other.`,
      "Set LIQO_MODE to the one for this version (v0.8: 0.7 and 0.8; v0.9: 0.9 and 0.10; v1: 1.x), or to auto; correct LIQO_VERSION where it is set.",
    );
  if (liqo.mode !== "manual") return fine(check, `Liqo is driven as ${liqo.mode}.`);
  return finding(
    check,
    "INFO",
    "LIQO_MODE is manual: contracts are made, but nothing is written to a cluster.",
    "Nothing, if that is what you want.",
  );
}

function checkSafety({ safety, liqo }: Facts): readonly Diagnosis[] {
  const check = "liqo.policies";
  const severity = safety.isSellingAllowed ? "WARNING" : "ERROR";
  const risks = safety.risks.map(({ message, whatToDo }) => finding(check, severity, message, whatToDo));
  if (risks.length > 0 || liqo.mode !== "v1") return risks;
  if (safety.isSellingAllowed) return [fine(check, "The policies keep every peer within its contracts.")];
  return [
    finding(
      check,
      "WARNING",
      "Whether the policies keep peers within their contracts is not known yet; until then no contract becomes active.",
      "Wait; if it stays so, check that the Connector reaches the API server.",
    ),
  ];
}

/** Liqo 1.x needs no plugin. */
function checkPlugin({ plugin, liqo }: Facts): Diagnosis | undefined {
  const check = "liqo.plugin";
  if (liqo.mode === "v1") return undefined;
  if (plugin.subscribers > 0) return fine(check, `Liqo listens to the gRPC plugin (wire ${plugin.wire}).`);
  const severity = liqo.mode === "manual" ? "INFO" : "ERROR";
  return finding(
    check,
    severity,
    "No Liqo listens to the gRPC plugin, so nobody is told what has been sold.",
    "Set controllerManager.config.resourcePluginAddress=<this service>:6001 in Liqo's chart (0.7 to 0.10), and LIQO_PLUGIN_WIRE to its generation.",
  );
}
