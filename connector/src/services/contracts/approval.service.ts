import { ContractStateInvalidError, isEnded } from "@catalog/schema/contract";
import { CatalogError } from "@catalog/schema/errors";
import { textProblems } from "@catalog/schema/field-checks";
import { requireNoProblems } from "@catalog/schema/problem";
import type { Contract } from "../../domain/contract.js";
import { applyEvent } from "../../domain/contract-change.js";
import type { NegotiationSettings } from "../../domain/negotiation-settings.js";
import type { Refusal } from "../../domain/sale.js";
import type { ClusterService } from "../cluster/cluster.service.js";
import type { ContractLedger } from "./contract-ledger.js";
import { requireContract } from "./contract.service.js";
import type { LedgerUnit, Transact } from "./ledger-ports.js";
import { reserveUnits } from "./reservation.js";

/** What the admin of a provider decides about requests that wait. */
export class ApprovalService {
  constructor(
    private readonly transact: Transact<LedgerUnit>,
    private readonly ledger: ContractLedger,
    private readonly cluster: ClusterService,
    private readonly settings: NegotiationSettings,
  ) {}

  /**
   * Grants a request that waits: takes its units from the stock and freezes the terms as they were asked for. Twice is once.
   * @throws CONTRACT_NOT_FOUND, CONTRACT_STATE_INVALID, CONTRACT_EXPIRED, OUT_OF_STOCK: the request then goes on waiting.
   */
  async approve(contractID: string, actor: string): Promise<Contract> {
    const seller = await this.cluster.party();
    const periods = { reservation: this.settings.approvedReservation, acknowledgement: this.settings.acknowledgement };
    return this.transact(async (unit) => {
      const contract = await requireContract(unit, contractID);
      if (wasGranted(contract)) return contract;
      requireWaiting(contract, "APPROVE");
      const expired = await this.ledger.expire(unit, contract);
      if (isEnded(expired.state)) throw tooLate(contract);
      const reserved = await reserveUnits(unit, this.cluster.identity.signer, contract, seller, periods);
      if ("refusal" in reserved) throw stillWaiting(contract, reserved.refusal);
      return this.ledger.change(unit, contract, reserved.contract, actor);
    });
  }

  /** Refuses a request that waits. Twice is once. @throws CONTRACT_NOT_FOUND, CONTRACT_STATE_INVALID, BAD_USER_INPUT. */
  async reject(contractID: string, reason: string | null, actor: string): Promise<Contract> {
    requireNoProblems(reason === null ? [] : textProblems(reason, "reason", 1024));
    return this.transact(async (unit) => {
      const contract = await requireContract(unit, contractID);
      if (contract.role === "SELLER" && contract.state === "REJECTED") return contract;
      requireWaiting(contract, "REJECT");
      const message = reason ?? "The provider has refused the request.";
      const after = applyEvent(contract, "REFUSED", unit.now, { code: "REJECTED_BY_SELLER", message });
      return this.ledger.change(unit, contract, after, actor);
    });
  }
}

function wasGranted(contract: Contract): boolean {
  return contract.role === "SELLER" && !isEnded(contract.state) && contract.state !== "PENDING_APPROVAL";
}

function requireWaiting(contract: Contract, action: string): void {
  if (contract.role === "SELLER" && contract.state === "PENDING_APPROVAL") return;
  throw new ContractStateInvalidError(contract.contractID, contract.state, action);
}

function tooLate(contract: Contract): CatalogError {
  return new CatalogError(
    "CONTRACT_EXPIRED",
    `The request ${contract.contractID} has waited too long; the customer has to ask again.`,
  );
}

function stillWaiting(contract: Contract, { code, message }: Refusal): CatalogError {
  return new CatalogError(
    code,
    `${message} The request goes on waiting; raise the plan's quantity or end another contract.`,
    {
      contractID: contract.contractID,
    },
  );
}
