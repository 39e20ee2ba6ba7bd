import { describe, expect, it } from "vitest";
import { isDriven, peerability } from "./peerability.js";

const liqo = (text: string) => {
  const [mode = "", version = "?"] = text.split(" ");
  return { mode, version: version === "?" ? null : version };
};

describe("peerability", () => {
  it.each([
    ["v1 1.2.0", "v1 1.2.3", true, null],
    ["v1 v1.2.0", "v1 1.2.0-rc.1", true, null],
    ["v0.9 0.9.2", "v0.9 0.9.4", true, null],
    ["v1 1.2.0", "v1 1.1.0", false, "minor version"],
    ["v1 1.2.0", "v1 1.20.0", false, "minor version"],
    ["v0.9 0.9.2", "v0.9 0.10.3", false, "minor version"],
    ["v0.8 0.7.0", "v0.8 0.8.1", false, "minor version"],
    ["v0.8 0.8.1", "v0.9 0.9.2", false, "This cluster has Liqo 0.8.1, the other one Liqo 0.9.2"],
    ["v0.9 ?", "v1 1.2.0", false, "Liqo 0.9–0.10"],
    ["v1 1.2.0", "v1 ?", true, "the other cluster has is not known"],
    ["v1 ?", "v1 1.2.0", true, "this cluster has is not known"],
    ["manual 1.2.0", "v1 1.2.9", true, null],
    ["manual 1.1.0", "v1 1.2.0", true, "Talk to the other admin"],
    ["manual ?", "v1 1.2.0", true, "Which Liqo this cluster has"],
    ["v1 1.2.0", "manual ?", true, "Which Liqo the other cluster has"],
    ["v1 1.2.0", "auto ?", true, "Which Liqo the other cluster has"],
    ["v1 1.2.0", "constructor ?", true, "Which Liqo the other cluster has"],
    ["v1 1.2.0", "v2 2.0.0", true, "Talk to the other admin"],
    ["manual ?", "manual ?", true, "Which Liqo this cluster has"],
  ])("%s with %s: %s", (own, other, ok, reason) => {
    const found = peerability(liqo(own), liqo(other));
    expect(found.ok).toBe(ok);
    if (reason === null) expect(found.reason).toBeNull();
    else expect(found.reason).toContain(reason);
    expect(peerability(liqo(other), liqo(own)).ok).toBe(ok);
  });
});

describe("isDriven", () => {
  it.each([
    ["v0.8 0.7.2", true],
    ["v0.8 0.9.0", false],
    ["v0.9 0.10.3", true],
    ["v0.9 0.1.0", false],
    ["v1 1.0.0", true],
    ["v1 0.10.0", false],
    ["v1 ?", true],
    ["manual 0.5.0", true],
    ["v1 nonsense", true],
  ])("%s: %s", (text, expected) => {
    expect(isDriven(liqo(text))).toBe(expected);
  });
});
