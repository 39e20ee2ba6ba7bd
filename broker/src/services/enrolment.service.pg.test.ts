import { verifyChallenge, signEnrolProof, encryptJoinToken } from "@catalog/schema/documents/enrolment";
import { parseJoinString } from "@catalog/schema/documents/join-string";
import { signerFrom } from "@catalog/schema/documents/jws";
import { generateIdentity, type IdentityKeys } from "@catalog/schema/documents/keys";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";

import { PostgresMemberStorage } from "../storage/member-storage.js";
import { openBrokerDatabase, TEST_LIMITS, type BrokerTestDatabase } from "../testing/broker-database.js";
import { createCluster, type ClusterFixture } from "../testing/cluster-fixture.js";
import { EnrolmentAnswers } from "./enrolment-answers.js";
import { EnrolmentService, type Enrolment } from "./enrolment.service.js";
import { MemberService } from "./member.service.js";
import { TokenService } from "./token.service.js";

const DAY = 86_400;
const BASE = new Date("2026-11-22T12:00:00Z");

describe("enrolment", () => {
  let db: BrokerTestDatabase;
  let keys: IdentityKeys;
  let clock: Date;
  let storage: PostgresMemberStorage;
  let enrolment: EnrolmentService;
  let members: MemberService;
  let tokens: TokenService;
  const now = (): Date => clock;
  const shift = (seconds: number): void => void (clock = new Date(clock.getTime() + seconds * 1000));

  beforeAll(async () => {
    db = await openBrokerDatabase();
    keys = await generateIdentity();
    storage = new PostgresMemberStorage(db.sql, { ...TEST_LIMITS, aheadMs: 1e15 });
    const answers = new EnrolmentAnswers(keys, await signerFrom(keys), 60, now);
    enrolment = new EnrolmentService(
      storage,
      answers,
      { mode: "TOKEN", pendingLimit: 3, pendingSeconds: 7 * DAY, aheadMs: 10 * 365 * DAY * 1000 },
      now,
    );
    members = new MemberService(storage, now);
    const address = {
      brokerUrl: "http://localhost:8000",
      fingerprint: keys.fingerprint,
      kid: keys.fingerprint,
      spki: null,
      lifetimeSeconds: DAY,
    };
    tokens = new TokenService(storage, address, now);
  });
  afterAll(() => db.close());
  beforeEach(async () => {
    clock = BASE;
    await db.sql.query("TRUNCATE members, join_tokens, read_tokens, settings, catalog_items, change_log");
  });

  async function answer(cluster: ClusterFixture, nonceOf: ClusterFixture = cluster) {
    const challenge = await enrolment.challenge(nonceOf.fingerprint);
    const broker = {
      iss: keys.fingerprint,
      seq: 1,
      iat: 1,
      created: 1,
      keys: { sig: keys.signing.publicJwk, enc: keys.encryption.publicJwk },
      rotations: [],
    };
    const { nonce } = await verifyChallenge(challenge, {
      broker,
      aud: nonceOf.fingerprint,
      now: Math.floor(clock.getTime() / 1000),
    });
    return {
      nonce,
      proof: await signEnrolProof(cluster.signer, { iss: cluster.fingerprint, aud: keys.fingerprint, nonce }),
    };
  }

  async function enrol(cluster: ClusterFixture, join?: string, secret?: string): Promise<Enrolment> {
    const { nonce, proof } = await answer(cluster);
    const token = join === undefined ? null : await tokenOf(cluster, join, nonce, secret);
    return enrolment.enrol(cluster.fingerprint, { descriptor: cluster.descriptor, proof, token });
  }

  function tokenOf(cluster: ClusterFixture, join: string, nonce: string, secret?: string): Promise<string> {
    const shown = parseJoinString(join);
    const token = {
      tokenId: shown.tokenId ?? "",
      secret: secret ?? shown.secret ?? "",
      iss: cluster.fingerprint,
      nonce,
    };
    return encryptJoinToken(keys.encryption.publicJwk, token);
  }

  const code = (expected: string) => expect.objectContaining({ code: expected });
  const clustersListed = async (): Promise<string[]> =>
    (
      await db.sql.query<{ fingerprint: string }>(
        "SELECT fingerprint FROM catalog_items WHERE kind = 'CLUSTER' AND NOT removed",
      )
    ).map((row) => row.fingerprint);

  it("admits with a join string, once per string, and repeats for the same cluster", async () => {
    const { join } = await tokens.createJoinString("for Turin");
    const [turin, milan] = [await createCluster(), await createCluster()];
    expect(await enrol(turin, join)).toEqual({
      status: "ADMITTED",
      fingerprint: turin.fingerprint,
      clusterID: turin.clusterID,
    });
    expect(await clustersListed()).toEqual([turin.fingerprint]);
    shift(2 * DAY);
    expect((await enrol(turin, join)).status).toBe("ADMITTED");
    await expect(enrol(milan, join)).rejects.toEqual(code("JOIN_TOKEN_USED"));
    expect(await clustersListed()).toEqual([turin.fingerprint]);
    expect(await tokens.joinStrings(10, null)).toMatchObject([{ name: "for Turin", usedBy: turin.fingerprint }]);
    expect(await db.sql.query("SELECT 1 FROM change_log")).toHaveLength(1);
  });

  it("admits exactly one of many clusters that show the same join string at once", async () => {
    const { join } = await tokens.createJoinString(null);
    const clusters = await Promise.all(Array.from({ length: 8 }, () => createCluster()));
    const outcomes = await Promise.allSettled(clusters.map((cluster) => enrol(cluster, join)));
    expect(outcomes.filter(({ status }) => status === "fulfilled")).toHaveLength(1);
    expect(await clustersListed()).toHaveLength(1);
  });

  it("refuses join strings that are expired, revoked, unknown or have another secret", async () => {
    const cluster = await createCluster();
    const { join, tokenID } = await tokens.createJoinString(null);
    await expect(enrol(cluster, join, "A".repeat(43))).rejects.toEqual(code("JOIN_TOKEN_INVALID"));
    await expect(enrol(cluster, join.replace(tokenID, "AAAAAAAA"))).rejects.toEqual(code("JOIN_TOKEN_INVALID"));
    await expect(enrol(cluster)).rejects.toEqual(code("JOIN_TOKEN_INVALID"));
    shift(DAY);
    await expect(enrol(cluster, join)).rejects.toEqual(code("JOIN_TOKEN_EXPIRED"));
    const next = await tokens.createJoinString(null);
    await tokens.revoke(next.tokenID);
    await expect(enrol(cluster, next.join)).rejects.toEqual(code("JOIN_TOKEN_INVALID"));
    expect(await members.find(cluster.fingerprint)).toBeUndefined();
  });

  it("refuses a token that was made for another enroller or another challenge", async () => {
    const [turin, thief] = [await createCluster(), await createCluster()];
    const { join } = await tokens.createJoinString(null);
    const { nonce, proof } = await answer(thief);
    const ofTurin = await tokenOf(turin, join, nonce);
    await expect(
      enrolment.enrol(thief.fingerprint, { descriptor: thief.descriptor, proof, token: ofTurin }),
    ).rejects.toEqual(code("JOIN_TOKEN_INVALID"));
    const older = await tokenOf(thief, join, (await answer(thief)).nonce);
    await expect(
      enrolment.enrol(thief.fingerprint, { descriptor: thief.descriptor, proof, token: older }),
    ).rejects.toEqual(code("JOIN_TOKEN_INVALID"));
    expect((await enrol(turin, join)).status).toBe("ADMITTED");
  });

  it("refuses answers to challenges that are late, of somebody else, altered or invented", async () => {
    await enrolment.setMode("OPEN");
    const [turin, milan] = [await createCluster(), await createCluster()];
    const attempt = (proof: string): Promise<Enrolment> =>
      enrolment.enrol(turin.fingerprint, { descriptor: turin.descriptor, proof, token: null });
    await expect(attempt((await answer(turin, milan)).proof)).rejects.toEqual(code("CHALLENGE_INVALID"));
    await expect(attempt((await answer(milan)).proof)).rejects.toEqual(code("CHALLENGE_INVALID"));
    const { nonce, proof } = await answer(turin);
    for (const forged of [`${nonce.slice(0, -1)}${nonce.endsWith("A") ? "B" : "A"}`, "A".repeat(75), "A".repeat(22)]) {
      const signed = await signEnrolProof(turin.signer, {
        iss: turin.fingerprint,
        aud: keys.fingerprint,
        nonce: forged,
      });
      await expect(attempt(signed)).rejects.toEqual(code("CHALLENGE_INVALID"));
    }
    const elsewhere = await signEnrolProof(turin.signer, { iss: turin.fingerprint, aud: milan.fingerprint, nonce });
    await expect(attempt(elsewhere)).rejects.toEqual(code("CHALLENGE_INVALID"));
    shift(60);
    await expect(attempt(proof)).rejects.toEqual(code("CHALLENGE_INVALID"));
    shift(-1);
    expect((await attempt(proof)).status).toBe("ADMITTED");
  });

  it("lets clusters wait in mode approval, up to a bound, until the operator admits them", async () => {
    await enrolment.setMode("APPROVAL");
    const clusters = await Promise.all(Array.from({ length: 5 }, () => createCluster()));
    const outcomes = await Promise.allSettled(clusters.map((cluster) => enrol(cluster)));
    expect(outcomes.filter(({ status }) => status === "fulfilled")).toHaveLength(3);
    expect(await clustersListed()).toEqual([]);
    const waiting = clusters.find((_, i) => outcomes[i]?.status === "fulfilled") ?? (await createCluster());
    expect((await enrol(waiting)).status).toBe("PENDING");
    expect((await members.approve(waiting.fingerprint)).status).toBe("ADMITTED");
    expect((await enrol(waiting)).status).toBe("ADMITTED");
    expect(await clustersListed()).toEqual([waiting.fingerprint]);
    shift(7 * DAY + 1);
    expect((await enrol(await createCluster())).status).toBe("PENDING");
    await expect(members.approve("nobody")).rejects.toEqual(code("CLUSTER_NOT_FOUND"));
    expect((await enrol(await createCluster(), (await tokens.createJoinString(null)).join)).status).toBe("ADMITTED");
  });

  it("keeps a cluster id for the first identity admitted with it, until the operator revokes that one", async () => {
    await enrolment.setMode("OPEN");
    const first = await createCluster({ clusterID: "shared-id" });
    const second = await createCluster({ clusterID: "shared-id" });
    await enrol(first);
    await expect(enrol(second)).rejects.toEqual(code("CLUSTER_ID_TAKEN"));
    await members.leave(first.fingerprint);
    await expect(enrol(second)).rejects.toEqual(code("CLUSTER_ID_TAKEN"));
    await members.revoke(first.fingerprint);
    expect((await enrol(second)).status).toBe("ADMITTED");
    await expect(members.approve(first.fingerprint)).rejects.toEqual(code("CLUSTER_ID_TAKEN"));
  });

  it("gives a cluster id to one of two identities that enrol at once", async () => {
    await enrolment.setMode("OPEN");
    const clusters = await Promise.all(Array.from({ length: 6 }, () => createCluster({ clusterID: "contested" })));
    const outcomes = await Promise.allSettled(clusters.map((cluster) => enrol(cluster)));
    expect(outcomes.filter(({ status }) => status === "fulfilled")).toHaveLength(1);
    const refused = outcomes
      .filter((outcome) => outcome.status === "rejected")
      .map((outcome): unknown => outcome.reason);
    expect(refused).toEqual(refused.map(() => code("CLUSTER_ID_TAKEN")));
  });

  it("takes a revoked cluster out of the catalog and lets it in again only by the operator", async () => {
    await enrolment.setMode("OPEN");
    const cluster = await createCluster();
    await enrol(cluster);
    expect((await members.revoke(cluster.fingerprint)).status).toBe("REVOKED");
    expect(await clustersListed()).toEqual([]);
    await expect(enrol(cluster)).rejects.toEqual(code("MEMBER_REVOKED"));
    await members.approve(cluster.fingerprint);
    expect(await clustersListed()).toEqual([cluster.fingerprint]);
  });

  it("lets a member leave and come back", async () => {
    await enrolment.setMode("OPEN");
    const cluster = await createCluster();
    await enrol(cluster);
    expect(await members.leave(cluster.fingerprint)).toBe(true);
    expect(await members.leave(cluster.fingerprint)).toBe(true);
    expect(await clustersListed()).toEqual([]);
    await expect(members.approve(cluster.fingerprint)).rejects.toEqual(code("FORBIDDEN"));
    expect((await enrol(cluster)).status).toBe("ADMITTED");
    expect(await clustersListed()).toEqual([cluster.fingerprint]);
  });

  it("takes newer descriptors, proves that it knows a higher one, and keeps the first of two with one number", async () => {
    await enrolment.setMode("OPEN");
    const cluster = await createCluster();
    const first = cluster.descriptor;
    await enrol(cluster);
    const second = await cluster.describe({ clusterPrettyName: "Renamed" });
    await enrol(cluster);
    expect((await members.find(cluster.fingerprint))?.clusterPrettyName).toBe("Renamed");
    const older = await answer(cluster);
    await expect(
      enrolment.enrol(cluster.fingerprint, { descriptor: first, proof: older.proof, token: null }),
    ).rejects.toMatchObject({
      code: "DOCUMENT_OUTDATED",
      details: { higher: second },
    });
    const { seq } = (await members.find(cluster.fingerprint)) ?? { seq: 0 };
    await cluster.describe({ clusterPrettyName: "Other", seq });
    await expect(enrol(cluster)).rejects.toEqual(code("DOCUMENT_EQUIVOCATION"));
    expect((await members.find(cluster.fingerprint))?.descriptor).toBe(second);
  });

  it("refuses a descriptor whose number is ahead of the clock", async () => {
    await enrolment.setMode("APPROVAL");
    const cluster = await createCluster({ seq: Date.now() * 10 });
    await expect(enrol(cluster)).rejects.toEqual(code("NUMBER_AHEAD"));
    expect(await members.find(cluster.fingerprint)).toBeUndefined();
  });

  it("refuses a descriptor of another identity than the request's", async () => {
    await enrolment.setMode("OPEN");
    const [turin, milan] = [await createCluster(), await createCluster()];
    const { proof } = await answer(turin);
    await expect(
      enrolment.enrol(turin.fingerprint, { descriptor: milan.descriptor, proof, token: null }),
    ).rejects.toEqual(code("PROOF_INVALID"));
  });

  it("makes read tokens that end when they expire or are revoked", async () => {
    const expiresAt = Math.floor(clock.getTime() / 1000) + 100;
    const { token, tokenID } = await tokens.createReadToken("dashboard", expiresAt);
    expect(await tokens.findReader(token)).toMatchObject({ tokenID, name: "dashboard" });
    expect(await tokens.findReader(`${token.slice(0, -1)}${token.endsWith("A") ? "B" : "A"}`)).toBeUndefined();
    expect(await tokens.findReader("nonsense")).toBeUndefined();
    shift(100);
    expect(await tokens.findReader(token)).toBeUndefined();
    const lasting = await tokens.createReadToken(null, null);
    expect(await tokens.findReader(lasting.token)).toMatchObject({ tokenID: lasting.tokenID });
    await tokens.revoke(lasting.tokenID);
    expect(await tokens.findReader(lasting.token)).toBeUndefined();
    await expect(tokens.revoke("unknown")).rejects.toEqual(code("NOT_FOUND"));
    await expect(tokens.createReadToken("late", 1)).rejects.toEqual(code("BAD_USER_INPUT"));
    await expect(tokens.createReadToken(" ", null)).rejects.toEqual(code("BAD_USER_INPUT"));
  });
});
