import { configTable } from "@catalog/server/config";
import { describe, expect, it } from "vitest";

import { BROKER_SETTINGS, readBrokerConfig } from "./config.js";

describe("the configuration", () => {
  it("has the periods and limits that are promised where nothing is set", () => {
    expect(readBrokerConfig({})).toMatchObject({
      host: "127.0.0.1",
      port: 8000,
      opsPort: 8001,
      publicUrl: "http://localhost:8000",
      enrolmentMode: "token",
      catalogRead: "members",
      joinStringLifetime: 86_400_000,
      challengeLifetime: 60_000,
      pendingMembers: 1_000,
      probeInterval: 60_000,
      socketsPerMember: 4,
      subscriptionsPerMember: 8,
      frameBytes: 262_144,
      socketAge: 86_400_000,
      offersPerMember: 200,
      documentsPerSecond: 20,
      numberAhead: 600_000,
      feedHeartbeat: 15_000,
      feedMessageChanges: 500,
      feedMessageBytes: 1_048_576,
      feedBuffer: 1_048_576,
      feedStuck: 60_000,
      feedPoll: 1_000,
      leaseRenewal: 15_000,
      staleAfter: 90_000,
      removeAfter: 604_800_000,
      outageGrace: 180_000,
      tombstones: 604_800_000,
      withdrawals: 2_592_000_000,
    });
  });

  it("follows the port and the environment", () => {
    expect(readBrokerConfig({ PORT: "9000" }).publicUrl).toBe("http://localhost:9000");
    expect(readBrokerConfig({ TLS: "self-signed" }).publicUrl).toBe("https://localhost:8000");
    expect(readBrokerConfig({ NODE_ENV: "production", DATABASE_URL: "postgresql://db/catalog" }).host).toBe("0.0.0.0");
  });

  it("names every bad value in one message, and no secret", () => {
    const read = () =>
      readBrokerConfig({ PORT: "99999", ENROLMENT_MODE: "maybe", ALLOW_CIDRS: "10.0.0.0/33", FEED_HEARTBEAT: "soon" });
    for (const name of ["PORT", "ENROLMENT_MODE", "ALLOW_CIDRS", "FEED_HEARTBEAT"])
      expect(read).toThrow(new RegExp(`- ${name}: `));
  });

  it.each<[string, Readonly<Record<string, string>>]>([
    ["DATABASE_URL", { NODE_ENV: "production" }],
    ["CLOCK_OFFSET_MS", { NODE_ENV: "production", DATABASE_URL: "postgresql://db/catalog", CLOCK_OFFSET_MS: "5" }],
    ["TLS", { TLS: "files", TLS_CERT_FILE: "cert.pem" }],
    ["OPS_PORT", { PORT: "8001" }],
  ])("refuses %s where it does not fit", (name, env) => {
    expect(() => readBrokerConfig(env)).toThrow(name);
  });

  it("describes every setting, each under a name of its own", () => {
    const names = Object.values(BROKER_SETTINGS).map(({ env }) => env);
    expect(new Set(names).size).toBe(names.length);
    expect(Object.values(BROKER_SETTINGS).filter(({ description }) => description.length < 10)).toEqual([]);
    expect(configTable(BROKER_SETTINGS)).toContain("| `OFFERS_PER_MEMBER` | integer | `200` |");
  });
});
