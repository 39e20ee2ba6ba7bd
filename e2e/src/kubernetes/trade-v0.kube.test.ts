import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { waitFor } from "@catalog/server/testing/wait-for";
import { buy, contractOf, saveOffer, terminate } from "../federation/operations.js";
import { type Inventory, inventoryOf, leftOver } from "./rig/inventory.js";
import { at, type KubeObject } from "./rig/kube-object.js";
import { FOREIGN_CLUSTER, LABEL, NAMESPACE, NODE } from "./stand-in/v0/kinds.js";
import type { LiqoV0 } from "./stand-in/v0/liqo-v0.js";
import { startTradingV0, type TradingClusters } from "./trading-clusters.js";

const SLOW = { timeoutMs: 60_000 };

describe.each(["v0.8", "v0.9"] as const)("real Connectors on Liqo of plugin wire %s", (mode) => {
  let trading: TradingClusters<LiqoV0>;
  let before: { provider: Inventory; consumer: Inventory };

  beforeAll(async () => {
    trading = await startTradingV0(mode);
    const { provider, consumer } = trading;
    before = {
      provider: await inventoryOf(provider.cluster.admin, isLeftByLiqo),
      consumer: await inventoryOf(consumer.cluster.admin, isLeftByLiqo),
    };
  });
  afterAll(() => trading?.stop());

  test("bought, peered, used, ended: the node shows exactly what was sold, and nothing is left", async () => {
    const { provider, consumer } = trading;
    await saveOffer(provider.connector.api, {
      offerID: "compute",
      offerName: "Compute",
      plans: [
        {
          planID: "small",
          planName: "Small",
          planCost: 1,
          planCostCurrency: "EUR",
          planCostPeriod: "month",
          planQuantity: 5,
          resources: { cpu: "2", memory: "4Gi" },
        },
      ],
    });
    const purchase = { clusterID: provider.clusterID, offerID: "compute", planID: "small", units: 2 };
    const { contractID } = await waitFor(() => buy(consumer.connector.api, purchase), SLOW);
    await waitFor(async () => (await contractOf(consumer.connector.api, contractID))?.state === "ACTIVE", SLOW);

    const node = (): Promise<KubeObject | undefined> =>
      consumer.cluster.admin.get({ ...NODE, name: `liqo-${provider.clusterName}` });
    await waitFor(async () => at(await node(), "status", "allocatable", "cpu") === "4", {
      ...SLOW,
      what: "the bought node",
    });
    expect(at(await node(), "status", "allocatable")).toMatchObject({ cpu: "4", memory: "8Gi" });

    await terminate(consumer.connector.api, contractID, "no longer needed");
    await waitFor(async () => (await node()) === undefined, { ...SLOW, what: "the node goes" });
    await waitFor(async () => (await consumer.cluster.admin.list(FOREIGN_CLUSTER)).length === 0, SLOW);
    await waitFor(async () => {
      const left = [
        ...leftOver(before.provider, await inventoryOf(provider.cluster.admin, isLeftByLiqo)),
        ...leftOver(before.consumer, await inventoryOf(consumer.cluster.admin, isLeftByLiqo)),
      ];
      if (left.length > 0) throw new Error(`left over: ${left.join(", ")}`);
      return true;
    }, SLOW);
  });
});

/** Liqo 0.x keeps signing requests and its tenant namespaces with what is in them. */
function isLeftByLiqo(object: KubeObject): boolean {
  if (object.kind === "CertificateSigningRequest") return true;
  if (object.kind === NAMESPACE.kind) return object.metadata.labels?.[LABEL.tenantNamespace] === "true";
  return object.metadata.namespace?.startsWith("liqo-tenant-") === true;
}
