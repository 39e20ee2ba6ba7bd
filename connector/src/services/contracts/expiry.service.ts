import { delay } from "@catalog/server/backoff";
import type { Task } from "@catalog/server/tasks";
import type { Contract } from "../../domain/contract.js";
import { applyEvent } from "../../domain/contract-change.js";
import { CONNECTOR_ACTOR, type ContractLedger } from "./contract-ledger.js";
import type { LedgerUnit, Transact } from "./ledger-ports.js";
import { repeat } from "../repeat.js";

const BATCH = 100;
/** The longest and the shortest sleep between two looks, in ms. */
const LONGEST_MS = 1_000;
const SHORTEST_MS = 20;

/**
 * Ends what has run out, so that it is seen and its grant is taken back without anybody asking. Nothing relies on it: whoever acts on a
 * contract looks at its deadlines first.
 */
export class ExpiryService implements Task {
  readonly name = "expiry";

  constructor(
    private readonly transact: Transact<LedgerUnit>,
    private readonly ledger: ContractLedger,
  ) {}

  async run(signal: AbortSignal): Promise<void> {
    await repeat(signal, async () => {
      const waitMs = await this.sweep();
      await delay(Math.min(LONGEST_MS, Math.max(SHORTEST_MS, waitMs)), signal);
    });
  }

  /** Ends everything that is due. Returns in how many ms the next is due, infinite if nothing is. */
  async sweep(): Promise<number> {
    const { due, now } = await this.transact(async (unit) => ({
      now: unit.now.getTime(),
      due: await unit.contracts.due(Math.floor(unit.now.getTime() / 1000), BATCH),
    }));
    for (const contractID of due.contractIDs) await this.expire(contractID);
    if (due.contractIDs.length === BATCH) return 0;
    return due.nextAt === null ? Infinity : due.nextAt * 1000 - now;
  }

  private expire(contractID: string): Promise<Contract | undefined> {
    return this.transact(async (unit) => {
      const contract = await unit.contracts.find(contractID);
      if (contract?.role === "SELLER") return this.ledger.expire(unit, contract);
      return contract && this.overdue(unit, contract);
    });
  }

  /** A bought contract whose seller has not said that it ended: the seller's clock has passed its end for certain. */
  private overdue(unit: LedgerUnit, contract: Contract): Promise<Contract> {
    const details = { code: "CONTRACT_EXPIRED", message: "The agreed end of the contract has been reached." };
    const after = contract.state === "ACTIVE" ? applyEvent(contract, "ENDED", unit.now, details) : contract;
    return this.ledger.change(unit, contract, after, CONNECTOR_ACTOR);
  }
}
