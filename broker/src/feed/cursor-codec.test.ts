import { describe, expect, it } from "vitest";

import type { FeedPosition } from "../domain/feed-position.js";
import { CursorCodec, filterHash } from "./cursor-codec.js";

const position: FeedPosition = {
  epoch: "0b8f7c1e-1111-4222-8333-444455556666",
  mark: "ffffffff-0000-4000-8000-000000000001",
  revision: 2 ** 52 + 1,
  base: 12,
  phase: "LIVE",
};

describe("cursors", () => {
  const codec = new CursorCodec(Buffer.alloc(32, 1));
  const cursor = codec.encode(position, filterHash("x"));

  it("hold what is needed to go on", () => {
    const { epoch, mark, revision, base } = position;
    expect(codec.decode(cursor)).toEqual({ epoch, mark, revision, base, filter: filterHash("x") });
  });

  it("are refused when a single bit differs, when cut, padded, or made with another key", () => {
    const bytes = Buffer.from(cursor, "base64url");
    for (let bit = 0; bit < bytes.length * 8; bit += 1) {
      const changed = Buffer.from(bytes);
      changed[bit >> 3] = (changed[bit >> 3] ?? 0) ^ (1 << (bit & 7));
      expect(() => codec.decode(changed.toString("base64url"))).toThrow("is not a cursor");
    }
    for (const wrong of ["", "AAAA", cursor.slice(1), `${cursor}=`, `${cursor}A`, ` ${cursor}`, "é".repeat(98)]) {
      expect(() => codec.decode(wrong)).toThrow("is not a cursor");
    }
    expect(() => new CursorCodec(Buffer.alloc(32, 2)).decode(cursor)).toThrow("is not a cursor");
  });
});
