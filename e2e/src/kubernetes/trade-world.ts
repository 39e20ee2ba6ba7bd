import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { waitFor } from "@catalog/server/testing/wait-for";
import { startFederation, type TestFederation } from "../federation/test-federation.js";
import type { Federation, RunningConnector } from "../harness/federation.js";
import { installKinds, type LiqoRelease } from "./fixtures/install-kinds.js";
import { startClusters, type TestCluster, type TestClusters } from "./rig/clusters.js";
import { CONNECTOR_ACCOUNT, CONNECTOR_USER, type Generation } from "./rig/connector-account.js";
import { type Inventory, inventoryOf, isLeftByLiqo, leftOver } from "./rig/inventory.js";
import type { KubeObject } from "./rig/kube-object.js";
import type { Login } from "./rig/login.js";
import type { Disturbance } from "./stand-in/controllers.js";
import { LiqoV0 } from "./stand-in/v0/liqo-v0.js";
import type { PluginWire } from "./stand-in/v0/resource-plugin.js";
import { LiqoV1, type LiqoV1Options } from "./stand-in/v1/liqo-v1.js";
import { connectorLogin } from "./trade-login.js";
import { KubeProxy } from "./trade-proxy.js";

/** How long anything may take that servers do together, in ms. They share few cores with whoever asks whether they are done. */
export const SOON = { timeoutMs: 180_000, intervalMs: 500 };
/** The same for looking at every object of two clusters. */
const LOOKED_THROUGH = { ...SOON, intervalMs: 1_000 };

/** A Liqo that is played. */
interface StandIn {
  readonly disturbance: Disturbance;
  stop(): Promise<void>;
}

/** One organisation: its cluster, its Liqo, and its Connector, which may do in the cluster what the printed roles say. */
export interface Party<Liqo extends StandIn = StandIn> {
  readonly name: string;
  readonly clusterID: string;
  readonly cluster: TestCluster;
  readonly connector: RunningConnector;
  readonly liqo: Liqo;
  readonly proxy: KubeProxy;
  readonly login: Login;
  /** The file that the Connector reads its login from. */
  readonly kubeconfigFile: string;
  /** Everything in the cluster before anything was sold. */
  readonly before: Inventory;
}

type Place = Pick<Party, "name" | "clusterID" | "cluster" | "proxy" | "login" | "kubeconfigFile">;
type Environment = Readonly<Record<string, string>>;

export interface TradeV0Options {
  /** Whether the API servers record what the Connectors ask. */
  readonly isAudited?: boolean;
  readonly wire: PluginWire;
  /** Whether Liqo lets everybody in who has the token, which is its own default. */
  readonly isIncomingByDefault: boolean;
  readonly env?: Environment;
}

export interface TradeV1Options {
  /** Whether the API servers record what the Connectors ask. */
  readonly isAudited?: boolean;
  readonly env?: Environment;
  /** How Liqo is installed, by the name of the cluster. */
  readonly liqo?: Readonly<Record<string, Partial<LiqoV1Options>>>;
  /** Arguments of `npm run policies`. */
  readonly policies?: readonly string[];
}

/** What differs between the generations. */
interface Kind<Liqo extends StandIn> {
  readonly generation: Generation;
  readonly release: LiqoRelease;
  readonly env: Environment;
  readonly isAudited: boolean;
  readonly policies?: readonly string[];
  readonly idOf: (name: string, number: number) => string;
  /** Whether Liqo can be installed only when the Connector runs: 0.x dials it at its start. Otherwise it is there before. */
  readonly needsConnector: boolean;
  /** `grpc` is the address of the Connector's plugin, once it runs. */
  readonly install: (place: Place, grpc: string) => Promise<Liqo>;
  /** What Liqo itself leaves after a peering. */
  readonly isLeft: (object: KubeObject) => boolean;
}

/** A Broker and two organisations, rome and milan, each with a real API server and a Liqo. */
export class TradeWorld<Liqo extends StandIn> {
  private constructor(
    readonly rome: Party<Liqo>,
    readonly milan: Party<Liqo>,
    private readonly isLeft: (object: KubeObject) => boolean,
    private readonly stops: readonly (() => Promise<void>)[],
    readonly federation: Federation,
  ) {}

  static startV0({
    wire,
    isIncomingByDefault,
    env = {},
    isAudited = false,
  }: TradeV0Options): Promise<TradeWorld<LiqoV0>> {
    return TradeWorld.#start({
      generation: "v0",
      release: wire === "v0.8" ? "v0.8.1" : "v0.10.3",
      env: { LIQO_MODE: wire, ...env },
      isAudited,
      needsConnector: true,
      idOf: (_, number) => `00000000-0000-4000-8000-${String(number).padStart(12, "0")}`,
      install: ({ name, clusterID, cluster }, grpc) =>
        LiqoV0.install(cluster, {
          clusterID,
          clusterName: name,
          isIncomingByDefault,
          plugin: { address: grpc.replace("localhost", "127.0.0.1"), wire },
        }),
      isLeft: isLeftByLiqoV0,
    });
  }

  static startV1({ env = {}, liqo = {}, policies = [], isAudited = false }: TradeV1Options = {}): Promise<
    TradeWorld<LiqoV1>
  > {
    return TradeWorld.#start({
      generation: "v1",
      release: "v1.2.0",
      env: { LIQO_MODE: "v1", POD_NAMESPACE: CONNECTOR_ACCOUNT.namespace, PEERING_LOOK: "5s", ...env },
      isAudited,
      policies,
      needsConnector: false,
      idOf: (name) => name,
      install: ({ name, cluster }) => LiqoV1.install(cluster, { clusterID: name, ...liqo[name] }),
      isLeft: isLeftByLiqo,
    });
  }

  static async #start<Liqo extends StandIn>(kind: Kind<Liqo>): Promise<TradeWorld<Liqo>> {
    const stops: (() => Promise<void>)[] = [];
    try {
      const clusters = await startClusters(kind.isAudited ? CONNECTOR_USER : "");
      stops.unshift(() => clusters.stop());
      const folder = await mkdtemp(join(tmpdir(), "catalog-trade-"));
      stops.unshift(() => rm(folder, { recursive: true, force: true }));
      const places = await Promise.all(placesIn(clusters).map((place) => prepared(kind, place, folder)));
      for (const { proxy } of places) stops.unshift(() => proxy.stop());
      const liqos = new Map<string, Liqo>();
      const install = async (grpcOf: (name: string) => string): Promise<void> => {
        await Promise.all(
          places.map(async (place) => {
            const liqo = await kind.install(place, grpcOf(place.name));
            liqos.set(place.name, liqo);
            stops.unshift(() => liqo.stop());
          }),
        );
      };
      if (!kind.needsConnector) await install(() => "");
      const running = await startTraders(kind, places, install);
      stops.unshift(() => running.stop());
      const parties = await Promise.all(
        places.map(async (place): Promise<Party<Liqo>> => {
          const liqo = liqos.get(place.name);
          if (liqo === undefined) throw new Error("Liqo was not installed");
          const before = await inventoryOf(place.cluster.admin, kind.isLeft);
          return { ...place, liqo, before, connector: running.federation.connector(place.name) };
        }),
      );
      const [rome, milan] = parties as [Party<Liqo>, Party<Liqo>];
      return new TradeWorld(rome, milan, kind.isLeft, stops, running.federation);
    } catch (error) {
      for (const stop of stops) await stop();
      throw error;
    }
  }

  async stop(): Promise<void> {
    for (const stop of this.stops) await stop();
  }

  /** Waits until both clusters hold what they held before anything was sold, and nothing else but what `isExpected` names. */
  async expectNothingLeft(isExpected: (line: string) => boolean = () => false): Promise<void> {
    await waitFor(async () => {
      const left = await Promise.all(
        [this.rome, this.milan].map(async ({ name, cluster, before }) =>
          leftOver(before, await inventoryOf(cluster.admin, this.isLeft)).map((line) => `${name}: ${line}`),
        ),
      );
      const unexpected = left.flat().filter((line) => !isExpected(line));
      if (unexpected.length > 0) throw new Error(`left over: ${unexpected.join(", ")}`);
      return true;
    }, LOOKED_THROUGH);
  }
}

interface BarePlace {
  readonly name: string;
  readonly number: number;
  readonly cluster: TestCluster;
}

function placesIn({ provider, consumer }: TestClusters): readonly BarePlace[] {
  return [
    { name: "rome", number: 1, cluster: provider },
    { name: "milan", number: 2, cluster: consumer },
  ];
}

/** The kinds of Liqo, and a login for the Connector that leads through a proxy of the test's. */
async function prepared(
  { generation, release, policies, idOf }: Kind<StandIn>,
  { name, number, cluster }: BarePlace,
  folder: string,
): Promise<Place> {
  const [proxy] = await Promise.all([KubeProxy.start(cluster), installKinds(cluster.admin, release)]);
  const login = await connectorLogin(cluster, generation, proxy, policies);
  const kubeconfigFile = join(folder, `${name}.kubeconfig`);
  await writeFile(kubeconfigFile, login.kubeconfig, { mode: 0o600 });
  return { name, clusterID: idOf(name, number), cluster, proxy, login, kubeconfigFile };
}

/** The Broker and a Connector for each place. */
function startTraders(
  { env, needsConnector }: Kind<StandIn>,
  places: readonly Place[],
  install: (grpcOf: (name: string) => string) => Promise<void>,
): Promise<TestFederation> {
  const kubeconfigOf = (name: string): string => places.find((place) => place.name === name)?.kubeconfigFile ?? "";
  return startFederation(
    places.map(({ name }) => name),
    (name) => ({ ...env, KUBECONFIG: kubeconfigOf(name) }),
    async (federation) => {
      if (needsConnector) await install((name) => federation.connector(name).grpc);
    },
  );
}

const KEPT_KINDS = new Set(["Namespace", "Secret", "RoleBinding", "ConfigMap", "ServiceAccount"]);

/** What Liqo 0.x itself leaves after a peering: signing requests, and the namespace of the peer with its identity and certificate. */
export function isLeftByLiqoV0({ kind, metadata }: KubeObject): boolean {
  if (kind === "CertificateSigningRequest") return true;
  const namespace = kind === "Namespace" ? metadata.name : metadata.namespace;
  return KEPT_KINDS.has(kind) && namespace?.startsWith("liqo-tenant-") === true;
}
