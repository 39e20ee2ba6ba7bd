import { isEnded } from "@catalog/schema/contract";
import { assemble, contractHash, cosign, verifyTerms } from "@catalog/schema/documents/contract-document";
import { signReceipt } from "@catalog/schema/documents/receipt";
import { CatalogError } from "@catalog/schema/errors";
import type { Negotiation } from "@catalog/schema/operations";
import { canonicalJson } from "../../domain/canonical-json.js";
import type { Contract } from "../../domain/contract.js";
import { applyEvent, seconds } from "../../domain/contract-change.js";
import { nextStep, unapprovedFields } from "../../domain/purchase.js";
import { CONNECTOR_ACTOR, type ContractLedger, peerActor } from "./contract-ledger.js";
import { requireContract } from "./contract.service.js";
import type { LedgerUnit, Transact } from "./ledger-ports.js";
import { oneOf } from "./party-keys.js";
import type { Identity } from "../ports.js";
import type { ReplyReader } from "./reply-reader.js";
import type { TerminationService } from "./termination.service.js";

/** What the buyer records of a negotiation: each step is on disk before it is sent, each answer before the next step. */
export class NegotiationService {
  constructor(
    private readonly transact: Transact<LedgerUnit>,
    private readonly ledger: ContractLedger,
    private readonly identity: Identity,
    private readonly reader: ReplyReader,
    private readonly termination: TerminationService,
  ) {}

  /** The contract as it stands; undefined if there is none. */
  find(contractID: string): Promise<Contract | undefined> {
    return this.transact((unit) => unit.contracts.get(contractID));
  }

  /** Takes over what the seller says of itself now, before it is asked for the first time. */
  meet(contractID: string, seller: Contract["seller"], sellerKey: Contract["counterpartyKey"]): Promise<Contract> {
    return this.change(contractID, async (_, contract) => {
      const isKnown = canonicalJson([contract.seller, contract.counterpartyKey]) === canonicalJson([seller, sellerKey]);
      return isKnown || contract.state !== "REQUESTED" ? contract : { ...contract, seller, counterpartyKey: sellerKey };
    });
  }

  /** Signs the seller's terms if they are what was approved; ends the contract otherwise. */
  sign(contractID: string): Promise<Contract> {
    return this.change(contractID, async (unit, contract) => {
      const jws = contract.documents.terms;
      if (contract.state !== "RESERVED" || jws === null) return contract;
      const terms = await verifyTerms(jws, oneOf(contract.counterpartyKey));
      const fields = unapprovedFields(contract, terms);
      if (fields.length > 0) {
        const reason = `The seller's terms differ from what was approved in: ${fields.join(", ")}.`;
        return this.termination.cancelled(unit, contract, reason, false, "TERMS_NOT_APPROVED");
      }
      const text = assemble(jws, await cosign(this.identity.signer, jws));
      return applyEvent(contract, "ACCEPTED", unit.now, { documents: { contract: text } });
    });
  }

  /** Writes the receipt for the co-signed contract before it is sent for the first time. */
  receipt(contractID: string): Promise<Contract> {
    return this.change(contractID, async (unit, contract) => {
      const { contract: text, termsHash, receipt } = contract.documents;
      if (contract.state !== "CONFIRMED" || receipt !== null || text === null || termsHash === null) return contract;
      const { signer } = this.identity;
      const content = {
        iss: signer.fingerprint,
        contractID,
        termsHash,
        contractHash: await contractHash(text),
        iat: seconds(unit.now),
      };
      return { ...contract, documents: { ...contract.documents, receipt: await signReceipt(signer, content) } };
    });
  }

  /** Signs the notice that is to be sent, where the contract ended here without one. */
  notice(contractID: string): Promise<Contract> {
    return this.change(contractID, async (unit, contract) => {
      if (contract.documents.notice !== null && contract.state === "TERMINATED") return contract;
      if (!isEnded(contract.state)) return contract;
      return {
        ...contract,
        documents: { ...contract.documents, notice: await this.termination.signedNotice(unit, contract) },
      };
    });
  }

  /**
   * Takes in what the other party says about a contract. An answer from before the seller's database went back, or an older one, is ignored.
   * @throws DOCUMENT_INVALID for forged documents; nothing of the reply counts then.
   */
  absorb(contractID: string, reply: Negotiation): Promise<Contract> {
    return this.transact(async (unit) => {
      const contract = await requireContract(unit, contractID);
      await unit.outbox.hurry(contract.counterparty);
      if (reply.contractID !== contractID)
        throw new CatalogError(
          "DOCUMENT_INVALID",
          `The answer is about contract ${reply.contractID}, not ${contractID}.`,
        );
      if (contract.role === "SELLER") return this.toldBuyer(unit, contract, reply);
      if (!(await isCurrent(unit, contract, reply))) return contract;
      const after = await this.reader.read(contract, reply, unit.now);
      return this.ledger.change(unit, contract, after, peerActor(contract.counterparty));
    });
  }

  /** What was heard outside of the negotiation's own calls may allow the next step at once. */
  resume(contract: Contract): Promise<void> {
    const { contractID: subject, counterparty: peer } = contract;
    return this.transact((unit) => unit.outbox.add({ kind: "negotiate", subject, peer }));
  }

  /** The peer has refused a call for good. */
  refused(contractID: string, error: CatalogError): Promise<Contract> {
    return this.change(contractID, async (unit, contract) => {
      const step = nextStep(contract);
      if (step === "TERMINATE") return { ...contract, isToldOfEnd: true };
      if (step === "CONFIRM" || step === "ACTIVATE") {
        return this.termination.cancelled(unit, contract, error.message, false, error.code);
      }
      const isAsking = step === "RESERVE" || step === "WAIT";
      return isAsking
        ? applyEvent(contract, "REFUSED", unit.now, { code: error.code, message: error.message })
        : contract;
    });
  }

  /** Shows why a contract does not get on at the moment; it is tried again. */
  delayed(contractID: string, error: CatalogError): Promise<Contract> {
    return this.change(contractID, async (_, contract) => {
      const isShown = contract.code === error.code && contract.message === error.message;
      return isShown || isEnded(contract.state) ? contract : { ...contract, code: error.code, message: error.message };
    });
  }

  private async toldBuyer(unit: LedgerUnit, contract: Contract, reply: Negotiation): Promise<Contract> {
    if (!isEnded(contract.state) || !isEnded(reply.state) || contract.isToldOfEnd) return contract;
    return this.ledger.change(unit, contract, { ...contract, isToldOfEnd: true }, peerActor(contract.counterparty));
  }

  private change(
    contractID: string,
    decide: (unit: LedgerUnit, contract: Contract) => Promise<Contract>,
  ): Promise<Contract> {
    return this.transact(async (unit) => {
      const contract = await requireContract(unit, contractID);
      return this.ledger.change(unit, contract, await decide(unit, contract), CONNECTOR_ACTOR);
    });
  }
}

/** Whether a reply is not older than what is known: first by the seller's incarnation, then by the contract's version. */
async function isCurrent(unit: LedgerUnit, contract: Contract, reply: Negotiation): Promise<boolean> {
  const seen = (await unit.sellers.incarnation(contract.counterparty)) ?? "";
  if (reply.incarnation < seen) return false;
  if (reply.incarnation > seen) await unit.sellers.saveIncarnation(contract.counterparty, reply.incarnation);
  return reply.incarnation > contract.incarnation || reply.version >= contract.version;
}
