import type { Logger } from "@catalog/server/log";
import { periodicTask, type Task } from "@catalog/server/tasks";
import { canonicalJson } from "../../domain/canonical-json.js";
import type { Declaration, DeclarationReport, DeclarationSource } from "./declaration-ports.js";
import type { DeclaredBrokers } from "./declared-brokers.js";
import type { DeclaredOffers } from "./declared-offers.js";

/**
 * Keeps offers and registrations as the files of DECLARATIONS say: at start, whenever the files change, and again while anything is not as
 * declared. What cannot be read changes nothing.
 */
export class DeclarationService {
  readonly task: Task;
  private applied: string | undefined;
  private current: DeclarationReport | null;

  /** @param source null where nothing is declared: then what was declared before becomes the admin's. */
  constructor(
    source: DeclarationSource | null,
    private readonly offers: DeclaredOffers,
    private readonly brokers: DeclaredBrokers,
    private readonly log: Logger,
    lookEveryMs: number,
  ) {
    this.current = source && { path: source.path, problems: [], declared: null };
    this.task =
      source === null
        ? { name: "declarations", run: () => this.release() }
        : periodicTask("declarations", lookEveryMs, () => this.look(source), { log });
  }

  /** How the declarations stand; null where there are none. */
  report(): DeclarationReport | null {
    return this.current;
  }

  /** Reads the files, and makes everything as they say unless it is already. */
  async look(source: DeclarationSource): Promise<void> {
    const { path } = source;
    let declaration: Declaration;
    try {
      declaration = await source.read();
    } catch (error) {
      // Read anew once they are mended, even if they say what they said before.
      this.applied = undefined;
      return this.tell({ path, problems: [messageOf(error)], declared: this.current?.declared ?? null });
    }
    const text = canonicalJson(declaration);
    if (text === this.applied) return;
    const problems = await this.apply(declaration);
    if (problems.length === 0) this.applied = text;
    const declared = { offers: declaration.offers.length, brokers: declaration.brokers.length };
    this.tell({ path, problems, declared });
  }

  private async apply({ offers, brokers }: Declaration): Promise<readonly string[]> {
    const problems: string[] = [];
    try {
      await this.offers.apply(offers);
    } catch (error) {
      problems.push(messageOf(error));
    }
    try {
      problems.push(...(await this.brokers.apply(brokers)));
    } catch (error) {
      problems.push(messageOf(error));
    }
    return problems;
  }

  private async release(): Promise<void> {
    await this.offers.release();
    await this.brokers.release();
  }

  private tell(report: DeclarationReport): void {
    const isNew = canonicalJson(report) !== canonicalJson(this.current);
    this.current = report;
    if (!isNew) return;
    const { path, problems, declared } = report;
    if (problems.length > 0) this.log.error({ path, problems }, "what is declared is not in force");
    else this.log.info({ path, declared }, "everything is as declared");
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
