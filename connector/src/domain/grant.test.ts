import { describe, expect, it } from "vitest";
import { SAMPLE_OFFER, sampleContract } from "../testing/sample-contract.js";
import { GRANT_DEFAULTS, grantOf } from "./grant.js";

const N = 1_000_000_000n;
const GI = 2n ** 30n * N;

function sold(resources: Readonly<Record<string, string>>, units = 1) {
  const plans = SAMPLE_OFFER.plans.map((plan) => ({ ...plan, resources }));
  const contract = sampleContract({ state: "ACTIVE", offer: { ...SAMPLE_OFFER, plans } });
  return { ...contract, request: { ...contract.request, units } };
}

const NOTHING = { contracts: [], allowance: undefined, namesEverSold: [] };

describe("grantOf", () => {
  it("is zeros for whoever has nothing", () => {
    expect(grantOf(NOTHING, GRANT_DEFAULTS)).toEqual({ cpu: 0n, memory: 0n, pods: 0n });
  });

  it("adds units × resources of all contracts under Kubernetes' names", () => {
    const contracts = [
      sold({ cpu: "1500m", ram: "1Gi", gpu: "1" }, 3),
      sold({ cpu: "1", memory: "1Gi", storage: "10Gi" }),
    ];
    expect(grantOf({ ...NOTHING, contracts }, GRANT_DEFAULTS)).toEqual({
      cpu: 5_500_000_000n,
      memory: 4n * GI,
      "nvidia.com/gpu": 3n * N,
      "ephemeral-storage": 10n * GI,
      pods: 220n * N,
    });
  });

  it("adds 110 pods for each contract whose plan names none, and whole pods only", () => {
    const contracts = [sold({ cpu: "1" }, 5), sold({ cpu: "1", pods: "10500m" })];
    expect(grantOf({ ...NOTHING, contracts }, GRANT_DEFAULTS)["pods"]).toBe(120n * N);
    expect(grantOf({ ...NOTHING, contracts }, { ...GRANT_DEFAULTS, podsPerContract: 7 })["pods"]).toBe(17n * N);
  });

  it("keeps a zero for every name that was ever granted", () => {
    const allowance = { isUnlimited: false, resources: {}, namesEver: ["gpu", "example.com/fpga"] };
    expect(grantOf({ contracts: [], allowance, namesEverSold: ["storage", "ram"] }, GRANT_DEFAULTS)).toEqual({
      cpu: 0n,
      memory: 0n,
      pods: 0n,
      "ephemeral-storage": 0n,
      "nvidia.com/gpu": 0n,
      "example.com/fpga": 0n,
    });
  });

  it("adds the allowance, and gives more than any cluster has when everything is allowed", () => {
    const allowance = { isUnlimited: false, resources: { cpu: "2", pods: "5" }, namesEver: ["cpu", "pods"] };
    expect(grantOf({ ...NOTHING, contracts: [sold({ cpu: "1" })], allowance }, GRANT_DEFAULTS)).toMatchObject({
      cpu: 3n * N,
      pods: 115n * N,
    });
    const all = grantOf(
      { ...NOTHING, allowance: { isUnlimited: true, resources: {}, namesEver: [] }, namesEverSold: ["gpu"] },
      GRANT_DEFAULTS,
    );
    expect(all).toEqual({
      cpu: 1_000_000n * N,
      pods: 1_000_000n * N,
      "nvidia.com/gpu": 1_000_000n * N,
      memory: 2n ** 50n * N,
    });
  });

  it("maps names as configured, and adds what becomes one", () => {
    const settings = { ...GRANT_DEFAULTS, resourceNames: { gpu: "amd.com/gpu" } };
    expect(
      grantOf({ ...NOTHING, contracts: [sold({ gpu: "1", "amd.com/gpu": "2", storage: "1" })] }, settings),
    ).toMatchObject({
      "amd.com/gpu": 3n * N,
      storage: N,
    });
  });
});
