import { generateKeyPairSync, sign, webcrypto } from "node:crypto";
import "reflect-metadata";
import * as x509 from "@peculiar/x509";
import { describe, expect, test } from "vitest";
import { csrFieldSize, pemOf, requestInfos, requestOf } from "./csr-der.js";
import {
  certificateProblem,
  checkCsr,
  csrKeyTypeOf,
  CsrRefusedError,
  isNonceSignature,
  isSameKey,
  makeCsr,
  publicKeyOf,
} from "./csr.js";
import { certificateFor } from "./v1/testing/played-certificate.js";

const CLUSTER = "paris-7f3a";
const ED = pairOf("ed25519");
const RSA = pairOf("rsa");

function pairOf(kind: "ed25519" | "rsa"): { privateKey: string; publicKey: string } {
  const { privateKey } =
    kind === "rsa" ? generateKeyPairSync("rsa", { modulusLength: 2048 }) : generateKeyPairSync("ed25519");
  const pem = privateKey.export({ type: "pkcs8", format: "pem" }).toString();
  return { privateKey: pem, publicKey: publicKeyOf(pem) };
}

const expected = { clusterID: CLUSTER, publicKey: ED.publicKey };

async function webKeys(): Promise<webcrypto.CryptoKeyPair & { pem: string }> {
  const pair = (await webcrypto.subtle.generateKey({ name: "Ed25519" }, true, [
    "sign",
    "verify",
  ])) as webcrypto.CryptoKeyPair;
  const pem = new x509.PublicKey(await webcrypto.subtle.exportKey("spki", pair.publicKey)).toString("pem");
  return { privateKey: pair.privateKey, publicKey: pair.publicKey, pem: `${pem}\n` };
}

interface Forgery {
  readonly name: x509.JsonName;
  readonly extensions?: x509.Extension[];
  readonly attributes?: x509.Attribute[];
}

async function forged({ name, ...rest }: Forgery): Promise<{ pem: string; publicKey: string }> {
  const { pem, ...keys } = await webKeys();
  const request = await x509.Pkcs10CertificateRequestGenerator.create({
    name,
    keys,
    signingAlgorithm: { name: "Ed25519" },
    ...rest,
  });
  return { pem: pemOf(Buffer.from(request.rawData)), publicKey: pem };
}

describe("the request that is made", () => {
  test.each([
    ["Ed25519", ED],
    ["RSA", RSA],
  ])("%s: is accepted, and the same at every time", async (_, pair) => {
    const csr = await makeCsr(pair.privateKey, CLUSTER);
    checkCsr(csr, { clusterID: CLUSTER, publicKey: pair.publicKey });
    expect(await makeCsr(pair.privateKey, CLUSTER)).toBe(csr);
  });

  test("is read by another library as exactly one name and one organisation, with a signature that holds", async () => {
    const request = new x509.Pkcs10CertificateRequest(await makeCsr(ED.privateKey, CLUSTER));
    expect(request.subject).toBe(`O=liqo.io, CN=${CLUSTER}`);
    expect(await request.verify()).toBe(true);
  });

  test("a key of another kind is refused", async () => {
    const { privateKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
    await expect(makeCsr(privateKey.export({ type: "pkcs8", format: "pem" }).toString(), CLUSTER)).rejects.toThrow(
      /neither/,
    );
  });

  test.each([1, 20, 51, 63, 100, 110, 120, 130, 180, 230, 253])(
    "its size is known from the names: %i characters",
    async (length) => {
      const commonName = "c".repeat(length);
      for (const [pair, type] of [
        [ED, "ed25519"],
        [RSA, "rsa-2048"],
      ] as const) {
        const csr = await makeCsr(pair.privateKey, commonName);
        const size = csrFieldSize({ commonName, organization: "liqo.io" }, type);
        expect(Buffer.from(csr).toString("base64")).toHaveLength(size);
      }
    },
  );
});

describe("a request that is refused", () => {
  const CN = { CN: [CLUSTER] };
  const O = { O: ["liqo.io"] };
  const cases: readonly (readonly [string, Forgery, RegExp])[] = [
    ["another cluster's name", { name: [O, { CN: ["milan"] }] }, /common name/],
    ["two common names", { name: [O, CN, { CN: ["admin"] }] }, /common name/],
    ["no common name", { name: [O] }, /common name/],
    ["a second organisation", { name: [O, { O: ["system:masters"] }, CN] }, /organisation/],
    ["a second organisation in the same set", { name: [{ O: ["liqo.io", "system:masters"] }, CN] }, /organisation/],
    ["a second organisation at the end", { name: [O, CN, { O: ["devops"] }] }, /organisation/],
    ["another organisation", { name: [{ O: ["system:masters"] }, CN] }, /organisation/],
    ["no organisation", { name: [CN] }, /organisation/],
    ["one more name", { name: [O, CN, { OU: ["x"] }] }, /more than/],
    ["name and organisation in one set", { name: [{ ...O, ...CN }] }, /encoded/],
    ["an extension", { name: [O, CN], extensions: [new x509.BasicConstraintsExtension(true)] }, /extensions/],
    [
      "an alternative name",
      { name: [O, CN], extensions: [new x509.SubjectAlternativeNameExtension([{ type: "dns", value: "a.example" }])] },
      /extensions/,
    ],
    ["a challenge password", { name: [O, CN], attributes: [new x509.ChallengePasswordAttribute("x")] }, /attributes/],
  ];

  test("but one with these two names in either order and no more is accepted", async () => {
    for (const name of [
      [O, CN],
      [CN, O],
    ]) {
      const { pem, publicKey } = await forged({ name });
      checkCsr(pem, { clusterID: CLUSTER, publicKey });
    }
  });

  test.each(cases)("%s", async (_, forgery, reason) => {
    const { pem, publicKey } = await forged(forgery);
    expect(() => checkCsr(pem, { clusterID: CLUSTER, publicKey })).toThrow(reason);
  });

  test("another key than the contract's", async () => {
    const csr = await makeCsr(pairOf("ed25519").privateKey, CLUSTER);
    expect(() => checkCsr(csr, expected)).toThrow(/not the one in the contract/);
    const rsa = await makeCsr(RSA.privateKey, CLUSTER);
    expect(() => checkCsr(rsa, expected)).toThrow(CsrRefusedError);
  });

  test("a signature by another key, or over something else", () => {
    const spki = new x509.PublicKey(ED.publicKey).rawData;
    const info = requestInfos({ commonName: CLUSTER, organization: "liqo.io" }, new Uint8Array(spki))[0];
    if (info === undefined) throw new Error("no info");
    const good = pemOf(requestOf(info, "ed25519", sign(null, info, ED.privateKey)));
    checkCsr(good, expected);
    const byOther = pemOf(requestOf(info, "ed25519", sign(null, info, pairOf("ed25519").privateKey)));
    expect(() => checkCsr(byOther, expected)).toThrow(/signature/);
    const overOther = pemOf(requestOf(info, "ed25519", sign(null, Buffer.from("x"), ED.privateKey)));
    expect(() => checkCsr(overOther, expected)).toThrow(/signature/);
  });

  test("every single bit that is turned", { timeout: 60_000 }, async () => {
    const csr = await makeCsr(ED.privateKey, CLUSTER);
    const bytes = Buffer.from(csr.split("\n").slice(1, -2).join(""), "base64");
    const taken: number[] = [];
    for (let bit = 0; bit < bytes.length * 8; bit++) {
      const turned = Buffer.from(bytes);
      turned.writeUInt8(turned.readUInt8(bit >> 3) ^ (1 << (bit & 7)), bit >> 3);
      try {
        checkCsr(pemOf(turned), expected);
        taken.push(bit);
      } catch (error) {
        if (!(error instanceof CsrRefusedError)) throw error;
      }
    }
    expect(taken).toEqual([]);
  });

  test("bytes after it, in DER and in PEM; too large; not PEM", async () => {
    const csr = await makeCsr(ED.privateKey, CLUSTER);
    const bytes = Buffer.from(csr.split("\n").slice(1, -2).join(""), "base64");
    expect(() => checkCsr(pemOf(Buffer.concat([bytes, Buffer.from([0])])), expected)).toThrow(CsrRefusedError);
    expect(() => checkCsr(csr + csr, expected)).toThrow(/more than one/);
    expect(() => checkCsr(`x\n${csr}`, expected)).toThrow(/not PEM/);
    expect(() => checkCsr(csr.replaceAll("\n", "\r\n"), expected)).toThrow(CsrRefusedError);
    expect(() => checkCsr("x".repeat(5000), expected)).toThrow(/longer/);
    expect(() => checkCsr("", expected)).toThrow(/not PEM/);
  });
});

describe("keys and nonces", () => {
  test("keys are compared by what they are, not how they are written", () => {
    expect(isSameKey(ED.publicKey, ED.publicKey.trim())).toBe(true);
    expect(isSameKey(ED.publicKey, RSA.publicKey)).toBe(false);
    expect(isSameKey(`${ED.publicKey}${RSA.publicKey}`, ED.publicKey)).toBe(false);
    expect(isSameKey(ED.publicKey.replaceAll("\n", "\r\n"), ED.publicKey)).toBe(false);
    expect(isSameKey(ED.publicKey, "nonsense")).toBe(false);
    expect(isSameKey(ED.publicKey, ED.privateKey)).toBe(false);
  });

  test("a key is of one of two kinds, or none that is used", () => {
    expect(csrKeyTypeOf(ED.publicKey)).toBe("ed25519");
    expect(csrKeyTypeOf(RSA.publicKey)).toBe("rsa-2048");
    for (const none of [undefined, "", "nonsense", `${ED.publicKey}${RSA.publicKey}`])
      expect(csrKeyTypeOf(none)).toBeUndefined();
  });

  test("a nonce is signed as text by the right key", () => {
    const nonce = Buffer.alloc(64, 7).toString("base64");
    const ed = sign(null, Buffer.from(nonce), ED.privateKey);
    const rsa = sign("sha256", Buffer.from(nonce), RSA.privateKey);
    expect(isNonceSignature(nonce, ed, ED.publicKey)).toBe(true);
    expect(isNonceSignature(nonce, rsa, RSA.publicKey)).toBe(true);
    expect(rsa).toHaveLength(256);
    expect(isNonceSignature(`${nonce}x`, ed, ED.publicKey)).toBe(false);
    expect(isNonceSignature(nonce, ed, RSA.publicKey)).toBe(false);
  });
});

describe("the certificate that comes back", () => {
  const base64 = (pem: string): string => Buffer.from(pem).toString("base64");

  test("is the one for this cluster's key and name, and no other", () => {
    expect(certificateProblem(base64(certificateFor(ED.publicKey, CLUSTER)), expected)).toBeUndefined();
    const rsa = { ...expected, publicKey: RSA.publicKey };
    expect(certificateProblem(base64(certificateFor(RSA.publicKey, CLUSTER)), rsa)).toBeUndefined();
    expect(certificateProblem(base64(certificateFor(RSA.publicKey, CLUSTER)), expected)).toContain("key of another");
    expect(certificateProblem(base64(certificateFor(ED.publicKey, "milan")), expected)).toContain("names another");
    for (const garbage of ["", "eA==", base64("-----BEGIN CERTIFICATE-----\n"), base64(ED.publicKey)])
      expect(certificateProblem(garbage, expected)).toBe("cannot be read");
  });
});
