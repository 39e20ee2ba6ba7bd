import "reflect-metadata";
import { webcrypto } from "node:crypto";
import * as x509 from "@peculiar/x509";
import type { HostileCustomer, TenantMessage } from "./hostile-customer.js";
import { base64 } from "./rig/kube-object.js";
import { type LiqoKeys, newLiqoKeys, signingRequest, signNonce } from "./stand-in/liqo-keys.js";

const ED25519 = { name: "Ed25519" };
const HEADER = "-----BEGIN CERTIFICATE REQUEST-----\n";
const FOOTER = "-----END CERTIFICATE REQUEST-----\n";

/** One lie of a customer about itself, and a part of what the provider answers to it. */
export type Lie = readonly [what: string, message: Partial<TenantMessage>, reason: RegExp];

/** Everything that a customer may say wrongly of itself, each with everything else right. */
export async function liesOf(customer: HostileCustomer, nonce: string): Promise<readonly Lie[]> {
  const { keys, clusterID } = customer;
  const other = newLiqoKeys();
  const honest = (await customer.introduction(nonce)).csr;
  const ofNames = (names: x509.JsonName, rest: object = {}): Promise<string> => requestFor(keys, names, rest);
  const own = { O: ["liqo.io"] };
  const name = { CN: [clusterID] };
  const der = Buffer.from(honest.slice(HEADER.length, -FOOTER.length), "base64");
  const csr = (what: string, text: string, reason: RegExp): Lie => [what, { csr: text }, reason];
  return [
    ["a key that is not the contract's", { publicKey: other.publicKey }, /key is not the one that the contract names/],
    ["a key with something behind it", { publicKey: `${keys.publicKey}${other.publicKey}` }, /key is not the one/],
    ["no key", { publicKey: "" }, /key is not the one/],
    csr("the name of another cluster", await signingRequest(keys, "milan", ["liqo.io"]), /common name must be/),
    csr("another cluster's request", await signingRequest(other, "milan", ["liqo.io"]), /common name must be/),
    csr("another key in the request", await signingRequest(other, clusterID, ["liqo.io"]), /key is not the one/),
    csr(
      "a second organisation",
      await signingRequest(keys, clusterID, ["liqo.io", "operators"]),
      /organisation must be/,
    ),
    csr("masters as second", await signingRequest(keys, clusterID, ["liqo.io", "system:masters"]), /organisation must/),
    csr("masters alone", await signingRequest(keys, clusterID, ["system:masters"]), /organisation must be/),
    csr("no organisation", await signingRequest(keys, clusterID, []), /organisation must be/),
    csr("two organisations in one set", await ofNames([{ O: ["liqo.io", "operators"] }, name]), /refused/),
    csr("a second common name", await ofNames([own, name, { CN: ["admin"] }]), /common name must be/),
    csr("a unit besides", await ofNames([own, name, { OU: ["operators"] }]), /names more than/),
    csr("an extension", await ofNames([own, name], { extensions: [alternative()] }), /attributes or extensions/),
    csr("an attribute", await ofNames([own, name], { attributes: [password()] }), /attributes or extensions/),
    csr("bytes behind it", pem(Buffer.concat([der, Buffer.from([0])])), /not encoded as Liqo encodes it|bytes follow/),
    csr("another request behind it", `${honest}${honest}`, /more than one request/),
    csr("text before it", `x\n${honest}`, /not PEM/),
    csr("garbage in PEM", pem(Buffer.from("garbage")), /cannot be read/),
    csr("nothing in PEM", `${HEADER}${FOOTER}`, /refused/),
    csr("a flipped bit", pem(flipped(der, 20)), /refused/),
    csr("a broken signature", pem(flipped(der, der.length - 1)), /signature does not hold/),
    csr("no PEM", base64(der), /not PEM/),
    ["the signature of another nonce", { signature: customer.signed(`${nonce}x`) }, /not over the present nonce/],
    ["a signature by another key", { signature: base64(signNonce(other.privateKey, nonce)) }, /not over the present/],
    ["a signature that is too short", { signature: "AAAA" }, /not over the present nonce/],
    [
      "everything of another cluster",
      {
        publicKey: other.publicKey,
        csr: await signingRequest(other, clusterID, ["liqo.io"]),
        signature: base64(signNonce(other.privateKey, nonce)),
      },
      /key is not the one that the contract names/,
    ],
  ];
}

async function requestFor(keys: LiqoKeys, name: x509.JsonName, rest: object): Promise<string> {
  const bytes = (text: string): ArrayBuffer => x509.PemConverter.decodeFirst(text);
  const privateKey = await webcrypto.subtle.importKey("pkcs8", bytes(keys.privateKey), ED25519, true, ["sign"]);
  const publicKey = await webcrypto.subtle.importKey("spki", bytes(keys.publicKey), ED25519, true, ["verify"]);
  const request = await x509.Pkcs10CertificateRequestGenerator.create({
    name,
    keys: { privateKey, publicKey },
    signingAlgorithm: ED25519,
    ...rest,
  });
  return `${request.toString("pem")}\n`;
}

function alternative(): x509.Extension {
  return new x509.SubjectAlternativeNameExtension([{ type: "dns", value: "kubernetes.default.svc" }]);
}

function password(): x509.Attribute {
  return new x509.ChallengePasswordAttribute("let me in");
}

function pem(bytes: Buffer): string {
  const lines = bytes.toString("base64").match(/.{1,64}/g) ?? [];
  return `${HEADER}${lines.map((line) => `${line}\n`).join("")}${FOOTER}`;
}

function flipped(bytes: Buffer, at: number): Buffer {
  const changed = Buffer.from(bytes);
  changed[at] = (changed[at] ?? 0) ^ 1;
  return changed;
}
