import { createHash, createHmac, timingSafeEqual } from "node:crypto";

import { CatalogError } from "@catalog/schema/errors";

import type { FeedPosition } from "../domain/feed-position.js";

const VERSION = 1;
const BODY = 1 + 16 + 16 + 8 + 8 + 8;
const TAG = 16;

/** What a cursor says. */
export interface CursorContent {
  readonly epoch: string;
  readonly revision: number;
  readonly base: number;
  readonly mark: string;
  /** {@link filterHash} of the subscription's filter. */
  readonly filter: string;
}

/** Hash of a filter's canonical text, as a cursor holds it: 16 hexadecimal digits. */
export function filterHash(canonical: string): string {
  return createHash("sha256").update(canonical).digest("hex").slice(0, 16);
}

/**
 * Cursors of the feed: base64url of version (1 byte), epoch (16), mark (16), revision (8), base (8), filter hash (8) and the first
 * half of an HMAC-SHA-256 over all of it. Opaque to clients, and nobody but the Broker makes one.
 */
export class CursorCodec {
  /** @param key shared by all replicas of the Broker, and different for every Broker. */
  constructor(private readonly key: Buffer) {}

  /** The cursor of a position in the feed with that filter. */
  encode(position: FeedPosition, filter: string): string {
    const body = Buffer.alloc(BODY);
    body.writeUInt8(VERSION, 0);
    body.write(position.epoch.replaceAll("-", ""), 1, "hex");
    body.write(position.mark.replaceAll("-", ""), 17, "hex");
    body.writeBigUInt64BE(BigInt(position.revision), 33);
    body.writeBigUInt64BE(BigInt(position.base), 41);
    body.write(filter, 49, "hex");
    return Buffer.concat([body, this.tag(body)]).toString("base64url");
  }

  /** Throws CURSOR_INVALID for anything that {@link encode} did not make with this key. */
  decode(cursor: string): CursorContent {
    const bytes = Buffer.from(cursor, "base64url");
    const isShaped = bytes.length === BODY + TAG && bytes[0] === VERSION && bytes.toString("base64url") === cursor;
    const body = bytes.subarray(0, BODY);
    if (!isShaped || !timingSafeEqual(bytes.subarray(BODY), this.tag(body))) {
      throw new CatalogError(
        "CURSOR_INVALID",
        "`since` is not a cursor of this Broker's feed; subscribe without it to begin anew.",
      );
    }
    return {
      epoch: uuid(body.subarray(1, 17)),
      mark: uuid(body.subarray(17, 33)),
      revision: Number(body.readBigUInt64BE(33)),
      base: Number(body.readBigUInt64BE(41)),
      filter: body.toString("hex", 49),
    };
  }

  private tag(body: Buffer): Buffer {
    return createHmac("sha256", this.key).update(body).digest().subarray(0, TAG);
  }
}

function uuid(bytes: Buffer): string {
  const hex = bytes.toString("hex");
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join("-");
}
