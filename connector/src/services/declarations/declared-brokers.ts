import { parseJoinString } from "@catalog/schema/documents/join-string";
import { CatalogError } from "@catalog/schema/errors";
import type { BrokerService } from "../brokers/broker.service.js";
import type { DeclaredBroker } from "./declaration-ports.js";
import { DECLARATION_ACTOR } from "./declared-offers.js";

/** Makes the registrations what is declared, without touching those that were made by hand. */
export class DeclaredBrokers {
  /** Join strings that a Broker has refused for good, with what it said: they are not shown to it again. */
  private readonly refused = new Map<string, string>();

  constructor(private readonly brokers: BrokerService) {}

  /**
   * Joins, renames, switches and leaves Brokers, each for itself.
   * @returns what is not as declared, a sentence each; it is worth trying again.
   */
  async apply(entries: readonly DeclaredBroker[]): Promise<readonly string[]> {
    const problems: string[] = [];
    const wanted = new Set<string>();
    let isComplete = true;
    for (const entry of entries) {
      const { brokerID, problem } = await this.realise(entry, wanted);
      if (brokerID === null) isComplete = false;
      else wanted.add(brokerID);
      if (problem !== null) problems.push(`${entry.place}: ${problem}`);
    }
    // Whoever cannot be named yet could be one of those that are registered: nobody is left before that is known.
    if (isComplete) await this.leaveOthers(wanted);
    return problems;
  }

  /** There are no declarations any more: what they made stays, and is the admin's from now on. */
  async release(): Promise<void> {
    for (const { broker } of await this.brokers.list())
      if (broker.isDeclared) await this.brokers.release(broker, DECLARATION_ACTOR);
  }

  private async realise(
    entry: DeclaredBroker,
    wanted: ReadonlySet<string>,
  ): Promise<{ readonly brokerID: string | null; readonly problem: string | null }> {
    let brokerID: string | null = null;
    try {
      brokerID = idOf(entry);
      if (brokerID === null) return { brokerID, problem: missing(entry) };
      if (wanted.has(brokerID)) return { brokerID, problem: `the Broker ${brokerID} is declared twice.` };
      await this.reach(entry, brokerID);
      return { brokerID, problem: null };
    } catch (error) {
      if (error instanceof CatalogError) return { brokerID, problem: `${error.code}: ${error.message}` };
      throw error;
    }
  }

  private async reach(entry: DeclaredBroker, brokerID: string): Promise<void> {
    const known = await this.brokers.find(brokerID);
    if (known !== undefined && !known.broker.isDeclared) return;
    if (known === undefined) await this.join(entry);
    const joined = await this.brokers.find(brokerID);
    if (joined !== undefined) await this.brokers.declare(joined.broker, entry, DECLARATION_ACTOR);
  }

  private async join(entry: DeclaredBroker): Promise<void> {
    const { join, name } = entry;
    if (join === null) throw new CatalogError("JOIN_STRING_INVALID", missing(entry));
    const before = this.refused.get(join);
    if (before !== undefined) throw new CatalogError("JOIN_TOKEN_INVALID", before);
    try {
      await this.brokers.register(join, name, DECLARATION_ACTOR, true);
    } catch (error) {
      if (error instanceof CatalogError && error.code.startsWith("JOIN_TOKEN_")) this.refused.set(join, error.message);
      throw error;
    }
  }

  private async leaveOthers(wanted: ReadonlySet<string>): Promise<void> {
    for (const { broker } of await this.brokers.list())
      if (broker.isDeclared && !wanted.has(broker.brokerID)) await this.brokers.undeclare(broker, DECLARATION_ACTOR);
  }
}

/** The fingerprint of a declared Broker; null while nothing says it. @throws JOIN_STRING_INVALID. */
function idOf({ brokerID, join, joinFile }: DeclaredBroker): string | null {
  if (join === null) return brokerID;
  const parsed = parseJoinString(join);
  if (joinFile === null && parsed.secret !== null)
    throw new CatalogError(
      "JOIN_STRING_INVALID",
      "this join string holds a secret: put it in a file of its own (a Secret) and name that in joinFile.",
    );
  if (brokerID !== null && brokerID !== parsed.fingerprint)
    throw new CatalogError(
      "JOIN_STRING_INVALID",
      `the join string names the Broker ${parsed.fingerprint}, brokerID another one.`,
    );
  return parsed.fingerprint;
}

function missing({ joinFile }: DeclaredBroker): string {
  return `there is no join string in ${joinFile ?? "it"} yet; ask the Broker's operator for one.`;
}
