import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { waitFor } from "@catalog/server/testing/wait-for";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { availableOf, contractOf, saveOffer } from "../federation/operations.js";
import { startFederation, type TestFederation } from "../federation/test-federation.js";
import type { RunningConnector } from "../harness/federation.js";
import { catalogAt, catalogProgram } from "./catalog-program.js";

const PLAN = {
  planCost: 1,
  planCostCurrency: "EUR",
  planCostPeriod: "month",
  planQuantity: 5,
  resources: { cpu: "1" },
};
const OFFERS = `
offerID: general
offerName: General purpose
plans:
  - { planID: small, planCost: 1, planCostCurrency: EUR, planCostPeriod: month, planQuantity: 5, resources: { cpu: 1 } }
`;

let running: TestFederation;
let milan: RunningConnector;
let paris: RunningConnector;
let folder: string;

beforeAll(async () => {
  running = await startFederation(["milan", "paris"]);
  milan = running.federation.connector("milan");
  paris = running.federation.connector("paris");
  folder = await mkdtemp(join(tmpdir(), "catalog-program-"));
});
afterAll(async () => {
  await running?.stop();
  await rm(folder, { recursive: true, force: true });
});

describe("from the command line", () => {
  it("one sells, the other buys and waits for the outcome", async () => {
    await writeFile(join(folder, "offers.yaml"), OFFERS);
    expect(await catalogAt(milan, "offers", "apply", "-f", folder)).toMatchObject({
      code: 0,
      out: "general: create\n",
    });
    await waitFor(async () => (await availableOf(paris.api, milan.spec.clusterID, "general", "small")) === 5);
    const { code, out, err } = await catalogAt(
      paris,
      "buy",
      milan.spec.clusterID,
      "general",
      "small",
      "-n",
      "2",
      "-o",
      "json",
    );
    const contract = JSON.parse(out) as { contractID: string; state: string; units: number };
    expect([code, contract.state, contract.units]).toEqual([0, "ACTIVE", 2]);
    expect(err).toContain(contract.contractID);
    expect((await contractOf(milan.api, contract.contractID))?.state).toBe("ACTIVE");
    const bundle = join(folder, "contract.json");
    await writeFile(bundle, (await catalogAt(paris, "contracts", "show", contract.contractID, "--documents")).out);
    const offline = await catalogProgram(["verify", bundle, "-o", "json"], {});
    const verdicts = JSON.parse(offline.out) as { isProven: boolean; document: string; signers: string[] }[];
    expect([offline.code, verdicts.map((one) => one.document)]).toEqual([0, ["contract", "receipt", "activation"]]);
    const { connector } = await milan.api.request<{ connector: { fingerprint: string } }>(
      "{ connector { fingerprint } }",
    );
    expect((await catalogProgram(["verify", bundle, "--by", connector.fingerprint], {})).code).toBe(0);
    const forged = JSON.parse(await readFile(bundle, "utf8")) as { contract: string };
    await writeFile(
      bundle,
      JSON.stringify({ ...forged, contract: forged.contract.replace(/"signature":"../, '"signature":"xx') }),
    );
    expect((await catalogProgram(["verify", bundle], {})).code).toBe(3);
  });

  it("a purchase is followed live until the provider has decided", async () => {
    await saveOffer(milan.api, {
      offerID: "asked",
      offerName: "Asked",
      approval: "MANUAL",
      plans: [{ planID: "small", ...PLAN }],
    });
    await waitFor(async () => (await availableOf(paris.api, milan.spec.clusterID, "asked", "small")) === 5);
    const order = ["buy", milan.spec.clusterID, "asked", "small", "--request-id"] as const;
    const waiting = await catalogAt(paris, ...order, "one", "--no-wait", "-o", "json");
    expect(waiting.code).toBe(4);
    const { contractID } = JSON.parse(waiting.out) as { contractID: string };
    const following = catalogAt(paris, ...order, "one", "--timeout", "60s");
    await waitFor(async () => (await contractOf(milan.api, contractID))?.state === "PENDING_APPROVAL");
    expect((await catalogAt(milan, "contracts", "approve", contractID)).code).toBe(0);
    const followed = await following;
    expect([followed.code, followed.err]).toEqual([0, expect.stringContaining(`${contractID} ACTIVE`)]);
    const refused = catalogAt(paris, ...order, "two", "--timeout", "60s", "-o", "yaml");
    const second = await waitFor(async () => {
      const { out } = await catalogAt(milan, "contracts", "list", "--state", "PENDING_APPROVAL", "-o", "json");
      return (JSON.parse(out) as { contractID: string }[])[0]?.contractID;
    });
    expect((await catalogAt(milan, "contracts", "reject", second, "--reason", "not today")).code).toBe(0);
    expect(await refused).toMatchObject({ code: 3, out: expect.stringContaining("not today") });
  });

  it("a contract ends, and doctor has nothing to say that is an error of theirs", async () => {
    const { out } = await catalogAt(paris, "contracts", "list", "--state", "ACTIVE", "--role", "bought", "-o", "json");
    const [contract] = JSON.parse(out) as { contractID: string }[];
    const id = contract?.contractID ?? "";
    expect((await catalogAt(paris, "contracts", "terminate", id, "--dry-run")).code).toBeLessThanOrEqual(3);
    expect((await catalogAt(paris, "contracts", "terminate", id, "--reason", "done")).out).toContain("TERMINATED");
    const doctor = await catalogAt(milan, "doctor", "-o", "json");
    const findings = JSON.parse(doctor.out) as { check: string; ok: boolean }[];
    const well = findings.filter(({ ok }) => ok).map(({ check }) => check);
    for (const check of ["api.reachable", "api.token", "api.clock", "database", "brokers", "clock"])
      expect(well).toContain(check);
  });
});
