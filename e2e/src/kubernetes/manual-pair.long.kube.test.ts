import { freePorts } from "@catalog/server/testing/free-port";
import { waitFor } from "@catalog/server/testing/wait-for";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { buy, contractOf, ownStockOf, saveOffer, terminate } from "../federation/operations.js";
import { startFederation, type TestFederation } from "../federation/test-federation.js";
import { installKinds } from "./fixtures/install-kinds.js";
import { commandsIn, HandAdmin } from "./hand-admin.js";
import { kubectlProgram } from "./kubectl.js";
import { startClusters, type TestCluster, type TestClusters } from "./rig/clusters.js";
import { CONNECTOR_ACCOUNT, policyObjects } from "./rig/connector-account.js";
import { type Inventory, inventoryOf, isLeftByLiqo, leftOver } from "./rig/inventory.js";
import { at, base64, type KubeObject, secretText } from "./rig/kube-object.js";
import { RESOURCE_OFFER, SECRET } from "./stand-in/v0/kinds.js";
import { LiqoV0 } from "./stand-in/v0/liqo-v0.js";
import { LABEL, NODE, QUOTA } from "./stand-in/v1/kinds.js";
import { LiqoV1 } from "./stand-in/v1/liqo-v1.js";
import { isLeftByLiqoV0 } from "./trade-world.js";

const SOON = { timeoutMs: 150_000, intervalMs: 200 };
const STOCK = 5;
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
      planQuantity: STOCK,
      resources: { cpu: "1500m", ram: "2Gi" },
    },
  ],
};

/** A Liqo beside a Connector that knows only what its settings say. */
interface Played {
  readonly env: Readonly<Record<string, string>>;
  readonly stop: () => Promise<void>;
  /** Once the Connector runs. */
  readonly go: () => Promise<void>;
}

interface Case {
  readonly generation: string;
  readonly kinds: "v0.8.1" | "v1.2.0";
  readonly play: (cluster: TestCluster, name: string) => Promise<Played>;
  readonly isLeft: (object: KubeObject) => boolean;
  /** The CPUs that Liqo gives at the provider; undefined while there are none. */
  readonly given: (provider: TestCluster) => Promise<unknown>;
}

const CASES: readonly Case[] = [
  {
    generation: "0.8",
    kinds: "v0.8.1",
    play: playV0,
    isLeft: isLeftByLiqoV0,
    given: async ({ admin }) => at((await admin.list(RESOURCE_OFFER))[0], "spec", "resourceQuota", "hard", "cpu"),
  },
  {
    generation: "1.2",
    kinds: "v1.2.0",
    play: playV1,
    isLeft: isLeftByLiqo,
    given: async ({ admin }) => at((await admin.list(QUOTA))[0], "spec", "resources", "cpu"),
  },
];

async function playV0(cluster: TestCluster, name: string): Promise<Played> {
  const [port = 0] = await freePorts(1);
  const liqo = await LiqoV0.prepare(cluster, {
    clusterID: `id-${name}`,
    clusterName: name,
    isIncomingByDefault: false,
    plugin: { address: `127.0.0.1:${port}`, wire: "v0.8" },
  });
  const token = secretText(await cluster.admin.get({ ...SECRET, namespace: "liqo", name: "auth-token" }), "token");
  const env = {
    LIQO_VERSION: "0.8.1",
    LIQO_CLUSTER_ID: `id-${name}`,
    LIQO_AUTH_ENDPOINT: liqo.auth.url,
    LIQO_AUTH_TOKEN: token ?? "",
    GRPC_PORT: String(port),
  };
  return { env, go: () => liqo.start(), stop: () => liqo.stop() };
}

/** With the policies, which its Connector cannot see and which hold all the same. */
async function playV1(cluster: TestCluster, name: string): Promise<Played> {
  const liqo = await LiqoV1.install(cluster, { clusterID: `id-${name}` });
  const { namespace } = CONNECTOR_ACCOUNT;
  await cluster.admin.ensure({ apiVersion: "v1", kind: "Namespace", metadata: { name: namespace } });
  for (const object of await policyObjects("v1", "--only", "policies")) await cluster.admin.ensure(object);
  const env = {
    LIQO_VERSION: "1.2.0",
    LIQO_CLUSTER_ID: `id-${name}`,
    LIQO_PUBLIC_KEY: base64(liqo.installation.keys.publicKey),
  };
  return { env, go: () => Promise.resolve(), stop: () => liqo.stop() };
}

describe.skipIf(kubectlProgram() === undefined).each(CASES)("by hand on both sides, Liqo $generation", (given) => {
  let clusters: TestClusters;
  let running: TestFederation;
  let rome: HandAdmin;
  let milan: HandAdmin;
  let before: readonly Inventory[];
  const liqos: Played[] = [];
  const inventories = (): Promise<readonly Inventory[]> =>
    Promise.all([clusters.provider, clusters.consumer].map(({ admin }) => inventoryOf(admin, given.isLeft)));

  beforeAll(async () => {
    clusters = await startClusters();
    const places = { rome: clusters.provider, milan: clusters.consumer };
    for (const [name, cluster] of Object.entries(places)) {
      await installKinds(cluster.admin, given.kinds);
      liqos.push(await given.play(cluster, name));
    }
    const envOf = (name: string): Readonly<Record<string, string>> => liqos[name === "rome" ? 0 : 1]?.env ?? {};
    running = await startFederation(["rome", "milan"], (name) => ({ PEERING_LOOK: "1s", ...envOf(name) }));
    for (const liqo of liqos) await liqo.go();
    rome = await HandAdmin.of(running.federation.connector("rome"), clusters.provider);
    milan = await HandAdmin.of(running.federation.connector("milan"), clusters.consumer);
    before = await inventories();
    await saveOffer(rome.connector.api, OFFER);
    await waitFor(async () => {
      const { offers } = await milan.connector.api.request<{ offers: { nodes: unknown[] } }>(
        "{ offers { nodes { offerID } } }",
      );
      return offers.nodes.length > 0;
    }, SOON);
  });
  afterAll(async () => {
    await Promise.all(liqos.map((liqo) => liqo.stop()));
    await running?.stop();
    await Promise.all([rome, milan].map((admin) => admin?.leave()));
    await clusters?.stop();
  });

  async function bought(units: number): Promise<string> {
    const { contractID } = await buy(milan.connector.api, {
      clusterID: "id-rome",
      offerID: "general",
      planID: "small",
      units,
    });
    for (const { connector } of [milan, rome])
      await waitFor(async () => (await contractOf(connector.api, contractID))?.state === "ACTIVE", SOON);
    return contractID;
  }

  /** Both admins work until both say that it is done, and what was bought can be used. */
  async function expectUsable(contractID: string, cpu: string): Promise<void> {
    await waitFor(async () => {
      const told = [await milan.work(contractID).catch(failed), await rome.work(contractID).catch(failed)];
      // The command for the provider of 0.x stands above manifests that hold no object.
      const letIn = /^# (kubectl get foreignclusters.*)$/m.exec(told[1]?.manifests ?? "")?.[1];
      // Before the customer has come there is nothing to let in, which kubectl says.
      const isIn =
        letIn === undefined ||
        (await rome.printed(letIn).then(
          () => true,
          () => false,
        ));
      const nodes = await clusters.consumer.admin.list(NODE, { labelSelector: `${LABEL.remoteCluster}=id-rome` });
      const seen = [await given.given(clusters.provider), at(nodes[0], "status", "allocatable", "cpu")];
      if (isIn && told.every(({ phase }) => phase === "ESTABLISHED") && seen.every((amount) => amount === cpu))
        return true;
      throw new Error(
        `${told.map(({ phase, message }) => `${phase}: ${message}`).join("; ")}; CPUs: ${seen.join(", ")}`,
      );
    }, SOON);
  }

  test("buys, peers, grows, ends, and leaves nothing, by kubectl and the answers alone", async () => {
    const first = await bought(2);
    await expectUsable(first, "3");
    const { peering } = await milan.connector.api.request<{ peering: { otherSide: { phase: string } | null } }>(
      `{ peering(contractID: "${first}") { otherSide { phase } } }`,
    );
    expect(peering.otherSide).not.toBeNull();

    const second = await bought(2);
    await expectUsable(second, "6");
    await terminate(milan.connector.api, first, "no longer needed");
    await expectUsable(second, "3");

    await terminate(milan.connector.api, second, "no longer needed");
    for (const admin of [milan, rome])
      await waitFor(async () => (await admin.look(second)).phase === "GONE", { ...SOON, what: "GONE is told" });
    for (const command of commandsIn((await milan.look(second)).whatToDo)) await milan.printed(command);
    // What the customer has taken away is not there any more, and is told so: a shell goes on with the next.
    const { whatToDo } = await rome.look(second);
    const commands = given.generation === "1.2" ? commandsIn(whatToDo) : [whatToDo?.replace(/^[^:]*: /, "") ?? ""];
    for (const command of commands) await rome.printed(command).catch(ignoreAbsent);
    await waitFor(
      async () => {
        const left = (await inventories()).map((now, index) => leftOver(before[index] ?? new Set(), now));
        if (left.flat().length > 0) throw new Error(left.map((lines) => lines.join(", ")).join("; "));
        return true;
      },
      { ...SOON, what: "nothing is left" },
    );
    await waitFor(async () => (await ownStockOf(rome.connector.api, "general", "small")) === STOCK, SOON);
  });
});

/** What could not be done yet: Liqo has not come so far. */
function failed(error: unknown) {
  return { phase: "FAILED", message: error instanceof Error ? error.message : String(error), manifests: null };
}

function ignoreAbsent(error: unknown): void {
  if (!(error instanceof Error) || !error.message.includes("not found")) throw error;
}
