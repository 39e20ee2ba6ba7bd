import { generateKeyPairSync, sign } from "node:crypto";
import { describe, expect, test } from "vitest";
import { InputInvalidError } from "@catalog/schema/problem";
import type { PeeringMessage } from "../../services/peerings/peering-ports.js";
import { makeCsr, publicKeyOf } from "../csr.js";
import { type AuthParams, identityDigest } from "../forge/handshake.js";
import { settle } from "./testing/fake-liqo.js";
import { contractOf, PlayedPeering } from "./testing/played-peering.js";

const STRANGER = generateKeyPairSync("ed25519").privateKey.export({ type: "pkcs8", format: "pem" }).toString();

async function prepared() {
  const play = new PlayedPeering();
  const contract = play.buy("2 x");
  const ask = async (message: PeeringMessage): Promise<PeeringMessage> =>
    (await play.driver(play.turin).answer(contract, message, null)).reply;
  expect(await ask({ type: "nonce" })).toMatchObject({ type: "pending" });
  settle([play.turin]);
  const { nonce } = (await ask({ type: "nonce" })) as unknown as { nonce: string };
  const parts = {
    type: "tenant",
    publicKey: play.paris.publicKey,
    csr: await makeCsr(play.paris.privateKey, "paris"),
    signature: sign(null, Buffer.from(nonce), play.paris.privateKey).toString("base64"),
  };
  const tenants = (): string[] => play.turin.kube.names().filter((name) => name.startsWith("Tenant"));
  return { play, contract, ask, nonce, parts, tenants };
}

describe("a customer that lies", () => {
  test("about any part of itself: refused, and no Tenant is made", async () => {
    const { ask, nonce, parts, tenants, play } = await prepared();
    const byStranger = sign(null, Buffer.from(nonce), STRANGER).toString("base64");
    const lies: readonly PeeringMessage[] = [
      { ...parts, publicKey: publicKeyOf(STRANGER) },
      { ...parts, csr: await makeCsr(STRANGER, "paris") },
      { ...parts, csr: await makeCsr(play.paris.privateKey, "milan") },
      { ...parts, csr: parts.csr + parts.csr },
      { ...parts, csr: "" },
      { ...parts, signature: byStranger },
      { ...parts, signature: sign(null, Buffer.from(`${nonce}x`), play.paris.privateKey).toString("base64") },
      {
        type: "tenant",
        publicKey: publicKeyOf(STRANGER),
        csr: await makeCsr(STRANGER, "paris"),
        signature: byStranger,
      },
    ];
    for (const lie of lies) expect(await ask(lie), JSON.stringify(lie).slice(0, 80)).toMatchObject({ type: "refused" });
    expect(tenants()).toEqual([]);
    await ask(parts);
    expect(tenants()).toEqual(["Tenant liqo-tenant-paris/paris"]);
  });

  test("with messages that are none", async () => {
    const { ask, parts } = await prepared();
    const bad: readonly unknown[] = [
      null,
      [],
      "nonce",
      {},
      { type: "material" },
      { type: "nonce", more: 1 },
      { ...parts, more: 1 },
      { ...parts, signature: 7 },
      { ...parts, signature: "not base64!" },
      { ...parts, csr: "x".repeat(40_000) },
      { type: "network", cidr: { pod: ["10.0.0.0/99"], external: [] }, publicKey: null },
      { type: "network", cidr: { pod: "x", external: [] }, publicKey: null },
      ...[
        "0.0.0.0/0",
        "10.0.0.0/7",
        "127.0.0.0/8",
        "169.254.0.0/16",
        "224.0.0.0/8",
        "::/0",
        "fe80::/64",
        "::1/128",
      ].map((range) => ({ type: "network", cidr: { pod: [range], external: [] }, publicKey: null })),
      { type: "nonce", deep: JSON.parse(`${"[".repeat(16_000)}${"]".repeat(16_000)}`) as unknown },
      { type: "network", cidr: { pod: [], external: [] }, publicKey: "c2hvcnQ=" },
    ];
    for (const message of bad)
      await expect(ask(message as PeeringMessage), nameOf(message)).rejects.toThrow(InputInvalidError);
  });

  test("a contract without a key, of the same cluster, or with an id that is none", async () => {
    const { play, parts } = await prepared();
    const driver = play.driver(play.turin);
    const contract = contractOf("1 x", play.paris, play.turin);
    const keyless = { ...contract, buyer: { ...contract.buyer, liqo: { mode: "v1", version: null } } };
    expect((await driver.answer(keyless, parts, null)).reply).toMatchObject({ type: "refused" });
    const own = { ...contract, buyer: { ...contract.buyer, clusterID: "turin" } };
    expect((await driver.answer(own, parts, null)).reply).toMatchObject({ type: "refused" });
    const bad = { ...contract, buyer: { ...contract.buyer, clusterID: "../kube-system" } };
    await expect(driver.answer(bad, { type: "nonce" }, null)).rejects.toThrow("cannot be used");
  });
});

describe("a customer that tells the truth", () => {
  test("gets the same answer again and again, and one Tenant", async () => {
    const { play, ask, parts, tenants } = await prepared();
    expect(await ask(parts)).toMatchObject({ type: "pending" });
    settle([play.turin]);
    const first = await ask(parts);
    expect(first).toMatchObject({
      type: "identity",
      namespace: "liqo-tenant-paris",
      authParams: { apiServer: "https://turin.example" },
    });
    const version = JSON.stringify([...play.turin.kube.objects.values()]);
    expect(await ask(parts)).toEqual(first);
    expect(JSON.stringify([...play.turin.kube.objects.values()])).toBe(version);
    expect(tenants()).toHaveLength(1);
    const told = await ask({ type: "status" });
    expect(told).toMatchObject({ type: "status", hasTenant: true });
    const { namespace, authParams } = first as unknown as { namespace: string; authParams: AuthParams };
    expect(told["identity"]).toBe(identityDigest(namespace, authParams as unknown as Record<string, unknown>));
  });

  test("gets no identity of a Tenant that is being removed, and that of the next one", async () => {
    const { play, ask, parts } = await prepared();
    await ask(parts);
    settle([play.turin]);
    const { kube } = play.turin;
    const ref = { apiVersion: "authentication.liqo.io/v1beta1", kind: "Tenant", namespace: "liqo-tenant-paris" };
    const tenant = kube.peek({ ...ref, name: "paris" });
    if (tenant === undefined) throw new Error("no Tenant");
    const deletionTimestamp = "2026-01-01T00:00:00Z";
    kube.put({ ...tenant, metadata: { ...tenant.metadata, finalizers: ["liqo"], deletionTimestamp } });
    expect(await ask(parts)).toMatchObject({ type: "pending" });
    kube.drop(tenant);
    expect(await ask(parts)).toMatchObject({ type: "pending" });
    settle([play.turin]);
    expect(await ask(parts)).toMatchObject({ type: "identity" });
  });

  test("is not mixed up with a Tenant made by hand, nor with another cluster's in its namespace", async () => {
    for (const clusterID of ["paris", "milan"]) {
      const { play, ask, parts } = await prepared();
      play.turin.kube.put({
        apiVersion: "authentication.liqo.io/v1beta1",
        kind: "Tenant",
        metadata: { name: "by-hand", namespace: "liqo-tenant-paris" },
        spec: { clusterID },
      });
      expect(await ask(parts)).toMatchObject({ type: "refused" });
    }
  });

  test("says that it is down", async () => {
    const { play, contract } = await prepared();
    const { reply, state } = await play.driver(play.turin).answer(contract, { type: "ended" }, { waits: {} });
    expect(reply).toEqual({ type: "ended" });
    expect(state).toMatchObject({ isPeerDown: true });
  });
});

function nameOf(message: unknown): string {
  const isDeep = typeof message === "object" && message !== null && "deep" in message;
  return isDeep ? "deep" : JSON.stringify(message).slice(0, 60);
}
