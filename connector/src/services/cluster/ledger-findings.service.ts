import type { Contract } from "../../domain/contract.js";
import type { LedgerUnit, Transact } from "../contracts/ledger-ports.js";

/** What the ledger knows that an admin should look at. */
export interface LedgerFindings {
  /** Freed by hand, and their resources may still be in use. */
  readonly overdue: readonly Contract[];
  /** Ids of peers that were there before and about whom nobody has decided. */
  readonly undecided: readonly string[];
  /** Not ended, and made when this cluster had another Liqo cluster id. */
  readonly underOtherID: readonly Contract[];
}

/** Collects it. */
export class LedgerFindingsService {
  constructor(private readonly transact: Transact<LedgerUnit>) {}

  /** @param clusterID that Liqo has now; null while it is not known. */
  look(clusterID: string | null): Promise<LedgerFindings> {
    return this.transact(async ({ contracts, allowances }) => ({
      overdue: await contracts.overdue(),
      undecided: (await allowances.list()).filter(({ isDecided }) => !isDecided).map((one) => one.clusterID),
      underOtherID: clusterID === null ? [] : await contracts.liveUnderOtherID(clusterID),
    }));
  }
}
