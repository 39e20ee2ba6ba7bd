import { verifyBrokerDescriptor } from "@catalog/schema/documents/descriptor";
import { signerFrom } from "@catalog/schema/documents/jws";
import { generateIdentity, type IdentityKeys } from "@catalog/schema/documents/keys";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { PostgresMemberStorage } from "../storage/member-storage.js";
import { openBrokerDatabase, TEST_LIMITS, type BrokerTestDatabase } from "../testing/broker-database.js";
import { BrokerIdentityService, IdentityMismatchError, type BrokerProfile } from "./broker-identity.service.js";

const PROFILE: BrokerProfile = { name: "Test", url: "http://localhost:8000", tlsSpki: null };

describe("the Broker's identity", () => {
  let db: BrokerTestDatabase;
  let keys: IdentityKeys;
  beforeAll(async () => {
    db = await openBrokerDatabase();
    keys = await generateIdentity();
  });
  afterAll(() => db.close());

  async function service(
    changes: Partial<BrokerProfile> = {},
    own = keys,
    at = new Date("2026-01-01T00:00:00Z"),
  ): Promise<BrokerIdentityService> {
    const storage = new PostgresMemberStorage(db.sql, TEST_LIMITS);
    return new BrokerIdentityService(storage, own, await signerFrom(own), { ...PROFILE, ...changes }, () => at);
  }

  it("has one descriptor, whichever of its replicas starts first", async () => {
    const replicas = await Promise.all(Array.from({ length: 4 }, () => service()));
    await Promise.all(replicas.map((replica) => replica.establish()));
    const [first, ...others] = await Promise.all(replicas.map((replica) => replica.descriptor()));
    expect(others).toEqual(others.map(() => first));
    expect(await verifyBrokerDescriptor(first ?? "")).toMatchObject({
      iss: keys.fingerprint,
      brokerName: "Test",
      brokerEndpoint: PROFILE.url,
    });
  });

  it("numbers a changed descriptor above the last, also with a clock that went back, and keeps its birth date", async () => {
    const before = await verifyBrokerDescriptor(await (await service()).descriptor());
    const renamed = await service(
      { name: "Renamed", tlsSpki: keys.fingerprint },
      keys,
      new Date("2025-01-01T00:00:00Z"),
    );
    await renamed.establish();
    const after = await verifyBrokerDescriptor(await renamed.descriptor());
    expect(after).toMatchObject({
      brokerName: "Renamed",
      tlsSpki: keys.fingerprint,
      created: before.created,
      seq: before.seq + 1,
    });
  });

  it("is not to be replaced by another one in the same database", async () => {
    const other = await service({}, await generateIdentity());
    await expect(other.establish()).rejects.toThrow(IdentityMismatchError);
    await expect((await service()).establish()).resolves.toBeUndefined();
  });
});
