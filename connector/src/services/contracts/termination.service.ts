import { allowedActions, ContractStateInvalidError, isEnded } from "@catalog/schema/contract";
import { type Notice, signNotice, verifyNotice } from "@catalog/schema/documents/receipt";
import { CatalogError } from "@catalog/schema/errors";
import type { Negotiation } from "@catalog/schema/operations";
import { Members } from "@catalog/schema/documents/members";
import { requireNoProblems } from "@catalog/schema/problem";
import { textProblems } from "@catalog/schema/field-checks";
import { requireSide, type Role } from "../../domain/access.js";
import type { Contract } from "../../domain/contract.js";
import { applyEvent, negotiationOf, nextVersion, seconds, tombstoneView } from "../../domain/contract-change.js";
import type { NegotiationSettings } from "../../domain/negotiation-settings.js";
import { type BuyerIdentity, isInsideNotice } from "../../domain/sale.js";
import { type ContractLedger, peerActor } from "./contract-ledger.js";
import { requireContract } from "./contract.service.js";
import type { LedgerUnit, Transact } from "./ledger-ports.js";
import { oneOf } from "./party-keys.js";
import type { Identity } from "../ports.js";
import { requireFewNew } from "./sale.service.js";

/** How either side ends a contract with a signed notice. */
export class TerminationService {
  constructor(
    private readonly transact: Transact<LedgerUnit>,
    private readonly ledger: ContractLedger,
    private readonly identity: Identity,
    private readonly settings: NegotiationSettings,
  ) {}

  /**
   * Ends a contract here at once; the other side is told until it knows. Twice is once. A provider who promised a notice period needs `force`
   * to end an active contract, and both sides see it as a breach.
   * @param how its role says which side of contracts the actor may act on; both without one.
   * @throws CONTRACT_NOT_FOUND, CONTRACT_STATE_INVALID, NOTICE_PERIOD, FORBIDDEN, BAD_USER_INPUT.
   */
  async terminate(
    contractID: string,
    how: { readonly reason: string | null; readonly force: boolean; readonly role?: Role },
    actor: string,
  ): Promise<Contract> {
    requireNoProblems(how.reason === null ? [] : textProblems(how.reason, "reason", 1024));
    return this.transact(async (unit) => {
      const contract = await this.ledger.expire(unit, await requireContract(unit, contractID));
      requireSide(how.role ?? "ADMIN", contract.role);
      if (contract.state === "TERMINATED") return contract;
      if (!allowedActions(contract.role, contract.state).includes("TERMINATE")) {
        throw new ContractStateInvalidError(contractID, contract.state, "TERMINATE");
      }
      const isBreach = contract.role === "SELLER" && isInsideNotice(contract);
      if (isBreach && !how.force) throw noticePeriod(contract);
      return this.ledger.change(unit, contract, await this.cancelled(unit, contract, how.reason, isBreach), actor);
    });
  }

  /** A contract of either role that this side has ended for a reason of its own; not stored yet. */
  async cancelled(
    unit: LedgerUnit,
    contract: Contract,
    reason: string | null,
    isBreach = false,
    code: string | null = null,
  ): Promise<Contract> {
    return applyEvent(contract, "CANCELLED", unit.now, {
      code,
      message: reason,
      isBreach,
      isToldOfEnd: false,
      documents: { notice: await this.signedNotice(unit, { ...contract, message: reason, isBreach }) },
    });
  }

  /** The own notice that a contract has ended, with the reason that stands in it. */
  signedNotice(unit: LedgerUnit, contract: Contract): Promise<string> {
    const { signer } = this.identity;
    const reason = contract.message?.slice(0, 1024) ?? null;
    const notice: Notice = { iss: signer.fingerprint, contractID: contract.contractID, reason, at: seconds(unit.now) };
    return signNotice(signer, contract.isBreach ? { ...notice, force: true } : notice);
  }

  /**
   * The other party has ended the contract. An id that is not known here is remembered as ended, so that a late `reserve` does not revive it.
   * @throws DOCUMENT_INVALID for a notice that is not the caller's for this contract, RATE_LIMITED for too many unknown ids.
   */
  terminatedByPeer(
    caller: BuyerIdentity,
    call: { readonly contractID: string; readonly notice: string },
  ): Promise<Negotiation> {
    return this.transact(async (unit) => {
      await unit.buyers.lock(caller.fingerprint);
      const incarnation = await unit.cluster.incarnation();
      const found = await unit.contracts.find(call.contractID);
      if (found?.counterparty !== caller.fingerprint) return this.entombed(unit, caller, call, incarnation);
      const contract = await this.ledger.expire(unit, found);
      const keyOf = oneOf(contract.counterpartyKey, caller.signingKey);
      const notice = await verifyNotice(call.notice, { iss: caller.fingerprint, contractID: call.contractID, keyOf });
      if (isEnded(contract.state)) return this.heard(unit, contract, incarnation);
      const after = applyEvent(contract, "CANCELLED", unit.now, {
        message: notice.reason,
        isBreach: contract.role === "BUYER" && isInsideNotice(contract),
        documents: { notice: call.notice },
      });
      return negotiationOf(
        await this.ledger.change(unit, contract, after, peerActor(caller.fingerprint)),
        this.shown(after, incarnation),
      );
    });
  }

  /** Both sides ended it: nobody has to be told any more. */
  private async heard(unit: LedgerUnit, contract: Contract, incarnation: string): Promise<Negotiation> {
    const after = contract.isToldOfEnd ? contract : { ...contract, isToldOfEnd: true };
    return negotiationOf(
      await this.ledger.change(unit, contract, after, peerActor(contract.counterparty)),
      this.shown(after, incarnation),
    );
  }

  private async entombed(
    unit: LedgerUnit,
    caller: BuyerIdentity,
    call: { readonly contractID: string; readonly notice: string },
    incarnation: string,
  ): Promise<Negotiation> {
    const contractID = new Members("terminate", { contractID: call.contractID }, "BAD_USER_INPUT").uuid("contractID");
    const known = await unit.contracts.tombstone(caller.fingerprint, contractID);
    if (known !== undefined) return tombstoneView(contractID, known.version, incarnation, known.notice);
    await verifyNotice(call.notice, { iss: caller.fingerprint, contractID, keyOf: oneOf(caller.signingKey) });
    await requireFewNew(unit, caller.fingerprint, this.settings);
    const version = nextVersion(0, unit.now);
    await unit.contracts.addTombstone(caller.fingerprint, contractID, call.notice, version);
    return tombstoneView(contractID, version, incarnation, call.notice);
  }

  /** A bought contract is numbered by its seller. */
  private shown(contract: Contract, own: string): string {
    return contract.role === "SELLER" ? own : contract.incarnation;
  }
}

function noticePeriod(contract: Contract): CatalogError {
  const period = contract.offer?.noticePeriod ?? 0;
  const message = `Contract ${contract.contractID} promises its customer a notice of ${period} s, so ending it now is a breach that both sides see. Let it run until validUntil, or use force.`;
  return new CatalogError("NOTICE_PERIOD", message, { contractID: contract.contractID, noticePeriod: period });
}
