import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { waitFor } from "@catalog/server/testing/wait-for";
import { afterAll, beforeAll, expect, test } from "vitest";
import { buy, contractOf, saveOffer, terminate } from "../federation/operations.js";
import { startFederation, type TestFederation } from "../federation/test-federation.js";
import type { RunningConnector } from "../harness/federation.js";
import { installKinds } from "./fixtures/install-kinds.js";
import { commandsIn, HandAdmin } from "./hand-admin.js";
import { kubectlProgram } from "./kubectl.js";
import { startClusters, type TestClusters } from "./rig/clusters.js";
import { CONNECTOR_ACCOUNT, installConnectorAccount } from "./rig/connector-account.js";
import { at, base64 } from "./rig/kube-object.js";
import { QUOTA, VIRTUAL_NODE } from "./stand-in/v1/kinds.js";
import { LiqoV1 } from "./stand-in/v1/liqo-v1.js";

const SOON = { timeoutMs: 150_000, intervalMs: 200 };
const kubectl = kubectlProgram();
const OFFER = {
  offerID: "general",
  offerName: "General purpose",
  offerType: "compute",
  approval: "AUTO",
  plans: [
    {
      planID: "small",
      planName: "Small",
      planCost: 0.05,
      planCostCurrency: "EUR",
      planCostPeriod: "hour",
      planQuantity: 5,
      resources: { cpu: "1500m", ram: "2Gi" },
    },
  ],
};

let clusters: TestClusters;
let folder: string;
let admin: HandAdmin;
let running: TestFederation;
const liqos: LiqoV1[] = [];
const rome = (): RunningConnector => running.federation.connector("rome");
const milan = (): RunningConnector => running.federation.connector("milan");

beforeAll(async () => {
  clusters = await startClusters();
  folder = await mkdtemp(join(tmpdir(), "catalog-manual-"));
  for (const [cluster, clusterID] of [
    [clusters.provider, "rome"],
    [clusters.consumer, "milan"],
  ] as const) {
    await installKinds(cluster.admin, "v1.2.0");
    liqos.push(await LiqoV1.install(cluster, { clusterID }));
  }
  await writeFile(join(folder, "rome"), await installConnectorAccount(clusters.provider, "v1"), { mode: 0o600 });
  const key = base64(liqos[1]?.installation.keys.publicKey ?? "");
  const driven = { LIQO_MODE: "v1", KUBECONFIG: join(folder, "rome"), POD_NAMESPACE: CONNECTOR_ACCOUNT.namespace };
  const manual = { LIQO_MODE: "manual", LIQO_CLUSTER_ID: "milan", LIQO_VERSION: "1.2.0", LIQO_PUBLIC_KEY: key };
  running = await startFederation(["rome", "milan"], (name) => ({
    PEERING_LOOK: "1s",
    ...(name === "rome" ? driven : manual),
  }));
  admin = await HandAdmin.of(milan(), clusters.consumer);
});
afterAll(async () => {
  await Promise.all(liqos.map((liqo) => liqo.stop()));
  await running?.stop();
  await admin?.leave();
  await clusters?.stop();
  if (folder !== undefined) await rm(folder, { recursive: true, force: true });
});

test.skipIf(kubectl === undefined)(
  "a customer without API access trades with a driven provider, by kubectl alone",
  async () => {
    await saveOffer(rome().api, OFFER);
    await waitFor(async () => {
      const { offers } = await milan().api.request<{ offers: { nodes: unknown[] } }>(
        "{ offers { nodes { offerID } } }",
      );
      return offers.nodes.length > 0;
    }, SOON);
    const { contractID } = await buy(milan().api, { clusterID: "rome", offerID: "general", planID: "small", units: 2 });
    await waitFor(async () => (await contractOf(milan().api, contractID))?.state === "ACTIVE", SOON);

    await waitFor(async () => {
      const { phase, message } = await admin.work(contractID);
      if (phase === "ESTABLISHED") return true;
      throw new Error(`${phase}: ${message}`);
    }, SOON);
    await waitFor(async () => {
      const [quota] = await clusters.provider.admin.list(QUOTA);
      const [node] = await clusters.consumer.admin.list(VIRTUAL_NODE);
      return [at(quota, "spec", "resources", "cpu"), at(node, "spec", "resourceQuota", "hard", "cpu")].every(
        (cpu) => cpu === "3",
      );
    }, SOON);
    await waitFor(async () => {
      const query = `{ peering(contractID: "${contractID}") { otherSide { phase granted } } }`;
      const answer = await milan().api.request<{ peering: { otherSide: { phase: string } | null } }>(query);
      return answer.peering.otherSide?.phase === "ESTABLISHED";
    }, SOON);

    const { timeline } = (
      await milan().api.request<{ peering: { timeline: { actor: string; message: string }[] } }>(
        `{ peering(contractID: "${contractID}") { timeline { actor message } } }`,
      )
    ).peering;
    expect(timeline.some(({ actor, message }) => actor.startsWith("admin") && message.includes("csr"))).toBe(true);
    await terminate(milan().api, contractID, "no longer needed");
    await waitFor(async () => {
      const { peerings } = await milan().api.request<{ peerings: { phase: string; whatToDo: string | null }[] }>(
        "{ peerings { phase whatToDo } }",
      );
      const [down] = peerings;
      if (down?.phase !== "GONE") return false;
      const commands = commandsIn(down.whatToDo);
      expect(commands).toHaveLength(3);
      for (const command of commands) await admin.printed(command);
      return true;
    }, SOON);
    await waitFor(async () => {
      const { peerings } = await rome().api.request<{ peerings: { phase: string }[] }>("{ peerings { phase } }");
      return peerings[0]?.phase === "GONE";
    }, SOON);
  },
);
