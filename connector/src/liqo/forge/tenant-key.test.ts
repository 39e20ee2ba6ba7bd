import { generateKeyPairSync } from "node:crypto";
import { expect, test } from "vitest";
import { keyOfTenant, tenantKey } from "./tenant-key.js";

const pemOf = (type: "ed25519" | "rsa"): string => {
  const { publicKey } =
    type === "rsa" ? generateKeyPairSync("rsa", { modulusLength: 2048 }) : generateKeyPairSync(type);
  return publicKey.export({ type: "spki", format: "pem" }).toString();
};

test("an Ed25519 key stands in a Tenant as its 32 bytes, and is read back as the same key", () => {
  const pem = pemOf("ed25519");
  expect(Buffer.from(tenantKey(pem), "base64")).toHaveLength(32);
  expect(keyOfTenant(tenantKey(pem))).toBe(pem);
});

test("an RSA key stands there as PEM, and a PEM of Ed25519 that somebody else wrote is read too", () => {
  for (const pem of [pemOf("rsa"), pemOf("ed25519")])
    expect(keyOfTenant(Buffer.from(pem).toString("base64"))).toBe(pem);
  const rsa = pemOf("rsa");
  expect(Buffer.from(tenantKey(rsa), "base64").toString()).toBe(rsa);
});
