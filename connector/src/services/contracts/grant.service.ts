import type { Amounts } from "@catalog/schema/resource-list";
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

  grantOf(clusterID: string): Promise<Amounts> {
    return this.transact(async ({ contracts, allowances, now }) =>
      grantOf(
        {
          contracts: await contracts.inForce(clusterID, seconds(now)),
          allowance: await allowances.find(clusterID),
          namesEverSold: await contracts.namesEverSold(clusterID),
        },
        this.settings,
      ),
    );
  }

  onChange(listener: (clusterID: string) => void): () => void {
    return this.changes.on("grant", listener);
  }
}
