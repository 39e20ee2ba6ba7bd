import type { ActivityEntry, LedgerUnit, Transact } from "../contracts/ledger-ports.js";

/** What happened in this cluster and who did it. */
export class ActivityService {
  constructor(private readonly transact: Transact<LedgerUnit>) {}

  /** Newest first; `before` is the id of the last one seen. */
  list(first: number, before?: string): Promise<readonly ActivityEntry[]> {
    return this.transact((unit) => unit.activity.list(first, before));
  }
}
