import { expect } from "vitest";
import { addAmounts, type Amounts, toAmounts } from "@catalog/schema/resource-list";
import { parseQuantity } from "@catalog/schema/quantity";
import { waitFor } from "@catalog/server/testing/wait-for";
import type { RunningConnector } from "../harness/federation.js";
import { ResourceReader } from "../harness/resource-reader.js";

interface SoldContract {
  readonly contractID: string;
  readonly state: string;
  readonly buyerID: string;
  readonly buyerFingerprint: string;
  readonly offerID: string;
  readonly planID: string;
  readonly units: number;
  readonly version: number;
  readonly resources: Readonly<Record<string, string>>;
}
interface OwnOffer {
  readonly offerID: string;
  readonly plans: readonly { readonly planID: string; readonly planQuantity: number; readonly available: number }[];
}
interface Page {
  readonly contracts: readonly SoldContract[];
  readonly myOffers: readonly OwnOffer[];
}

const BOOKS = `query ($after: ID) {
  contracts(role: SELLER, first: 200, after: $after) { contractID state buyerID buyerFingerprint offerID planID units version resources }
  myOffers(first: 200) { offerID plans { planID planQuantity available } }
}`;
const HOLDING = new Set(["RESERVED", "CONFIRMED", "ACTIVE"]);

/** What a seller has on its books, as its admin and its Liqo read them. */
export class SellerBooks {
  readonly #reader: ResourceReader;

  constructor(private readonly seller: RunningConnector) {
    this.#reader = new ResourceReader(seller.grpc);
  }

  async contracts(): Promise<readonly SoldContract[]> {
    const all: SoldContract[] = [];
    for (let after: string | null = null; ;) {
      const page: Page = await this.seller.api.request<Page>(BOOKS, { after });
      all.push(...page.contracts);
      const last: SoldContract | undefined = page.contracts.at(-1);
      if (last === undefined || page.contracts.length < 200) return all;
      after = last.contractID;
    }
  }

  /** Fails unless every unit that is held belongs to exactly one live contract, and Liqo is told exactly what is active. */
  async balance(clusterIDs: readonly string[] = []): Promise<void> {
    const { myOffers } = await this.seller.api.request<Page>(BOOKS, { after: null });
    const contracts = await this.contracts();
    for (const { offerID, plans } of myOffers) {
      for (const { planID, planQuantity, available } of plans) {
        const holders = contracts.filter(
          (one) => one.offerID === offerID && one.planID === planID && HOLDING.has(one.state),
        );
        const live = holders.reduce((sum, one) => sum + one.units, 0);
        expect([offerID, planID, planQuantity - available]).toEqual([offerID, planID, live]);
        expect(available).toBeGreaterThanOrEqual(0);
      }
    }
    const active = contracts.filter((one) => one.state === "ACTIVE");
    for (const clusterID of new Set([...clusterIDs, ...contracts.map((one) => one.buyerID)])) {
      const owed = active.filter((one) => one.buyerID === clusterID);
      await waitFor(async () => (expect(await this.granted(clusterID)).toEqual(amountOf(owed)), true), {
        what: `the grant of ${clusterID}`,
      });
    }
  }

  /** CPU and memory that Liqo may give a cluster. */
  async granted(clusterID: string): Promise<Amounts> {
    const { cpu = "0", memory = "0" } = await this.#reader.read(clusterID);
    return { cpu: parseQuantity(cpu), memory: parseQuantity(memory) };
  }

  /** Everything that may not change while somebody only tries to; waits until nothing is on its way. */
  async snapshot(): Promise<unknown> {
    const contracts = await this.contracts();
    const { myOffers } = await this.seller.api.request<Page>(BOOKS, { after: null });
    const ids = [...new Set(contracts.map((one) => one.buyerID))].sort();
    const grants = await Promise.all(ids.map(async (id) => [id, await this.granted(id)]));
    return { contracts, myOffers, grants };
  }

  /** Runs `attack` and shows that books, stock and grants are as before, and the process the same one. */
  async unmoved(attack: () => Promise<void>): Promise<void> {
    const pid = this.seller.process.pid;
    const before = await this.snapshot();
    await attack();
    expect(await this.snapshot()).toEqual(before);
    expect(this.seller.process.pid).toBe(pid);
    await this.balance();
  }

  close(): void {
    this.#reader.close();
  }
}

/** CPU and memory of whole contracts, which state what all of their units give. */
function amountOf(contracts: readonly SoldContract[]): Amounts {
  return contracts.reduce<Amounts>((sum, { resources }) => addAmounts(sum, toAmounts(resources)), {
    cpu: 0n,
    memory: 0n,
  });
}
