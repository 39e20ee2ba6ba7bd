import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { waitFor } from "@catalog/server/testing/wait-for";
import { startFederation, type TestFederation } from "../federation/test-federation.js";
import type { RunningConnector } from "../harness/federation.js";
import { installKinds } from "./fixtures/install-kinds.js";
import { startClusters, type TestCluster, type TestClusters } from "./rig/clusters.js";
import { type Inventory, inventoryOf, leftOver } from "./rig/inventory.js";
import type { KubeObject } from "./rig/kube-object.js";
import type { Login } from "./rig/login.js";
import { LiqoV0 } from "./stand-in/v0/liqo-v0.js";
import type { PluginWire } from "./stand-in/v0/resource-plugin.js";
import { connectorLogin } from "./trade-login.js";
import { KubeProxy } from "./trade-proxy.js";

/** How long anything may take that servers do together, in ms. */
export const SOON = { timeoutMs: 45_000, intervalMs: 50 };

/** One organisation: its cluster, its Liqo, and its Connector, which may do in the cluster what the printed roles say. */
export interface Party {
  readonly name: string;
  readonly clusterID: string;
  readonly cluster: TestCluster;
  readonly connector: RunningConnector;
  readonly liqo: LiqoV0;
  readonly proxy: KubeProxy;
  readonly login: Login;
  /** The file that the Connector reads its login from. */
  readonly kubeconfigFile: string;
  /** Everything in the cluster before anything was sold. */
  readonly before: Inventory;
}

type Place = Pick<Party, "name" | "clusterID" | "cluster" | "proxy" | "login" | "kubeconfigFile">;

export interface TradeWorldOptions {
  readonly wire: PluginWire;
  /** Whether Liqo lets everybody in who has the token, which is its own default. */
  readonly isIncomingByDefault: boolean;
  readonly env?: Readonly<Record<string, string>>;
}

/** A Broker and two organisations, rome and milan, each with a real API server and Liqo 0.x. */
export class TradeWorld {
  private constructor(
    readonly rome: Party,
    readonly milan: Party,
    private readonly clusters: TestClusters,
    private readonly running: TestFederation,
    private readonly folder: string,
  ) {}

  static async start(options: TradeWorldOptions): Promise<TradeWorld> {
    const clusters = await startClusters();
    const folder = await mkdtemp(join(tmpdir(), "catalog-trade-"));
    const release = options.wire === "v0.8" ? "v0.8.1" : "v0.10.3";
    const places = [
      await placeOf("rome", 1, clusters.provider, folder),
      await placeOf("milan", 2, clusters.consumer, folder),
    ];
    await Promise.all(places.map(({ cluster }) => installKinds(cluster.admin, release)));
    const liqos = new Map<string, LiqoV0>();
    const running = await startFederation(
      places.map(({ name }) => name),
      (name) => ({ ...envOf(options, places, name), ...options.env }),
      async (federation) => {
        for (const place of places)
          liqos.set(place.name, await liqoOf(place, options, federation.connector(place.name).grpc));
      },
    );
    const parties: Party[] = [];
    for (const place of places) {
      const liqo = liqos.get(place.name);
      if (liqo === undefined) throw new Error("Liqo was not installed");
      const before = await inventoryOf(place.cluster.admin, isLeftByLiqoV0);
      parties.push({ ...place, liqo, before, connector: running.federation.connector(place.name) });
    }
    const [rome, milan] = parties as [Party, Party];
    return new TradeWorld(rome, milan, clusters, running, folder);
  }

  async stop(): Promise<void> {
    for (const { liqo, proxy } of [this.rome, this.milan]) {
      await liqo.stop();
      await proxy.stop();
    }
    await this.running.stop();
    await this.clusters.stop();
    await rm(this.folder, { recursive: true, force: true });
  }

  /** Waits until both clusters hold what they held before anything was sold, and nothing else. */
  async expectNothingLeft(): Promise<void> {
    await waitFor(async () => {
      const left = await Promise.all(
        [this.rome, this.milan].map(async ({ name, cluster, before }) =>
          leftOver(before, await inventoryOf(cluster.admin, isLeftByLiqoV0)).map((line) => `${name}: ${line}`),
        ),
      );
      if (left.flat().length > 0) throw new Error(`left over: ${left.flat().join(", ")}`);
      return true;
    }, SOON);
  }
}

async function placeOf(name: string, number: number, cluster: TestCluster, folder: string): Promise<Place> {
  const proxy = await KubeProxy.start(cluster);
  const login = await connectorLogin(cluster, "v0", proxy);
  const kubeconfigFile = join(folder, `${name}.kubeconfig`);
  await writeFile(kubeconfigFile, login.kubeconfig, { mode: 0o600 });
  const clusterID = `00000000-0000-4000-8000-${String(number).padStart(12, "0")}`;
  return { name, clusterID, cluster, proxy, login, kubeconfigFile };
}

function envOf(options: TradeWorldOptions, places: readonly Place[], name: string): Record<string, string> {
  const place = places.find((each) => each.name === name);
  return { LIQO_MODE: options.wire, KUBECONFIG: place?.kubeconfigFile ?? "" };
}

function liqoOf(place: Place, options: TradeWorldOptions, grpc: string): Promise<LiqoV0> {
  const { name, clusterID, cluster } = place;
  return LiqoV0.install(cluster, {
    clusterID,
    clusterName: name,
    isIncomingByDefault: options.isIncomingByDefault,
    plugin: { address: grpc.replace("localhost", "127.0.0.1"), wire: options.wire },
  });
}

const KEPT_KINDS = new Set(["Namespace", "Secret", "RoleBinding", "ConfigMap", "ServiceAccount"]);

/** What Liqo 0.x itself leaves after a peering: signing requests, and the namespace of the peer with its identity and certificate. */
export function isLeftByLiqoV0({ kind, metadata }: KubeObject): boolean {
  if (kind === "CertificateSigningRequest") return true;
  const namespace = kind === "Namespace" ? metadata.name : metadata.namespace;
  return KEPT_KINDS.has(kind) && namespace?.startsWith("liqo-tenant-") === true;
}
