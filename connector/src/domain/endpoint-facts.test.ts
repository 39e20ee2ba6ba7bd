import { describe, expect, it } from "vitest";
import { endpointFacts, isAcceptedByForeignCluster } from "./endpoint-facts.js";

describe("what an address tells", () => {
  it.each([
    ["http://localhost:6003", { isLoopback: true, isPrivate: false, isHttps: false }],
    ["https://127.8.0.1", { isLoopback: true, isPrivate: false, isHttps: true }],
    ["https://[::1]:6003/graphql", { isLoopback: true, isPrivate: false, isHttps: true }],
    ["https://172.31.0.1", { isLoopback: false, isPrivate: true, isHttps: true }],
    ["https://172.32.0.1", { isLoopback: false, isPrivate: false, isHttps: true }],
    ["https://[fd00::1]", { isLoopback: false, isPrivate: true, isHttps: true }],
    ["https://10.example.org", { isLoopback: false, isPrivate: false, isHttps: true }],
  ])("%s", (address, facts) => expect(endpointFacts(address)).toEqual(facts));
});

describe("a Liqo address that a customer's ForeignCluster takes", () => {
  it.each([
    ["https://203.0.113.7:32000", true],
    ["liqo.example.cloud", true],
    ["https://x.svc.cluster.local", true],
    ["https://localhost:8443", false],
    ["https://[2001:db8::1]", false],
    ["https://liqo.internal", false],
    ["https://liqo.technology", false],
  ])("%s: %s", (address, isAccepted) => expect(isAcceptedByForeignCluster(address)).toBe(isAccepted));
});
