import { sampleContract } from "../../testing/sample-contract.js";
import { describe, expect, it } from "vitest";
import { diagnose } from "./diagnostic-checks.js";
import type { Facts } from "./diagnosis.js";
import type { BrokerState } from "../brokers/broker.service.js";

const BROKER: BrokerState = {
  broker: {
    brokerID: "B",
    brokerName: "Alps",
    brokerEndpoint: "https://broker.example",
    descriptor: "",
    tlsSpki: null,
    membership: "ADMITTED",
    isSubscribed: true,
    isDeclared: false,
    registeredAt: 0,
    syncedAt: 0,
  },
  health: {
    isConnected: true,
    lastError: null,
    lastErrorAt: null,
    lastMessageAt: null,
    connectedAt: null,
    refusedDocuments: 0,
    lastRefusal: null,
    announcedAt: null,
    publishError: null,
  },
};

const CAPACITY = {
  refuseBeyondCapacity: false,
  measuredAt: 1_700_000_000,
  unknownBecause: null,
  overcommitted: [],
  overdeclared: [],
  hasMeasuredOffers: true,
};

const FINE: Facts = {
  isDatabaseThere: true,
  isInitialised: true,
  contractEndpoint: "https://catalog.example.org:6003",
  brokers: [BROKER],
  clockOffsets: new Map([["B", 0]]),
  probes: [{ brokerName: "Alps", reachable: true, message: null }],
  parameters: { clusterID: "c", clusterName: "n", endpoint: "https://203.0.113.7", token: null },
  liqo: { mode: "v0.8", version: "0.8.1" },
  safety: { isSellingAllowed: true, risks: [] },
  plugin: { wire: "v0.8", subscribers: 1 },
  offersListed: 2,
  capacity: CAPACITY,
  ledger: { overdue: [], undecided: [], underOtherID: [] },
  declarations: null,
};

const broker = (changes: {
  broker?: Partial<BrokerState["broker"]>;
  health?: Partial<BrokerState["health"]>;
}): BrokerState => ({
  broker: { ...BROKER.broker, ...changes.broker },
  health: { ...BROKER.health, ...changes.health },
});

describe("diagnostics", () => {
  it("find nothing wrong where nothing is", () => {
    const found = diagnose(FINE);
    expect(found.filter(({ ok }) => !ok)).toEqual([]);
    expect(found.length).toBeGreaterThan(8);
    expect(found.every(({ whatToDo }) => whatToDo === null)).toBe(true);
  });

  const cases: [name: string, facts: Partial<Facts>, check: string, severity: string][] = [
    [
      "a policy that is missing",
      { safety: { isSellingAllowed: false, risks: [{ message: "The policy is missing.", whatToDo: "Apply it." }] } },
      "liqo.policies",
      "ERROR",
    ],
    [
      "policies that were not looked at yet",
      { liqo: { mode: "v1", version: null }, safety: { isSellingAllowed: false, risks: [] } },
      "liqo.policies",
      "WARNING",
    ],
    ["a database that is away", { isDatabaseThere: false }, "database", "ERROR"],
    ["a cluster without a name", { isInitialised: false, contractEndpoint: null }, "initialised", "ERROR"],
    ["a loopback endpoint", { contractEndpoint: "http://localhost:6003" }, "contractEndpoint.address", "WARNING"],
    [
      "an endpoint without TLS",
      { contractEndpoint: "http://catalog.example.org" },
      "contractEndpoint.address",
      "ERROR",
    ],
    ["a private endpoint", { contractEndpoint: "https://10.1.2.3:6003" }, "contractEndpoint.address", "WARNING"],
    [
      "a closed firewall",
      { probes: [{ brokerName: "Alps", reachable: false, message: "no answer" }] },
      "contractEndpoint.reachable",
      "ERROR",
    ],
    [
      "a Broker that cannot probe",
      { probes: [{ brokerName: "Alps", reachable: null, message: "later" }] },
      "contractEndpoint.reachable",
      "INFO",
    ],
    ["no Broker at all", { brokers: [] }, "brokers", "WARNING"],
    [
      "a Broker that is away",
      { brokers: [broker({ health: { isConnected: false, lastError: "refused" } })] },
      "brokers",
      "ERROR",
    ],
    [
      "a Broker that has not decided",
      { brokers: [broker({ broker: { membership: "PENDING" } })] },
      "brokers",
      "WARNING",
    ],
    ["a Broker that is switched off", { brokers: [broker({ broker: { isSubscribed: false } })] }, "brokers", "INFO"],
    ["a clock that is off", { clockOffsets: new Map([["B", -120]]) }, "clock", "WARNING"],
    [
      "offers that a Broker refuses",
      { brokers: [broker({ health: { publishError: "OFFER_LIMIT_REACHED" } })] },
      "publishing",
      "WARNING",
    ],
    [
      "forged documents",
      { brokers: [broker({ health: { refusedDocuments: 3, lastRefusal: "forged" } })] },
      "documents",
      "WARNING",
    ],
    ["nothing to sell", { offersListed: 0 }, "offers", "INFO"],
    ["no Liqo", { parameters: null }, "liqo.parameters", "ERROR"],
    [
      "a Liqo address that customers cannot use",
      { parameters: { clusterID: "c", clusterName: "n", endpoint: "https://liqo.internal", token: null } },
      "liqo.address",
      "WARNING",
    ],
    ["the manual mode", { liqo: { mode: "manual", version: null } }, "liqo.mode", "INFO"],
    ["a Liqo that is driven as another", { liqo: { mode: "v0.8", version: "0.9.2" } }, "liqo.mode", "ERROR"],
    ["more sold than there is", { capacity: { ...CAPACITY, overcommitted: ["2 of cpu"] } }, "capacity", "WARNING"],
    ["more on offer than there is", { capacity: { ...CAPACITY, overdeclared: ["2 of cpu"] } }, "capacity", "WARNING"],
    ["nobody who measures", { capacity: { ...CAPACITY, unknownBecause: "it is away." } }, "capacity", "WARNING"],
    [
      "nobody who measures what is refused beyond it",
      { capacity: { ...CAPACITY, unknownBecause: "away.", hasMeasuredOffers: false, refuseBeyondCapacity: true } },
      "capacity",
      "WARNING",
    ],
    ["a Liqo that does not listen", { plugin: { wire: "v0.8", subscribers: 0 } }, "liqo.plugin", "ERROR"],
  ];

  it.each(cases)("find %s", (_name, facts, check, severity) => {
    const [first] = diagnose({ ...FINE, ...facts });
    expect(first).toMatchObject({ check, ok: false, severity });
    expect(first?.whatToDo).toBeTruthy();
  });

  it("do not ask for a measurement on which nothing is sold", () => {
    const capacity = { ...CAPACITY, unknownBecause: "nobody looks.", hasMeasuredOffers: false };
    expect(diagnose({ ...FINE, capacity }).filter(({ check }) => check === "capacity")).toEqual([]);
  });

  it("put what is gravest first", () => {
    const found = diagnose({
      ...FINE,
      offersListed: 0,
      contractEndpoint: "https://10.1.2.3",
      plugin: { wire: "v0.8", subscribers: 0 },
    });
    expect(found.slice(0, 3).map(({ severity }) => severity)).toEqual(["ERROR", "WARNING", "INFO"]);
  });

  it("name what the ledger knows: stock freed by hand, peers nobody has decided about, and another id of Liqo", () => {
    const contract = (contractID: string) => sampleContract({ contractID });
    const overdue = ["a", "b", "c", "d", "e", "f", "g"].map(contract);
    const ledger = { overdue, undecided: ["old-friend"], underOtherID: [contract("x")] };
    const found = diagnose({ ...FINE, ledger }).filter(({ ok }) => !ok);
    expect(found.map(({ check, severity }) => [check, severity])).toEqual([
      ["liqo.clusterID", "ERROR"],
      ["contracts.overdue", "WARNING"],
      ["allowances.undecided", "WARNING"],
    ]);
    expect(found[0]?.whatToDo).toContain("discovery.config.clusterID=cluster-turin");
    expect(found[1]?.message).toContain("a, b, c, d, e and 2 more");
    expect(found[2]?.message).toContain("old-friend");
  });
});
