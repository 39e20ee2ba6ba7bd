import { parseQuantity } from "@catalog/schema/quantity";
import { addAmounts } from "@catalog/schema/resource-list";
import { waitFor } from "@catalog/server/testing/wait-for";
import { expect } from "vitest";
import {
  buy,
  type ContractView,
  contractOf,
  contractsOf,
  ownStockOf,
  saveOffer,
  terminate,
} from "../federation/operations.js";
import { halfOn } from "./trade-peerings.js";
import { type Party, SOON } from "./trade-world.js";

/** Units of the plan that each party sells. */
export const STOCK = 6;
const OFFER = {
  offerID: "general",
  offerName: "General purpose",
  offerType: "compute",
  approval: "AUTO",
  labels: { zone: "north" },
  plans: [
    {
      planID: "small",
      planName: "Small",
      planCost: 0.05,
      planCostCurrency: "EUR",
      planCostPeriod: "hour",
      planQuantity: STOCK,
      resources: { cpu: "1500m", ram: "2Gi", storage: "10Gi" },
    },
  ],
};
/** What a unit of it gives, under Kubernetes' names; pods are those of a contract, however many units it has. */
const UNIT = { cpu: "1500m", memory: "2Gi", "ephemeral-storage": "10Gi" };
const PODS = 110n;

export type Amounts = Readonly<Record<string, bigint>>;

/** What one party sells to the other: in the contracts, in the provider's cluster and in the customer's. */
export abstract class Trade {
  constructor(
    readonly seller: Party,
    readonly buyer: Party,
  ) {}

  /** Puts the offer on the Catalog, for the other to see. */
  async advertise(): Promise<void> {
    await saveOffer(this.seller.connector.api, OFFER);
    await waitFor(async () => {
      const { offers } = await this.buyer.connector.api.request<{ offers: { nodes: { clusterID: string }[] } }>(
        "{ offers(filter: { onlyAvailable: true }) { nodes { clusterID } } }",
      );
      return offers.nodes.some(({ clusterID }) => clusterID === this.seller.clusterID);
    }, SOON);
  }

  /** Buys, and waits until both have the contract active. */
  async buy(units = 1): Promise<ContractView> {
    const order = { clusterID: this.seller.clusterID, offerID: "general", planID: "small", units };
    const bought = await buy(this.buyer.connector.api, order);
    const isActive = async (party: Party): Promise<boolean> =>
      (await contractOf(party.connector.api, bought.contractID))?.state === "ACTIVE";
    await waitFor(async () => (await isActive(this.buyer)) && (await isActive(this.seller)), SOON);
    return bought;
  }

  async end(contract: ContractView, by: Party = this.buyer): Promise<void> {
    await terminate(by.connector.api, contract.contractID, "no longer needed");
  }

  /** Ends whatever is active, so that a test that failed does not fail those after it. */
  async endAll(): Promise<void> {
    for (const contract of await contractsOf(this.seller.connector.api))
      if (contract.role === "SELLER" && contract.state === "ACTIVE") await this.end(contract, this.seller);
  }

  /** Units left in the seller's ledger. */
  stock(): Promise<number | undefined> {
    return ownStockOf(this.seller.connector.api, "general", "small");
  }

  /** What the active contracts of one party's books add up to. */
  async sold(party: Party = this.seller): Promise<Amounts> {
    const role = party === this.seller ? "SELLER" : "BUYER";
    const { contracts } = await party.connector.api.request<{
      contracts: readonly Pick<ContractView, "state" | "units" | "role">[];
    }>("{ contracts(first: 200) { role state units } }");
    const active = contracts.filter((contract) => contract.role === role && contract.state === "ACTIVE");
    const units = BigInt(active.reduce((sum, contract) => sum + contract.units, 0));
    return {
      ...Object.fromEntries(Object.entries(UNIT).map(([name, amount]) => [name, parseQuantity(amount) * units])),
      pods: parseQuantity(String(PODS * BigInt(active.length))),
    };
  }

  /** What Liqo gives in the provider's cluster; undefined while it gives nothing. */
  abstract offered(): Promise<Amounts | undefined>;

  /** What each of the customer's virtual nodes has. */
  abstract nodes(): Promise<readonly Amounts[]>;

  /** What the customer's virtual nodes have together; undefined while there is none. */
  async onNode(): Promise<Amounts | undefined> {
    const nodes = await this.nodes();
    return nodes.length === 0 ? undefined : sumOf(nodes);
  }

  /** What the Connector says that Liqo may give. */
  abstract granted(): Promise<Amounts>;

  /** Waits until both sides say that the peering stands and the node has what was sold: not less, and not more. */
  async expectUsable(units: number): Promise<void> {
    const cpu = parseQuantity(UNIT.cpu) * BigInt(units);
    for (const party of [this.seller, this.buyer])
      await waitFor(async () => (await this.sold(party))["cpu"] === cpu, {
        ...SOON,
        what: `${units} units are active`,
      });
    await waitFor(() => this.is("ESTABLISHED"), { ...SOON, what: "ESTABLISHED on both sides" });
    await waitFor(async () => same(await this.offered(), await this.sold()), {
      ...SOON,
      what: "the offer is what was sold",
    });
    await waitFor(async () => same(await this.onNode(), await this.sold()), {
      ...SOON,
      what: "the node is what was sold",
    });
    expect(await this.sold(this.buyer)).toEqual(await this.sold());
  }

  /** Waits until both sides say that nothing is left of the peering, and the stock is back. */
  async expectGone(): Promise<void> {
    await waitFor(() => this.is("GONE"), { ...SOON, what: "GONE on both sides" });
    await waitFor(async () => (await this.stock()) === STOCK, { ...SOON, what: "the stock is back" });
    expect(await this.onNode()).toBeUndefined();
    expect(await this.offered()).toBeUndefined();
    expect(Object.values(await this.granted()).every((amount) => amount === 0n)).toBe(true);
  }

  /** Whether both sides tell this phase; a peering that never was is gone. Throws what they tell instead. */
  async is(phase: string): Promise<boolean> {
    const [customer, provider] = [
      await halfOn(this.buyer.connector.api, "CUSTOMER"),
      await halfOn(this.seller.connector.api, "PROVIDER"),
    ];
    if ([customer, provider].every((half) => (half?.phase ?? "GONE") === phase)) return true;
    const told = [customer, provider].map(
      (each) => each && `${each.side} ${each.phase}: ${each.message} ${each.whatToDo} ${each.lastError}`,
    );
    throw new Error(told.join("; "));
  }
}

/** Quantities as amounts; undefined for anything else than a list of them. */
export function amountsOf(quantities: unknown): Amounts | undefined {
  if (typeof quantities !== "object" || quantities === null) return undefined;
  return Object.fromEntries(Object.entries(quantities).map(([name, text]) => [name, parseQuantity(String(text))]));
}

/** What several have together. */
export function sumOf(each: readonly Amounts[]): Amounts {
  return each.reduce<Amounts>((sum, one) => addAmounts(sum, one), {});
}

/** Names that are missing have zero. Throws how they differ. */
function same(shown: Amounts | undefined, wanted: Amounts): boolean {
  if (shown === undefined) return false;
  const names = new Set([...Object.keys(shown), ...Object.keys(wanted)]);
  const different = [...names].filter((name) => (shown[name] ?? 0n) !== (wanted[name] ?? 0n));
  if (different.length === 0) return true;
  throw new Error(different.map((name) => `${name}: ${shown[name]} instead of ${wanted[name]}`).join(", "));
}
