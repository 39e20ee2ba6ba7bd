import { CatalogError } from "@catalog/schema/errors";
import { afterAll, beforeAll, expect, it } from "vitest";
import { ManualDriver } from "../../liqo/manual/manual-driver.js";
import { sampleOffer } from "../../testing/sample-offers.js";
import { TestCell } from "../../testing/test-cell.js";

const LIQO = { mode: "v1", version: "1.2.0", publicKey: "PEM" };

/** A cluster whose API server can be away; it tells what Liqo is only after it was read. */
class AwayDriver extends ManualDriver {
  isAway = false;
  hasRead = false;
  isSafe = true;
  clusterID = "cluster-milan";

  constructor() {
    super({ clusterID: "", clusterName: "milan", endpoint: "https://milan.example", token: "t", liqoVersion: null });
  }
  override async parameters() {
    if (this.isAway) throw new CatalogError("UNAVAILABLE", "the API server is away");
    this.hasRead = true;
    return { ...(await super.parameters()), clusterID: this.clusterID };
  }
  override liqo() {
    return this.hasRead ? LIQO : { mode: "auto", version: null };
  }
  override safety() {
    return { isSellingAllowed: this.isSafe, risks: [] };
  }
}

let milan: TestCell;
let paris: TestCell;
let driver: AwayDriver;

beforeAll(async () => {
  const neighbours = new Map<string, TestCell>();
  driver = new AwayDriver();
  milan = await TestCell.open({ name: "milan", neighbours, driver: () => driver });
  paris = await TestCell.open({ name: "paris", neighbours });
  for (const cell of [milan, paris]) await cell.ledger.offers.save(sampleOffer({ quantity: 9 }), "admin");
});
afterAll(() => Promise.all([milan.close(), paris.close()]));

function restart(isAway: boolean): void {
  driver = new AwayDriver();
  driver.isAway = isAway;
  milan.restart();
}

async function bought(from: TestCell, by: TestCell): Promise<string> {
  const input = { clusterID: from.clusterID, offerID: "general", planID: "small" };
  const { contractID } = await by.ledger.purchases.buy(input, "admin");
  for (let i = 0; i < 8; i++) await by.work();
  return contractID;
}

it("a Connector that starts while its API server is away is who it was, without its token", async () => {
  restart(true);
  expect(await milan.ledger.cluster.party()).toMatchObject({ clusterID: "cluster-milan", liqo: LIQO });
  const contractID = await bought(paris, milan);
  expect((await milan.ledger.contracts.get(contractID)).state).toBe("ACTIVE");
  const sold = await bought(milan, paris);
  expect(await milan.ledger.contracts.get(sold)).toMatchObject({ state: "ACTIVE", documents: { peering: null } });
  const [row] = await milan.query<{ facts: object }>("SELECT liqo_facts AS facts FROM cluster");
  expect(JSON.stringify(row?.facts)).not.toContain("token");
  restart(false);
  expect(await milan.ledger.cluster.party()).toMatchObject({ liqo: LIQO });
});

it("names what was agreed under another id of Liqo", async () => {
  const contractID = await bought(milan, paris);
  expect((await milan.ledger.findings.look("cluster-milan")).underOtherID).toEqual([]);
  const { underOtherID } = await milan.ledger.findings.look("cluster-other");
  expect(underOtherID.map((contract) => contract.contractID)).toContain(contractID);
  await paris.ledger.terminations.terminate(contractID, { reason: null, force: false }, "admin");
  for (let i = 0; i < 5; i++) await paris.work();
  const after = await milan.ledger.findings.look("cluster-other");
  expect(after.underOtherID.map((contract) => contract.contractID)).not.toContain(contractID);
});

it("nothing new is reserved while a customer could take more than it buys; what was reserved is answered", async () => {
  restart(false);
  const before = await bought(milan, paris);
  driver.isSafe = false;
  const contractID = await bought(milan, paris);
  expect((await paris.ledger.contracts.get(contractID)).state).toBe("REQUESTED");
  expect(await milan.query("SELECT 1 FROM contracts WHERE contract_id = $1", [contractID])).toEqual([]);
  expect((await paris.ledger.contracts.get(before)).state).toBe("ACTIVE");
  driver.isSafe = true;
  await paris.query("UPDATE outbox SET due_at = 0");
  for (let i = 0; i < 8; i++) await paris.work();
  expect((await paris.ledger.contracts.get(contractID)).state).toBe("ACTIVE");
});
