import { existsSync, readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { CONTRACT_STATES } from "../contract.js";
import { ERROR_CODES, isErrorCode } from "../errors.js";
import { CATALOG_SUBSCRIPTION } from "../feed.js";
import * as operations from "../operations.js";
import { JWE_LIMITS } from "./jwe.js";
import { DOCUMENT_LIMITS } from "./jws.js";

const wire = readFileSync(new URL("../../WIRE.md", import.meta.url), "utf8");
const compact = (text: string): string => text.replace(/\s+/g, " ").trim();

describe("WIRE.md", () => {
  it("has every operation that machines send, in the very words they send", () => {
    const written = [...wire.matchAll(/```graphql\n(.*?)```/gs)].map(([, text = ""]) => compact(text));
    const sent = [...Object.values(operations), CATALOG_SUBSCRIPTION].filter((text) => typeof text === "string");
    expect(written.sort()).toEqual(sent.map(compact).sort());
  });

  it("has the size of every document", () => {
    for (const [typ, limit] of [...Object.entries(DOCUMENT_LIMITS), ...Object.entries(JWE_LIMITS)]) {
      const lines = wire.split("\n").filter((line) => line.includes(`\`${typ}\``));
      expect(
        lines.some((line) => line.includes(limit.toLocaleString("en"))),
        typ,
      ).toBe(true);
    }
  });

  it("names no code that is not in the list, and every transient one", () => {
    const section = /## 10 Errors.*?## 11/s.exec(wire)?.[0] ?? "";
    const transient = Object.keys(ERROR_CODES).filter((code) => isErrorCode(code) && !ERROR_CODES[code].definitive);
    for (const code of transient) expect(section).toContain(`\`${code}\``);
    const states: readonly string[] = CONTRACT_STATES;
    const named = [...wire.matchAll(/`([A-Z]+(?:_[A-Z]+)+)`/g)].map(([, code = ""]) => code);
    for (const code of named) expect(isErrorCode(code) || states.includes(code), code).toBe(true);
  });

  it("points only to files that exist", () => {
    const links = [...wire.matchAll(/\]\(((?:vectors|src)[^)#]*)\)/g)].map(([, link = ""]) => link);
    expect(links.length).toBeGreaterThan(15);
    for (const link of links) expect(existsSync(new URL(`../../${link}`, import.meta.url)), link).toBe(true);
  });
});
