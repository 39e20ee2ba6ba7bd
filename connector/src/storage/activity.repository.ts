import { type EntityManager, LessThan } from "typeorm";
import type { ActivityEntry, ActivityLog } from "../services/contracts/ledger-ports.js";
import { ActivityTable } from "./ledger.tables.js";

/** What happened here and who did it. */
export class SqlActivityLog implements ActivityLog {
  constructor(
    private readonly manager: EntityManager,
    private readonly now: Date,
    private readonly added: (id: string) => void,
  ) {}

  async add(entry: Omit<ActivityEntry, "id" | "at">): Promise<void> {
    const result = await this.manager.insert(ActivityTable, { ...entry, at: Math.floor(this.now.getTime() / 1000) });
    const [inserted] = result.identifiers as { id: string }[];
    if (inserted !== undefined) this.added(inserted.id);
  }

  list(first: number, before?: string): Promise<readonly ActivityEntry[]> {
    return this.manager.find(ActivityTable, {
      where: before === undefined ? {} : { id: LessThan(before) },
      order: { id: "DESC" },
      take: first,
    });
  }
}
