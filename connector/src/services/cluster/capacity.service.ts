import { formatQuantity } from "@catalog/schema/quantity";
import { type Amounts, amountOf } from "@catalog/schema/resource-list";
import { capacityOf } from "../../domain/capacity.js";
import type { GrantSettings } from "../../domain/grant.js";
import type { LedgerUnit, Transact } from "../contracts/ledger-ports.js";
import type { ClusterDriver } from "../ports.js";

/** How one resource stands, in Kubernetes quantities. */
export interface ResourceCapacity {
  /** Kubernetes' name. */
  readonly resource: string;
  /** What the nodes have; null where nobody can tell. */
  readonly allocatable: string | null;
  /** What is in use on them; null where nobody can tell. */
  readonly used: string | null;
  /** What the own offers declare in all. */
  readonly declared: string;
  /** What contracts hold. */
  readonly sold: string;
  /** What can still be sold. */
  readonly left: string;
}

/** What this cluster has, sells and has sold. */
export class CapacityService {
  constructor(
    private readonly transact: Transact<LedgerUnit>,
    private readonly driver: Pick<ClusterDriver, "capacity">,
    private readonly settings: GrantSettings,
  ) {}

  /** One entry for each resource that the cluster has, offers or has sold, by name. */
  async capacity(): Promise<readonly ResourceCapacity[]> {
    const nodes = await this.driver.capacity();
    const ledger = await this.transact(async ({ offers, stock, contracts }) =>
      capacityOf(await offers.list(), await stock.all(), await contracts.holding(), this.settings),
    );
    const names = new Set(
      [ledger.declared, ledger.sold, ledger.left, nodes?.allocatable ?? {}].flatMap((amounts) => Object.keys(amounts)),
    );
    const text = (amounts: Amounts, name: string): string =>
      formatQuantity(amountOf(amounts, name), isBinary(name) ? "binary" : "decimal");
    return [...names].sort().map((resource) => ({
      resource,
      allocatable: nodes && text(nodes.allocatable, resource),
      used: nodes && text(nodes.used, resource),
      declared: text(ledger.declared, resource),
      sold: text(ledger.sold, resource),
      left: text(ledger.left, resource),
    }));
  }
}

function isBinary(resource: string): boolean {
  return resource === "memory" || resource.endsWith("storage") || resource.startsWith("hugepages-");
}
