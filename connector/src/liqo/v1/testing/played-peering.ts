import type { Amounts } from "@catalog/schema/resource-list";
import type { Contract } from "../../../domain/contract.js";
import type {
  PeeringExchange,
  PeeringReport,
  PeeringSide,
  PeeringTask,
} from "../../../services/peerings/peering-ports.js";
import { createLog } from "@catalog/server/log";
import { SliceController } from "../slice-controller.js";
import { V1Driver } from "../v1-driver.js";
import { FakeKube } from "../../testing/fake-kube.js";
import { playedCluster, settle, type PlayedCluster } from "./fake-liqo.js";

const UNIT = 1_000_000_000n;

/** A contract as far as a driver looks at it: what it gives stands in its id, `3 cpu`. */
export function contractOf(
  contractID: string,
  buyer: PlayedCluster,
  seller: PlayedCluster,
  publicKey = buyer.publicKey,
): Contract {
  const party = ({ id }: PlayedCluster, key?: string): object => ({
    fingerprint: `fp-${id}`,
    clusterID: id,
    clusterName: id,
    liqo: { mode: "v1", version: "1.2.0", ...(key === undefined ? {} : { publicKey: key }) },
  });
  return { contractID, buyer: party(buyer, publicKey), seller: party(seller) } as Contract;
}

export function resourcesOf(contracts: readonly Contract[]): Amounts {
  const cpu = contracts.reduce((sum, { contractID }) => sum + BigInt(contractID.split(" ")[0] ?? "0"), 0n);
  return { cpu: cpu * UNIT, memory: 0n, pods: contracts.length === 0 ? 0n : 10n * UNIT };
}

/** Two clusters with Liqo played in them, and a Connector's driver in each, of which one buys from the other. */
export class PlayedPeering {
  readonly turin = playedCluster("turin", new FakeKube());
  readonly paris = playedCluster("paris", new FakeKube());
  now = Date.UTC(2026, 0, 1);
  active: readonly Contract[] = [];
  ending: readonly Contract[] = [];
  network = false;
  wanted = true;
  isAllowed = false;
  /** Whether the customer's Connector runs. */
  isCustomerThere = true;
  readonly states = new Map<string, unknown>();
  readonly reports = new Map<string, PeeringReport>();
  readonly before: { readonly turin: string[]; readonly paris: string[] };

  constructor(readonly account = { namespace: "the-catalog", name: "connector", tenantRole: "tenant" }) {
    this.before = { turin: this.turin.kube.names(), paris: this.paris.kube.names() };
  }

  buy(contractID: string): Contract {
    const contract = contractOf(contractID, this.paris, this.turin);
    this.active = [...this.active, contract];
    return contract;
  }

  end(contract: Contract): void {
    this.active = this.active.filter((one) => one !== contract);
    this.ending = [...this.ending, contract];
  }

  driver({ id, kube }: PlayedCluster): V1Driver {
    return new V1Driver(
      kube,
      {
        ownID: id,
        liqoNamespace: "liqo",
        className: "catalog",
        account: this.account,
        gatewayService: "NodePort",
        resourcesOf,
        checkAddress: async () => undefined,
        graceMs: 60_000,
        patienceMs: 30_000,
      },
      { now: () => new Date(this.now) },
    );
  }

  task(side: PeeringSide): PeeringTask {
    const peer = side === "CUSTOMER" ? this.turin : this.paris;
    return {
      side,
      peer: {
        fingerprint: `fp-${peer.id}`,
        clusterID: peer.id,
        clusterName: peer.id,
        liqo: { mode: "v1", version: "1.2.0", publicKey: peer.publicKey },
      },
      contracts: this.active,
      ending: this.ending,
      wanted: this.wanted,
      network: this.network,
      isAllowed: this.isAllowed,
      isOtherUp: false,
      state: JSON.parse(JSON.stringify(this.states.get(side) ?? null)) as unknown,
    };
  }

  exchange: PeeringExchange = async (contract, message) => {
    const { reply, state } = await this.driver(this.turin).answer(contract, message, this.states.get("PROVIDER"));
    this.states.set("PROVIDER", state);
    return JSON.parse(JSON.stringify(reply)) as typeof reply;
  };

  async reconcile(side: PeeringSide): Promise<PeeringReport> {
    const driver = this.driver(side === "CUSTOMER" ? this.paris : this.turin);
    const report = await driver.reconcile(this.task(side), this.exchange);
    this.states.set(side, report.state);
    this.reports.set(side, report);
    return report;
  }

  /** One look of everybody, with Liqo coming to rest after each. */
  async turn(): Promise<void> {
    for (const step of [
      () => this.decide(),
      () => this.reconcile("PROVIDER"),
      ...(this.isCustomerThere ? [() => this.reconcile("CUSTOMER")] : []),
    ]) {
      await step();
      settle(this.isCustomerThere ? [this.turin, this.paris] : [this.turin]);
    }
  }

  /** Turns until both sides are in that phase, at most 30 times; a turn that a fault breaks off is begun again. */
  async until(phase: string, isFaulty = false): Promise<void> {
    for (let turn = 0; turn < 30; turn++) {
      await this.turn().catch((error: unknown) => {
        if (!isFaulty) throw error;
      });
      const phases = (this.isCustomerThere ? ["CUSTOMER", "PROVIDER"] : ["PROVIDER"]).map(
        (side) => this.reports.get(side)?.phase,
      );
      if (phases.every((one) => one === phase)) return;
      this.now += 5_000;
    }
    throw new Error(
      `not ${phase}: ${JSON.stringify([...this.reports.values()].map(({ phase: is, message }) => [is, message]))}`,
    );
  }

  private async decide(): Promise<void> {
    const grants = { grantOf: async () => resourcesOf(this.active), onChange: () => () => undefined };
    const settings = { ownID: this.turin.id, className: "catalog", nodeLabelsOf: async () => ({}) };
    const clock = { now: () => new Date(this.now) };
    await new SliceController(
      this.turin.kube,
      grants,
      settings,
      clock,
      createLog({ level: "silent", name: "test" }),
    ).decide(this.paris.id);
  }
}
