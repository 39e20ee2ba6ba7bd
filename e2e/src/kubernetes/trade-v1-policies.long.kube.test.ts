import { waitFor } from "@catalog/server/testing/wait-for";
import { afterAll, beforeAll, expect, test } from "vitest";
import { buy, contractOf } from "../federation/operations.js";
import { policyObjects } from "./rig/connector-account.js";
import type { LiqoV1 } from "./stand-in/v1/liqo-v1.js";
import { TradeV1 } from "./trade-books-v1.js";
import { SOON, TradeWorld } from "./trade-world.js";

const POLICY = { apiVersion: "admissionregistration.k8s.io/v1", kind: "ValidatingAdmissionPolicy" };

let world: TradeWorld<LiqoV1>;
let trade: TradeV1;

beforeAll(async () => {
  world = await TradeWorld.startV1();
  trade = new TradeV1(world.rome, world.milan);
  await trade.advertise();
});
afterAll(() => world?.stop());

test("without a policy nothing is reserved, and the admin is told; once it is back the contract becomes active", async () => {
  const { cluster, connector, clusterID } = world.rome;
  const name = "catalog-slice-status";
  await cluster.admin.remove({ ...POLICY, name });
  await connector.process.stop();
  await connector.process.start();
  const warnings = async (): Promise<string> => {
    const answer = await connector.api.request<{ connector: { warnings: string[] } }>("{ connector { warnings } }");
    return answer.connector.warnings.join();
  };
  await waitFor(async () => (await warnings()).includes(name), SOON);

  const order = { clusterID, offerID: "general", planID: "small", units: 1 };
  const { contractID, state } = await buy(world.milan.connector.api, order);
  expect(state).toBe("REQUESTED");
  const stateAtRome = async (): Promise<string | undefined> => (await contractOf(connector.api, contractID))?.state;
  expect(await stateAtRome()).toBeUndefined();
  const metrics = await (await fetch(`${connector.opsUrl}/metrics`)).text();
  expect(metrics).toMatch(/catalog_selling_allowed\S* 0$/m);
  for (const object of await policyObjects("v1")) await cluster.admin.ensure(object);
  await trade.expectUsable(1);
  expect(await warnings()).not.toContain(name);
  await trade.endAll();
  await trade.expectGone();
  await world.expectNothingLeft();
});
