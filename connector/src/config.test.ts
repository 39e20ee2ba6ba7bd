import { describe, expect, it } from "vitest";
import { grantSettings, negotiationSettings, readConnectorConfig } from "./config.js";
import { GRANT_DEFAULTS } from "./domain/grant.js";
import { NEGOTIATION_DEFAULTS } from "./domain/negotiation-settings.js";

const problemsOf = (env: Record<string, string>): string => {
  try {
    readConnectorConfig(env);
    return "";
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
};

describe("the configuration", () => {
  it("has the defaults that contracts and grants are specified with", () => {
    const config = readConnectorConfig({});
    expect(negotiationSettings(config)).toEqual(NEGOTIATION_DEFAULTS);
    expect(grantSettings(config)).toEqual(GRANT_DEFAULTS);
    expect([config.grpcPort, config.adminPort, config.contractPort, config.opsPort, config.host]).toEqual([
      6001,
      6002,
      6003,
      6004,
      "127.0.0.1",
    ]);
  });

  it("names every bad value in one message, but not a secret", () => {
    const message = problemsOf({
      GRPC_PORT: "x",
      ALLOW_CIDRS: "10.0.0.0/40",
      LIQO_MODE: "v7",
      LIQO_RESOURCE_NAMES: "gpu",
      FEED_SILENCE: "soon",
      CONTRACT_ENDPOINT: "paris",
    });
    for (const name of [
      "GRPC_PORT",
      "ALLOW_CIDRS",
      "LIQO_MODE",
      "LIQO_RESOURCE_NAMES",
      "FEED_SILENCE",
      "CONTRACT_ENDPOINT",
    ])
      expect(message).toContain(name);
  });

  it("refuses what would be dangerous or cannot work", () => {
    const production = problemsOf({ NODE_ENV: "production", CLOCK_OFFSET_MS: "5" });
    expect([production.includes("DATABASE_URL"), production.includes("CLOCK_OFFSET_MS")]).toEqual([true, true]);
    expect(problemsOf({ TLS: "files" })).toContain("TLS_CERT_FILE");
    expect(problemsOf({ ADMIN_PORT: "6003" })).toContain("must all differ");
    expect(problemsOf({ RECONNECT_FIRST: "5m" })).toContain("RECONNECT_MAX");
  });
});
