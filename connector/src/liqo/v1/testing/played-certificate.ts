import { createPublicKey, generateKeyPairSync, sign } from "node:crypto";

const ED25519 = Buffer.from("300506032b6570", "hex");
const authority = generateKeyPairSync("ed25519");

/** A certificate (RFC 5280, version 1) for that key and common name, PEM; nobody knows who signed it. */
export function certificateFor(publicKey: string, commonName: string): string {
  const spki = createPublicKey(publicKey).export({ type: "spki", format: "der" });
  const validity = der(0x30, ...["200101000000Z", "491231235959Z"].map((time) => der(0x17, Buffer.from(time))));
  const serial = der(0x02, Buffer.from([1]));
  const content = der(0x30, serial, ED25519, name("played"), validity, name(commonName), spki);
  const signature = sign(null, content, authority.privateKey);
  const certificate = der(0x30, content, ED25519, der(0x03, Buffer.from([0]), signature));
  const lines = certificate.toString("base64").match(/.{1,64}/g) ?? [];
  return `-----BEGIN CERTIFICATE-----\n${lines.join("\n")}\n-----END CERTIFICATE-----\n`;
}

function name(commonName: string): Buffer {
  const attribute = der(0x30, Buffer.from("0603550403", "hex"), der(0x0c, Buffer.from(commonName)));
  return der(0x30, der(0x31, attribute));
}

function der(tag: number, ...parts: readonly Uint8Array[]): Buffer {
  const content = Buffer.concat(parts);
  const { length } = content;
  const header = length < 0x80 ? [length] : length < 0x100 ? [0x81, length] : [0x82, length >> 8, length & 0xff];
  return Buffer.concat([Buffer.from([tag, ...header]), content]);
}
