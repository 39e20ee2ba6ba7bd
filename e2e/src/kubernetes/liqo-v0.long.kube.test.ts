import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { waitFor } from "@catalog/server/testing/wait-for";
import { installKinds, removeKinds } from "./fixtures/install-kinds.js";
import { startClusters, type TestClusters } from "./rig/clusters.js";
import { type Inventory, inventoryOf, leftOver } from "./rig/inventory.js";
import { at, base64, type KubeObject, secretText, textAt } from "./rig/kube-object.js";
import { FixedGrants } from "./stand-in/v0/fixed-grants.js";
import {
  conditionsOf,
  type ConditionType,
  conditionStatus,
  FOREIGN_CLUSTER,
  LABEL,
  NAMESPACE,
  NODE,
  RESOURCE_OFFER,
  SECRET,
} from "./stand-in/v0/kinds.js";
import { LiqoV0 } from "./stand-in/v0/liqo-v0.js";

const SLOW = { timeoutMs: 30_000 };
const ROME = { clusterID: "00000000-0000-4000-8000-0000000000aa", clusterName: "rome" };
const MILAN = { clusterID: "00000000-0000-4000-8000-0000000000bb", clusterName: "milan" };
const SOLD = { cpu: "3", memory: "6Gi", pods: "12" };

let clusters: TestClusters;
beforeAll(async () => {
  clusters = await startClusters();
});
afterAll(() => clusters?.stop());

describe.each([
  { wire: "v0.8", release: "v0.8.1" },
  { wire: "v0.9", release: "v0.10.3" },
] as const)("Liqo with the plugin of $wire", ({ wire, release }) => {
  let plugin: { grants: FixedGrants; address: string };
  let provider: LiqoV0;
  let consumer: LiqoV0;
  let before: { provider: Inventory; consumer: Inventory };

  beforeAll(async () => {
    plugin = await FixedGrants.start(wire);
    await Promise.all([clusters.provider, clusters.consumer].map(({ admin }) => installKinds(admin, release)));
    provider = await LiqoV0.install(clusters.provider, {
      ...ROME,
      plugin: { address: plugin.address, wire },
      isIncomingByDefault: false,
    });
    consumer = await LiqoV0.install(clusters.consumer, MILAN);
    before = {
      provider: await inventoryOf(clusters.provider.admin, isLeftByLiqo),
      consumer: await inventoryOf(clusters.consumer.admin, isLeftByLiqo),
    };
  });
  afterAll(async () => {
    await provider?.uninstall();
    await consumer?.uninstall();
    plugin?.grants.stop();
    await Promise.all([clusters.provider, clusters.consumer].map(({ admin }) => removeKinds(admin, release)));
  });
  afterEach(async () => {
    await takeDown();
    await waitFor(async () => {
      const left = [
        ...leftOver(before.provider, await inventoryOf(clusters.provider.admin, isLeftByLiqo)),
        ...leftOver(before.consumer, await inventoryOf(clusters.consumer.admin, isLeftByLiqo)),
      ];
      if (left.length > 0) throw new Error(`left over: ${left.join(", ")}`);
      return true;
    }, SLOW);
  });

  /** What an administrator of the consumer does to peer out of band. */
  async function peer(token: string, name = ROME.clusterName): Promise<void> {
    const labels = { [LABEL.clusterID]: ROME.clusterID, [LABEL.authToken]: "" };
    const { admin } = clusters.consumer;
    await admin.ensure({
      ...SECRET,
      metadata: { name: `remote-token-${ROME.clusterID}`, namespace: "liqo", labels },
      data: { token: base64(token) },
    });
    await admin.create({
      ...FOREIGN_CLUSTER,
      metadata: { name, labels: { [LABEL.clusterID]: ROME.clusterID } },
      spec: {
        peeringType: "OutOfBand",
        clusterIdentity: ROME,
        foreignAuthUrl: provider.auth.url,
        foreignProxyUrl: "",
        outgoingPeeringEnabled: "Yes",
        incomingPeeringEnabled: "Auto",
        insecureSkipTLSVerify: true,
      },
    });
  }

  async function takeDown(): Promise<void> {
    const { admin } = clusters.consumer;
    const here = await admin.list(FOREIGN_CLUSTER);
    for (const { metadata } of here) {
      const ref = { ...FOREIGN_CLUSTER, name: metadata.name ?? "" };
      await admin.patch(ref, { spec: { outgoingPeeringEnabled: "No" } });
      if (here.length === 1) await reached("OutgoingPeering", "None", ref.name);
      await admin.remove(ref);
    }
    await admin.remove({ ...SECRET, namespace: "liqo", name: `remote-token-${ROME.clusterID}` });
    // What Liqo 0.x itself leaves: its namespaces for the peer, with its identity.
    for (const cluster of [clusters.provider, clusters.consumer]) {
      const left = await cluster.admin.list(NAMESPACE, { labelSelector: `${LABEL.tenantNamespace}=true` });
      for (const { metadata } of left) await cluster.admin.remove({ ...NAMESPACE, name: metadata.name ?? "" });
    }
  }

  const token = async (): Promise<string> =>
    secretText(await clusters.provider.admin.get({ ...SECRET, namespace: "liqo", name: "auth-token" }), "token") ?? "";
  const outgoing = (name: string = ROME.clusterName): Promise<KubeObject | undefined> =>
    clusters.consumer.admin.get({ ...FOREIGN_CLUSTER, name });
  const incoming = { ...FOREIGN_CLUSTER, name: MILAN.clusterName };
  const node = (): Promise<KubeObject | undefined> => clusters.consumer.admin.get({ ...NODE, name: "liqo-rome" });
  const reached = (type: ConditionType, status: string, name?: string): Promise<unknown> =>
    waitFor(async () => conditionStatus(await outgoing(name), type) === status, { ...SLOW, what: `${type} ${status}` });
  const letIn = async (answer: "Yes" | "No"): Promise<void> => {
    await waitFor(() => clusters.provider.admin.get(incoming), SLOW);
    await clusters.provider.admin.patch(incoming, { spec: { incomingPeeringEnabled: answer } });
  };
  const shows = (cpu: string): Promise<unknown> =>
    waitFor(async () => at(await node(), "status", "allocatable", "cpu") === cpu, {
      ...SLOW,
      what: `the node has ${cpu} cpu`,
    });

  test("a peering by hand: kept out, let in, grown by a notification, set to zero, taken down", async () => {
    plugin.grants.set(MILAN.clusterID, SOLD);
    const readsBefore = plugin.grants.reads.length;
    await peer(await token());
    await reached("AuthenticationStatus", "Established");
    await reached("OutgoingPeering", "Pending");
    expect(plugin.grants.reads.length).toBe(readsBefore);

    await letIn("Yes");
    await reached("OutgoingPeering", "Established");
    await shows("3");
    expect(conditionStatus(await outgoing(), "APIServerStatus")).toBe("Established");
    expect(conditionStatus(await clusters.provider.admin.get(incoming), "IncomingPeering")).toBe("Established");

    plugin.grants.set(MILAN.clusterID, { ...SOLD, cpu: "5" });
    await shows("5");
    plugin.grants.set(MILAN.clusterID, { cpu: "0", memory: "0", pods: "0" });
    await shows("0");
    await takeDown();
    await waitFor(() => plugin.grants.removed.includes(MILAN.clusterID), SLOW);
    expect(await clusters.provider.admin.get(incoming)).toBeUndefined();
  });

  test("a wrong token shows as an error with the token in it, and a right one counts only when the ForeignCluster changes", async () => {
    await peer("not-the-token");
    await reached("AuthenticationStatus", "Error");
    const shown = conditionsOf(await outgoing()).find((each) => textAt(each, "type") === "AuthenticationStatus");
    expect(textAt(shown, "message")).toContain("not-the-token");
    const secret = { ...SECRET, namespace: "liqo", name: `remote-token-${ROME.clusterID}` };
    await clusters.consumer.admin.patch(secret, { data: { token: base64(await token()) } });
    await clusters.consumer.admin.patch(
      { ...FOREIGN_CLUSTER, name: "rome" },
      { metadata: { labels: { touched: "once" } } },
    );
    await reached("AuthenticationStatus", "Established");
  });

  test("the own id and a duplicate are admitted and then shown as errors", async () => {
    await peer(await token());
    await reached("AuthenticationStatus", "Established");
    await peer(await token(), "rome-again");
    const statuses = async (): Promise<unknown[]> =>
      Promise.all(
        ["rome", "rome-again"].map(async (name) =>
          conditionStatus(await outgoing(name), "ProcessForeignClusterStatus"),
        ),
      );
    await waitFor(async () => (await statuses()).sort().join() === "Error,Success", SLOW);
    await clusters.consumer.admin.remove({ ...FOREIGN_CLUSTER, name: "rome-again" });
    await reached("ProcessForeignClusterStatus", "Success");

    const myself = { ...FOREIGN_CLUSTER, name: "myself" };
    await clusters.consumer.admin.create({
      ...FOREIGN_CLUSTER,
      metadata: { name: myself.name },
      spec: { clusterIdentity: MILAN, foreignAuthUrl: provider.auth.url, outgoingPeeringEnabled: "Yes" },
    });
    await reached("ProcessForeignClusterStatus", "Error", myself.name);
    await clusters.consumer.admin.remove(myself);
  });

  test("an unavailable plugin leaves the old offer, and is asked again until it answers", async () => {
    plugin.grants.set(MILAN.clusterID, SOLD);
    await peer(await token());
    await letIn("Yes");
    await shows("3");
    plugin.grants.isAway = true;
    plugin.grants.set(MILAN.clusterID, { ...SOLD, cpu: "1" });
    const asked = plugin.grants.reads.length;
    await waitFor(() => plugin.grants.reads.length > asked + 1, SLOW);
    const [offer] = await clusters.provider.admin.list(RESOURCE_OFFER);
    expect(at(offer, "spec", "resourceQuota", "hard", "cpu")).toBe("3");
    plugin.grants.isAway = false;
    await shows("1");
  });

  test("whoever is shut out loses the offer and the node, with the consumer's Liqo slow and restarted", async () => {
    plugin.grants.set(MILAN.clusterID, SOLD);
    consumer.disturbance.delayMs = 200;
    await peer(await token());
    await letIn("Yes");
    await consumer.restart();
    await shows("3");
    await reached("OutgoingPeering", "Established");
    consumer.disturbance.delayMs = 0;
    await letIn("No");
    await reached("OutgoingPeering", "Pending");
    expect(await node()).toBeUndefined();
  });
});

/** Signing requests stay, as with Liqo. */
function isLeftByLiqo(object: KubeObject): boolean {
  return object.kind === "CertificateSigningRequest";
}
