import { randomBytes } from "node:crypto";
import type { Clock } from "./clock.js";

/** `bytes` of cryptographic randomness as base64url without padding. */
export function randomId(bytes: number): string {
  return randomBytes(bytes).toString("base64url");
}

/**
 * A UUID of version 7: 48 bits of Unix time in ms, then 74 random bits. Ids sort by the time of their making, to the
 * millisecond. Source: RFC 9562, section 5.7.
 */
export function uuidv7(clock: Clock): string {
  const bytes = randomBytes(16);
  bytes.writeUIntBE(clock.now().getTime(), 0, 6);
  bytes.writeUInt8((bytes.readUInt8(6) & 0x0f) | 0x70, 6);
  bytes.writeUInt8((bytes.readUInt8(8) & 0x3f) | 0x80, 8);
  const hex = bytes.toString("hex");
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join("-");
}
