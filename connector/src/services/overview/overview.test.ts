import { describe, expect, it } from "vitest";
import type { Broker } from "../../domain/broker.js";
import { sampleContract } from "../../testing/sample-contract.js";
import type { BrokerState } from "../brokers/broker.service.js";
import type { PeeringView } from "../peerings/peering.service.js";
import { brokerAway, contractExpiring, mostUrgentFirst, peeringFailed, warning } from "./attention-list.js";
import { federationOf } from "./federation.js";

const broker = (changes: Partial<Broker>, isConnected: boolean, lastError: string | null = null): BrokerState =>
  ({
    broker: { brokerID: "b", brokerName: "Board", isSubscribed: true, membership: "ADMITTED", ...changes },
    health: { isConnected, lastError, lastErrorAt: null, publishError: null },
  }) as BrokerState;
const peering = (phase: string, side: "CUSTOMER" | "PROVIDER"): PeeringView =>
  ({
    peering: {
      peeringID: "p",
      side,
      peer: { fingerprint: "fingerprint of paris", prettyName: "Paris" },
      phaseSince: 7,
      report: { phase, message: "m", whatToDo: "w" },
    },
    contracts: [sampleContract({ state: "ACTIVE" })],
  }) as unknown as PeeringView;

describe("what needs attention", () => {
  it("is a Broker that should be there and is not", () => {
    expect(brokerAway(broker({}, true))).toBeUndefined();
    expect(brokerAway(broker({ isSubscribed: false }, false))).toBeUndefined();
    expect(brokerAway(broker({}, false, "refused"))).toMatchObject({ kind: "BROKER_AWAY", message: "refused" });
  });

  it("is a peering that does not go on, with what the side it is on can do", () => {
    expect(peeringFailed(peering("WAITING", "CUSTOMER"))).toBeUndefined();
    expect(peeringFailed(peering("FAILED", "CUSTOMER"))).toMatchObject({
      action: "createPeering",
      message: "w",
      at: 7,
    });
    expect(peeringFailed(peering("FAILED", "PROVIDER"))).toMatchObject({ action: null, severity: "ERROR" });
  });

  it("is a contract that ends, more so on its last day", () => {
    const ending = (left: number) => contractExpiring(sampleContract({ validUntil: 1_000_000 + left }), 1_000_000);
    expect([ending(86_400).severity, ending(86_399).severity]).toEqual(["WARNING", "ERROR"]);
  });

  it("is what the diagnostics warn of, the most urgent first", () => {
    const finding = (severity: "INFO" | "WARNING" | "ERROR", ok = false) =>
      warning({ check: severity, ok, severity, message: "m", whatToDo: null });
    expect(finding("INFO")).toBeUndefined();
    expect(finding("ERROR", true)).toBeUndefined();
    const items = [finding("WARNING"), finding("ERROR")].flatMap((one) => one ?? []);
    expect(mostUrgentFirst(items).map(({ subject }) => subject)).toEqual(["ERROR", "WARNING"]);
  });
});

describe("the map", () => {
  it("adds up what flows between two clusters, and shows how the peering is", () => {
    const facts = {
      self: { fingerprint: "me", name: "Turin", clusterID: null },
      brokers: [broker({ membership: "PENDING" }, true), broker({ brokerID: "c" }, false)],
      contracts: [sampleContract({ state: "ACTIVE" }), sampleContract({ state: "ACTIVE" })],
      peerings: [peering("FAILED", "PROVIDER"), peering("ESTABLISHED", "CUSTOMER")],
      isAlive: () => false,
    };
    const { nodes, edges } = federationOf(facts);
    expect(nodes.map(({ id, health }) => `${id} ${health}`)).toEqual([
      "me OK",
      "b OK",
      "c AWAY",
      "fingerprint of paris AWAY",
    ]);
    expect(edges).toMatchObject([
      { kind: "MEMBERSHIP", health: "DEGRADED" },
      { kind: "MEMBERSHIP", health: "AWAY" },
      {
        kind: "SALE",
        from: "me",
        to: "fingerprint of paris",
        contracts: 2,
        resources: { cpu: "8", memory: "16Gi" },
        health: "AWAY",
        peeringPhase: "FAILED",
      },
    ]);
  });
});
