import { generateIdentity, type IdentityKeys } from "@catalog/schema/documents/keys";
import { signerFrom } from "@catalog/schema/documents/jws";
import { CatalogError } from "@catalog/schema/errors";
import { type Amounts, toAmounts } from "@catalog/schema/resource-list";
import type { Contract, Party } from "../../../domain/contract.js";
import type {
  PeeringExchange,
  PeeringReport,
  PeeringSide,
  PeeringTask,
} from "../../../services/peerings/peering-ports.js";
import { sampleContract } from "../../../testing/sample-contract.js";
import type { KubeApi } from "../../kube/kube-api.js";
import { FakeKube } from "../../testing/fake-kube.js";
import { CustomerSide } from "../customer-side.js";
import { MaterialDesk } from "../material-desk.js";
import { OwnClusterReader } from "../own-cluster.js";
import { ProviderSide } from "../provider-side.js";
import { V0PeeringDriver } from "../v0-driver.js";
import { type PlayedCluster, PlayedLiqo } from "./played-liqo.js";

export type ClusterName = "turin" | "paris";

export const NOTHING: Amounts = toAmounts({ cpu: "0", memory: "0", pods: "0" });
export const SOLD: Amounts = toAmounts({ cpu: "4", memory: "8Gi", pods: "110" });

interface Half {
  readonly cluster: PlayedCluster;
  readonly keys: IdentityKeys;
  driver: V0PeeringDriver | undefined;
}

/** What one contract's reconciler knows, as the services would store it. */
interface Stored {
  state: unknown;
  last: PeeringReport | undefined;
}

/** Two clusters whose Connectors peer on Liqo 0.x: real drivers over a Kubernetes in memory and a played Liqo. */
export class TwoClusters {
  readonly halves: Readonly<Record<ClusterName, Half>>;
  readonly liqo: PlayedLiqo;
  /** Contracts by who sells. */
  readonly active: Record<ClusterName, Contract[]> = { turin: [], paris: [] };
  readonly ending: Record<ClusterName, Contract[]> = { turin: [], paris: [] };
  isProviderAway = false;
  now = 1_700_000_000_000;
  private readonly stored = new Map<string, Stored>();

  private constructor(keys: Record<ClusterName, IdentityKeys>) {
    const clusterOf = (name: ClusterName): PlayedCluster => ({
      id: `id-of-${name}`,
      name,
      kube: new FakeKube(),
      isReachable: true,
      isOpenByDefault: false,
      grant: NOTHING,
    });
    const [turin, paris] = [clusterOf("turin"), clusterOf("paris")];
    this.liqo = new PlayedLiqo([turin, paris]);
    const half = (cluster: PlayedCluster, own: IdentityKeys): Half => ({ cluster, keys: own, driver: undefined });
    this.halves = { turin: half(turin, keys.turin), paris: half(paris, keys.paris) };
  }

  static async start(): Promise<TwoClusters> {
    const keys = { turin: await generateIdentity(), paris: await generateIdentity() };
    const world = new TwoClusters(keys);
    for (const name of ["turin", "paris"] as const) await world.restart(name);
    return world;
  }

  /** A new process: nothing is remembered but what is stored. */
  async restart(name: ClusterName, kube: KubeApi = this.halves[name].cluster.kube): Promise<void> {
    const { cluster, keys } = this.halves[name];
    const guard = {
      check: async (text: string) => ({
        url: new URL(text),
        host: new URL(text).hostname,
        addresses: ["93.184.216.34"],
      }),
    };
    const own = new OwnClusterReader(kube, "liqo", {
      whoIs: async () => ({ clusterID: cluster.id, clusterName: cluster.name }),
    });
    const identity = { fingerprint: keys.fingerprint, keys, signer: await signerFrom(keys) };
    const now = (): number => this.now;
    const desk = new MaterialDesk(identity, guard, async () => undefined);
    const customer = new CustomerSide(kube, "liqo", own, desk, now);
    const provider = new ProviderSide(kube, own, identity, { grantOf: async () => cluster.grant }, now);
    this.halves[name].driver = new V0PeeringDriver("v0.8", kube, customer, provider);
  }

  /** Makes a contract active at both. */
  sell(seller: ClusterName, contractID = `contract-${seller}`): Contract {
    const contract = this.contract(seller, contractID);
    this.active[seller].push(contract);
    this.halves[seller].cluster.grant = SOLD;
    this.liqo.notify(this.halves[seller].cluster);
    return contract;
  }

  contract(seller: ClusterName, contractID: string): Contract {
    const buyer = other(seller);
    return sampleContract({
      contractID,
      state: "ACTIVE",
      activatedAt: 1_700_000_000 + this.active[seller].length,
      seller: this.party(seller),
      buyer: this.party(buyer),
      counterpartyKey: this.halves[seller].keys.signing.publicJwk,
    });
  }

  end(seller: ClusterName): void {
    this.ending[seller].push(...this.active[seller].splice(0));
    this.halves[seller].cluster.grant = NOTHING;
    this.liqo.notify(this.halves[seller].cluster);
  }

  /** One run of one reconciler, as the services do it. */
  async reconcile(at: ClusterName, side: PeeringSide): Promise<PeeringReport> {
    const key = `${at} ${side}`;
    const stored = this.stored.get(key) ?? { state: null, last: undefined };
    this.stored.set(key, stored);
    const report = await this.driver(at).reconcile(this.task(at, side, stored.state), this.exchange);
    stored.state = JSON.parse(JSON.stringify(report.state ?? null));
    stored.last = report;
    return report;
  }

  task(at: ClusterName, side: PeeringSide, state: unknown = null): PeeringTask {
    const seller = side === "PROVIDER" ? at : other(at);
    const peer = this.party(other(at));
    return {
      side,
      peer: { ...peer, liqo: { mode: "v0.8", version: "0.8.1" } },
      contracts: this.active[seller],
      ending: this.ending[seller],
      wanted: this.active[seller].length > 0,
      network: false,
      isAllowed: false,
      isOtherUp: false,
      state,
    };
  }

  /** All reconcilers and Liqo in turn, until nothing changes any more. @throws what a reconciler throws */
  async settle(turns = 25): Promise<void> {
    let before = "";
    for (let turn = 0; turn < turns; turn++) {
      for (const at of ["turin", "paris"] as const) {
        for (const side of ["PROVIDER", "CUSTOMER"] as const) await this.reconcile(at, side);
      }
      this.liqo.step();
      this.now += 10_000;
      const after = this.objects();
      if (after === before) return;
      before = after;
    }
  }

  /** Where a reconciler stood last. */
  last(at: ClusterName, side: PeeringSide): PeeringReport {
    const report = this.stored.get(`${at} ${side}`)?.last;
    if (report === undefined) throw new Error(`${at} ${side} has not run`);
    return report;
  }

  /** Every object of both, without what changes by being written. */
  objects(): string {
    const plain = (name: ClusterName) =>
      [...this.halves[name].cluster.kube.objects.values()].map(({ metadata, ...rest }) => {
        const { resourceVersion: _, ...kept } = metadata;
        return JSON.stringify({ metadata: kept, ...rest });
      });
    return [...plain("turin"), "---", ...plain("paris")].join("\n");
  }

  names(): string[] {
    return (["turin", "paris"] as const).flatMap((at) =>
      this.halves[at].cluster.kube.names().map((name) => `${at}: ${name}`),
    );
  }

  readonly exchange: PeeringExchange = async (contract, message) => {
    const seller = this.active.turin.includes(contract) ? "turin" : "paris";
    if (this.isProviderAway) throw unreachable();
    const { reply } = await this.driver(seller).answer(contract, message, null);
    return JSON.parse(JSON.stringify(reply)) as typeof reply;
  };

  driver(at: ClusterName): V0PeeringDriver {
    const { driver } = this.halves[at];
    if (driver === undefined) throw new Error(`${at} has not started`);
    return driver;
  }

  private party(name: ClusterName): Party {
    const { cluster, keys } = this.halves[name];
    return {
      ...sampleContract().seller,
      fingerprint: keys.fingerprint,
      clusterID: cluster.id,
      clusterName: name,
      encKey: keys.encryption.publicJwk,
    };
  }
}

function other(name: ClusterName): ClusterName {
  return name === "turin" ? "paris" : "turin";
}

function unreachable(): CatalogError {
  return new CatalogError("PEER_UNREACHABLE", "turin did not answer");
}
