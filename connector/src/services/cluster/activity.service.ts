import { requireNoProblems } from "@catalog/schema/problem";
import { optional, textProblems } from "@catalog/schema/field-checks";
import type { ActivityEntry, ActivityFilter, LedgerUnit, Transact } from "../contracts/ledger-ports.js";

const FILTER_LENGTH = 256;

/** What happened in this cluster and who did it. */
export class ActivityService {
  constructor(private readonly transact: Transact<LedgerUnit>) {}

  /** Newest first; `before` is the id of the last one seen. @throws BAD_USER_INPUT */
  async list(first: number, before?: string, filter: ActivityFilter = {}): Promise<readonly ActivityEntry[]> {
    requireNoProblems(
      Object.entries(filter).flatMap(([name, text]) =>
        optional(text, `filter.${name}`, (value, path) => textProblems(value, path, FILTER_LENGTH)),
      ),
    );
    return this.transact((unit) => unit.activity.list(first, before, filter));
  }
}
