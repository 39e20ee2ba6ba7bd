import type { Amounts } from "@catalog/schema/resource-list";
import { CatalogError } from "@catalog/schema/errors";
import { seconds } from "../../domain/contract-change.js";
import { type GrantSettings, grantOf } from "../../domain/grant.js";
import type { LedgerUnit, Transact } from "./ledger-ports.js";
import type { Changes, GrantSource } from "../ports.js";

/** How much of this cluster another one may use: what its contracts in force say, and what the admin allowed beside them. */
export class GrantService implements GrantSource {
  constructor(
    private readonly transact: Transact<LedgerUnit>,
    private readonly changes: Changes,
    private readonly settings: GrantSettings,
  ) {}

  /** @throws UNAVAILABLE for a stranger while nobody knows yet which peers were there before: an error takes nothing from them. */
  grantOf(clusterID: string): Promise<Amounts> {
    return this.transact(async ({ cluster, contracts, allowances, now }) => {
      const allowance = await allowances.find(clusterID);
      const namesEverSold = await contracts.namesEverSold(clusterID);
      const isStranger = allowance === undefined && namesEverSold.length === 0;
      if (isStranger && (await cluster.peersListedAt()) === null)
        throw new CatalogError("UNAVAILABLE", "Which peers this cluster had before is not known yet.");
      return grantOf(
        { contracts: await contracts.inForce(clusterID, seconds(now)), allowance, namesEverSold },
        this.settings,
      );
    });
  }

  onChange(listener: (clusterID: string) => void): () => void {
    return this.changes.on("grant", listener);
  }
}
