import { isEnded } from "@catalog/schema/contract";
import { CatalogError } from "@catalog/schema/errors";
import { requireNoProblems } from "@catalog/schema/problem";
import type { Contract } from "../../domain/contract.js";
import { releasedByForce, seconds } from "../../domain/contract-change.js";
import type { ContractLedger } from "../contracts/contract-ledger.js";
import type { Transact } from "../contracts/ledger-ports.js";
import { addToHistory } from "./peering-record.js";
import type { Peering, PeeringUnit } from "./peering-store.js";
import { peeringIDOf } from "./peering-task.js";

const MAX_REASON = 500;

/**
 * Frees the stock of an ended contract by hand, where its resources do not come back: the customer is gone, or its objects are stuck. The
 * driver goes on taking the peering down; the contract is flagged for ever, and as overdue until the resources are back.
 */
export class ForcedReleaseService {
  /** @param afterSeconds how long nothing must have moved before. */
  constructor(
    private readonly transact: Transact<PeeringUnit>,
    private readonly ledger: ContractLedger,
    private readonly afterSeconds: number,
  ) {}

  /**
   * Repeated, nothing more.
   * @throws BAD_USER_INPUT without a reason, CONTRACT_NOT_FOUND, CONTRACT_STATE_INVALID for a contract whose stock is not waited for,
   * RELEASE_TOO_EARLY while the resources may still come back by themselves.
   */
  async release(contractID: string, reason: string, actor: string): Promise<Contract> {
    const text = reason.trim();
    const isSaid = text !== "" && text.length <= MAX_REASON;
    requireNoProblems(isSaid ? [] : [{ path: "reason", message: `must have 1 to ${MAX_REASON} characters.` }]);
    return this.transact(async (unit) => {
      const peeringOf = await unit.contracts.get(contractID);
      const peering = peeringOf && (await unit.peerings.find(peeringIDOf(peeringOf)));
      const contract = await unit.contracts.find(contractID);
      if (contract === undefined)
        throw new CatalogError("CONTRACT_NOT_FOUND", `Contract ${contractID} is not known here.`, { contractID });
      if (contract.isReleasedByForce) return contract;
      requireStuck(contract, peering, seconds(unit.now), this.afterSeconds);
      const after = await this.ledger.change(unit, contract, releasedByForce(contract, unit.now), actor);
      const message = `The stock of contract ${contractID} was freed by hand: ${text}`;
      await unit.activity.add({ actor, action: "contract.releasedByForce", subject: contractID, message });
      if (peering !== undefined) await addToHistory(unit, peering, actor, message);
      return after;
    });
  }
}

/** When the stock of an ended contract may be freed by hand: nothing has moved for so long. Unix seconds. */
export function releasableFrom(
  contract: Pick<Contract, "endedAt" | "changed">,
  peering: Pick<Peering, "progressed"> | undefined,
  afterSeconds: number,
): number {
  return Math.max(contract.endedAt ?? contract.changed, peering?.progressed ?? 0) + afterSeconds;
}

function requireStuck(contract: Contract, peering: Peering | undefined, now: number, afterSeconds: number): void {
  const { contractID, state, isHolding, role } = contract;
  if (role !== "SELLER" || !isEnded(state) || !isHolding) {
    const what = role === "SELLER" ? (isEnded(state) ? "has its stock back already" : `is ${state}`) : "was bought";
    const message = `Contract ${contractID} ${what}: only the stock of a sold contract that has ended is waited for.`;
    throw new CatalogError("CONTRACT_STATE_INVALID", message, { contractID, state });
  }
  const allowedFrom = releasableFrom(contract, peering, afterSeconds);
  if (now >= allowedFrom) return;
  const message = `The resources of contract ${contractID} may still come back by themselves; its stock can be freed by hand once nothing has moved for ${afterSeconds} s.`;
  throw new CatalogError("RELEASE_TOO_EARLY", message, { contractID, allowedFrom });
}
