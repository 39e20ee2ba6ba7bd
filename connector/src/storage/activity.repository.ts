import { type EntityManager, ILike, LessThan, Like } from "typeorm";
import type { ActivityEntry, ActivityFilter, ActivityLog } from "../services/contracts/ledger-ports.js";
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

  list(first: number, before?: string, filter: ActivityFilter = {}): Promise<readonly ActivityEntry[]> {
    const { text, actor, action, subject } = filter;
    return this.manager.find(ActivityTable, {
      where: {
        ...(before === undefined ? {} : { id: LessThan(before) }),
        ...(text ? { message: ILike(`%${literal(text)}%`) } : {}),
        ...(actor ? { actor: Like(`${literal(actor)}%`) } : {}),
        ...(action ? { action: Like(`${literal(action)}%`) } : {}),
        ...(subject ? { subject } : {}),
      },
      order: { id: "DESC" },
      take: first,
    });
  }
}

/** A text that a pattern of SQL takes for itself. */
function literal(text: string): string {
  return text.replaceAll(/[\\%_]/g, String.raw`\$&`);
}
