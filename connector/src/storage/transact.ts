import type { Database } from "@catalog/server/database/database";
import type { Transaction } from "@catalog/server/database/transaction";
import type { Transact, UnitBase } from "../services/contracts/ledger-ports.js";
import type { Changes, ChangeTopic, ChangeTopics } from "../services/ports.js";
import { SqlActivityLog } from "./activity.repository.js";

/** Runs use cases in transactions of a database; `build` adds the repositories that a use case finds in its unit. */
export function createTransact<Unit extends UnitBase>(
  database: Pick<Database, "transaction">,
  changes: Changes,
  build: (tx: Transaction, base: UnitBase) => Unit,
): Transact<Unit> {
  return (work) =>
    database.transaction(async (tx) => {
      const now = await tx.now();
      const changed = <T extends ChangeTopic>(topic: T, id: ChangeTopics[T]): void =>
        tx.afterCommit(() => changes.emit(topic, id));
      const activity = new SqlActivityLog(tx.manager, now, (id) => changed("activity", id));
      return work(build(tx, { now, activity, changed }));
    });
}
