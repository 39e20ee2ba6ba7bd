import { readConfig, type ConfigOf } from "@catalog/server/config";
import type { Environment } from "@catalog/server/config-settings";
import { PLATFORM_SETTINGS } from "@catalog/server/process/platform-settings";
import { CONSOLE_SETTINGS } from "@catalog/server/ui/console-settings";
import type { GrantSettings } from "./domain/grant.js";
import type { NegotiationSettings } from "./domain/negotiation-settings.js";
import type { PluginWire } from "./liqo/grpc/grant-messages.js";
import { CATALOG_SETTINGS } from "./settings/catalog.settings.js";
import { CLUSTER_SETTINGS } from "./settings/cluster.settings.js";
import { NEGOTIATION_SETTINGS } from "./settings/negotiation.settings.js";
import { PROCESS_SETTINGS } from "./settings/process.settings.js";
import { SECOND } from "./settings/units.js";

/** Every setting of the Connector. */
export const CONNECTOR_SETTINGS = {
  ...PROCESS_SETTINGS,
  ...PLATFORM_SETTINGS,
  ...CONSOLE_SETTINGS,
  ...CLUSTER_SETTINGS,
  ...CATALOG_SETTINGS,
  ...NEGOTIATION_SETTINGS,
};

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
