import { generateIdentity } from "@catalog/schema/documents/keys";
import { signerFrom, TYP } from "@catalog/schema/documents/jws";
import * as operations from "@catalog/schema/operations";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";

import { startBrokerApp, type BrokerApp } from "../testing/broker-app.js";
import { createCluster } from "../testing/cluster-fixture.js";
import { MemberClient } from "../testing/member-client.js";

const VIEWER = JSON.stringify({ query: "{ viewer { kind fingerprint clusterID status } }" });
const code = (expected: string) => expect.objectContaining({ code: expected });

let app: BrokerApp;
beforeAll(async () => {
  app = await startBrokerApp();
  await app.broker.established;
});
afterAll(() => app.stop());

const newClient = async (): Promise<MemberClient> => new MemberClient(app, await createCluster());
const joinString = async (): Promise<string> => {
  const { data } = await app.operate('mutation { createJoinString(name: "test") { join } }');
  return (data?.["createJoinString"] as { join: string }).join;
};
const setMode = (mode: string) =>
  app.operate("mutation ($mode: EnrolmentMode!) { setEnrolmentMode(mode: $mode) }", { mode });
const member = async (): Promise<MemberClient> => {
  const client = await newClient();
  await client.enrol(await joinString());
  return client;
};

describe("enrolment over HTTP", () => {
  beforeEach(() => setMode("TOKEN"));

  it("admits by join string, answers a repeat alike, and tells the member who it is", async () => {
    const [client, other] = [await newClient(), await newClient()];
    const join = await joinString();
    const admitted = {
      status: "ADMITTED",
      fingerprint: client.cluster.fingerprint,
      clusterID: client.cluster.clusterID,
    };
    expect(await client.enrol(join)).toEqual(admitted);
    expect(await client.enrol(join)).toEqual(admitted);
    await expect(other.enrol(join)).rejects.toEqual(code("JOIN_TOKEN_USED"));
    expect((await client.send(VIEWER)).data?.["viewer"]).toEqual({
      kind: "MEMBER",
      fingerprint: client.cluster.fingerprint,
      clusterID: client.cluster.clusterID,
      status: "ADMITTED",
    });
    expect((await app.operate("{ joinStrings { usedBy join } }")).data?.["joinStrings"]).toContainEqual({
      usedBy: client.cluster.fingerprint,
      join: null,
    });
  });

  it("changes its mode at run time: approval, then open", async () => {
    await setMode("APPROVAL");
    const client = await newClient();
    expect(await client.enrol()).toMatchObject({ status: "PENDING" });
    await expect(client.call("{ offers { totalCount } }")).rejects.toEqual(code("MEMBER_PENDING"));
    const { data } = await app.operate("{ clusters(status: PENDING) { fingerprint status requestedAt admittedAt } }");
    expect(data?.["clusters"]).toEqual([
      { fingerprint: client.cluster.fingerprint, status: "PENDING", requestedAt: expect.any(Number), admittedAt: null },
    ]);
    const approve = "mutation ($fingerprint: ID!) { approveCluster(fingerprint: $fingerprint) { status clusterID } }";
    expect((await app.operate(approve, client.cluster)).data?.["approveCluster"]).toEqual({
      status: "ADMITTED",
      clusterID: client.cluster.clusterID,
    });
    expect(await client.call("{ viewer { kind } }")).toEqual({ viewer: { kind: "MEMBER" } });
    await setMode("OPEN");
    expect(await (await newClient()).enrol()).toMatchObject({ status: "ADMITTED" });
    expect((await app.ask("{ broker { enrolmentMode } }")).data?.["broker"]).toEqual({ enrolmentMode: "OPEN" });
  });

  it("keeps out a second identity with the same cluster id", async () => {
    await setMode("OPEN");
    const first = await newClient();
    await first.enrol();
    const second = new MemberClient(app, await createCluster({ clusterID: first.cluster.clusterID }));
    await expect(second.enrol()).rejects.toEqual(code("CLUSTER_ID_TAKEN"));
  });

  it("refuses to enrol without a proof, or with somebody else's", async () => {
    const [client, other] = [await newClient(), await newClient()];
    const body = JSON.stringify({ query: operations.ENROL, variables: await client.enrolment(await joinString()) });
    expect(await app.send(body)).toMatchObject({ status: 401, code: "UNAUTHENTICATED" });
    expect(await other.send(body, undefined, { "catalog-descriptor": other.cluster.descriptor })).toMatchObject({
      code: "PROOF_INVALID",
    });
    expect(await client.send(body)).toMatchObject({ status: 403, code: "NOT_A_MEMBER" });
    expect(await client.send(body, undefined, { "catalog-descriptor": other.cluster.descriptor })).toMatchObject({
      status: 401,
      code: "PROOF_KEY_UNKNOWN",
    });
    expect(await client.send(body, undefined, { "catalog-descriptor": client.cluster.descriptor })).toMatchObject({
      status: 200,
      code: undefined,
    });
  });

  it("lets strangers enrol and do nothing else with their proof", async () => {
    const stranger = await newClient();
    const introduced = { "catalog-descriptor": stranger.cluster.descriptor };
    expect(await stranger.send(VIEWER, undefined, introduced)).toMatchObject({ status: 403, code: "NOT_A_MEMBER" });
    const body = JSON.stringify({ query: "mutation { leave }" });
    expect(await stranger.send(body, undefined, introduced)).toMatchObject({ code: "NOT_A_MEMBER" });
  });

  it("revokes: the cluster leaves the catalog and its proofs are refused", async () => {
    const client = await member();
    const revoke = "mutation ($fingerprint: ID!) { revokeCluster(fingerprint: $fingerprint) { status } }";
    expect((await app.operate(revoke, client.cluster)).data?.["revokeCluster"]).toEqual({ status: "REVOKED" });
    await expect(client.call("{ viewer { kind } }")).rejects.toEqual(code("MEMBER_REVOKED"));
    await expect(client.enrol(await joinString())).rejects.toEqual(code("MEMBER_REVOKED"));
    const { data } = await app.operate("{ clusters(status: ADMITTED, first: 200) { fingerprint } }");
    expect(data?.["clusters"]).not.toContainEqual({ fingerprint: client.cluster.fingerprint });
    expect(await app.operate(revoke, { fingerprint: "unknown" })).toMatchObject({ code: "CLUSTER_NOT_FOUND" });
  });

  it("lets a member leave", async () => {
    const client = await member();
    expect(await client.call(operations.LEAVE)).toEqual({ leave: true });
    await expect(client.call(operations.LEAVE)).rejects.toEqual(code("NOT_A_MEMBER"));
  });
});

describe("request proofs over HTTP", () => {
  let client: MemberClient;
  beforeAll(async () => {
    await setMode("TOKEN");
    client = await member();
  });
  const now = () => Math.floor(Date.now() / 1000);

  it.each<[string, string, () => Promise<string>]>([
    [
      "for another audience",
      "PROOF_AUDIENCE_MISMATCH",
      async () => client.proof(VIEWER, { aud: (await generateIdentity()).fingerprint }),
    ],
    ["for another path", "PROOF_TARGET_MISMATCH", () => client.proof(VIEWER, { path: "/other" })],
    ["for another method", "PROOF_TARGET_MISMATCH", () => client.proof(VIEWER, { method: "GET" })],
    ["for another body", "PROOF_BODY_MISMATCH", () => client.proof(`${VIEWER} `)],
    ["that is late", "CLOCK_SKEW", () => client.proof(VIEWER, { now: now() - 62 })],
    ["from the future", "CLOCK_SKEW", () => client.proof(VIEWER, { now: now() + 65 })],
    ["with a short id", "PROOF_INVALID", () => client.proof(VIEWER, { jti: "abc" })],
    ["of nonsense", "PROOF_INVALID", () => Promise.resolve("nonsense")],
    [
      "with another signature",
      "PROOF_INVALID",
      async () => forgeSignature(await client.proof(VIEWER), await client.proof(VIEWER)),
    ],
    [
      "with another payload",
      "PROOF_INVALID",
      async () => forgePayload(await client.proof(VIEWER), await client.proof(VIEWER)),
    ],
    ["without a signature", "PROOF_INVALID", async () => unsigned(await client.proof(VIEWER))],
    ["signed by another key", "PROOF_KEY_UNKNOWN", () => signedByOther(client)],
    ["of another kind of document", "PROOF_INVALID", () => Promise.resolve(client.cluster.descriptor)],
  ])("refuses a proof %s", async (_, expected, forge) => {
    const answer = await client.send(VIEWER, await forge());
    expect(answer).toMatchObject({ code: expected, status: 401 });
    expect(answer.data).toBeUndefined();
  });

  it("refuses a proof the second time, also when sent at once", async () => {
    const proof = await client.proof(VIEWER);
    expect((await client.send(VIEWER, proof)).code).toBeUndefined();
    expect((await client.send(VIEWER, proof)).code).toBe("PROOF_REPLAYED");
    const race = await client.proof(VIEWER);
    const answers = await Promise.all(Array.from({ length: 8 }, () => client.send(VIEWER, race)));
    expect(answers.filter((answer) => answer.code === undefined)).toHaveLength(1);
  });

  it("tells its time to a caller whose clock is wrong", async () => {
    const { errors } = await client.send(VIEWER, await client.proof(VIEWER, { now: now() - 200 }));
    const { details, definitive } = errors[0]?.extensions ?? {};
    expect(definitive).toBe(false);
    expect(Math.abs((details as { serverTime: number }).serverTime - now())).toBeLessThan(30);
  });

  it("refuses a query string and an encoded body beside a proof", async () => {
    const proof = await client.proof(VIEWER);
    const response = await fetch(`${app.endpoint}?x=1`, {
      method: "POST",
      headers: { "content-type": "application/json", authorization: `Catalog ${proof}` },
      body: VIEWER,
    });
    expect(await response.json()).toMatchObject({ errors: [{ extensions: { code: "PROOF_TARGET_MISMATCH" } }] });
    expect((await client.send(VIEWER, undefined, { "content-encoding": "identity" })).code).toBe("PROOF_BODY_MISMATCH");
  });

  it("refuses tokens and schemes that mean nothing", async () => {
    expect(await app.askAs("A".repeat(43), "{ viewer { kind } }")).toMatchObject({
      status: 401,
      code: "UNAUTHENTICATED",
    });
    expect(await app.send(VIEWER, { authorization: "Basic eDp5" })).toMatchObject({
      status: 401,
      code: "UNAUTHENTICATED",
    });
  });
});

function forgeSignature(proof: string, other: string): string {
  return [...proof.split(".").slice(0, 2), other.split(".")[2]].join(".");
}

function forgePayload(proof: string, other: string): string {
  const [header, , signature] = proof.split(".");
  return [header, other.split(".")[1], signature].join(".");
}

function unsigned(proof: string): string {
  const header = Buffer.from(JSON.stringify({ alg: "none", typ: TYP.request })).toString("base64url");
  return `${header}.${proof.split(".")[1] ?? ""}.`;
}

/** A proof whose claims name the member, by the key of somebody else. */
async function signedByOther(client: MemberClient): Promise<string> {
  const claims = JSON.parse(
    Buffer.from((await client.proof(VIEWER)).split(".")[1] ?? "", "base64url").toString(),
  ) as object;
  return (await signerFrom(await generateIdentity())).sign(TYP.request, claims);
}
