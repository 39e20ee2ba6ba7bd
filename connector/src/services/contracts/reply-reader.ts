import { isEnded, nextState } from "@catalog/schema/contract";
import { termsHash, verifyContract, verifyTerms } from "@catalog/schema/documents/contract-document";
import { verifyActivation, verifyNotice } from "@catalog/schema/documents/receipt";
import { CatalogError } from "@catalog/schema/errors";
import type { Negotiation } from "@catalog/schema/operations";
import type { Contract } from "../../domain/contract.js";
import { applyEvent, type ContractDetails } from "../../domain/contract-change.js";
import type { NegotiationSettings } from "../../domain/negotiation-settings.js";
import { isInsideNotice } from "../../domain/sale.js";
import { oneOf } from "./party-keys.js";
import type { Identity } from "../ports.js";

/**
 * Reads what a seller says about a contract, from the buyer's side. Nothing that counts is believed without the seller's signature; before the
 * activation a refusal needs none, because nothing is owed yet.
 */
export class ReplyReader {
  constructor(
    private readonly identity: Identity,
    private readonly settings: NegotiationSettings,
  ) {}

  /**
   * The contract after the reply; the same object if the reply changes nothing.
   * @throws DOCUMENT_INVALID or DOCUMENT_TOO_LARGE when a document in the reply is not what it must be; nothing of it counts then.
   */
  async read(contract: Contract, reply: Negotiation, at: Date): Promise<Contract> {
    if (isEnded(contract.state)) return afterTheEnd(contract, reply);
    if (isEnded(reply.state)) return this.ended(contract, reply, at);
    const numbered = withNumbers(contract, reply);
    if (isAsking(contract)) return this.requested(numbered, reply, at);
    if (contract.state === "CONFIRMING") return this.confirming(numbered, reply, at);
    if (contract.state === "CONFIRMED") return this.confirmed(numbered, reply, at);
    return contract.state === "ACTIVE" ? withPeering(numbered, reply) : contract;
  }

  private async requested(contract: Contract, reply: Negotiation, at: Date): Promise<Contract> {
    if (reply.state === "PENDING_APPROVAL")
      return applyEvent(contract, "DEFERRED", at, { ...progress(reply), code: null, message: null });
    if (reply.terms === null) throw missing(contract, "terms");
    const terms = await verifyTerms(reply.terms, oneOf(contract.counterpartyKey));
    return applyEvent(contract, "GRANTED", at, {
      ...progress(reply),
      code: null,
      message: null,
      validFrom: terms.validFrom,
      reservedUntil: terms.reservedUntil,
      ackBy: terms.ackBy,
      documents: { terms: reply.terms, termsHash: await termsHash(reply.terms) },
    });
  }

  private async confirming(contract: Contract, reply: Negotiation, at: Date): Promise<Contract> {
    if (reply.state !== "CONFIRMED" && reply.state !== "ACTIVE") return contract;
    if (reply.contract === null) throw missing(contract, "contract");
    await verifyContract(reply.contract, oneOf(contract.counterpartyKey), oneOf(this.identity.keys.signing.publicJwk));
    if (reply.contract !== contract.documents.contract) {
      throw new CatalogError(
        "DOCUMENT_INVALID",
        `The seller shows another contract ${contract.contractID} than the one that was signed here.`,
      );
    }
    return applyEvent(contract, "COSIGNED", at, { ...progress(reply), code: null, message: null });
  }

  private async confirmed(contract: Contract, reply: Negotiation, at: Date): Promise<Contract> {
    if (reply.state !== "ACTIVE") return contract;
    if (reply.activation === null) throw missing(contract, "activation");
    const activation = await this.verifiedActivation(contract, reply.activation);
    return applyEvent(contract, "ACTIVATED", at, {
      ...progress(reply),
      code: null,
      message: null,
      activatedAt: activation.activatedAt,
      documents: { activation: reply.activation, peering: reply.peering },
    });
  }

  private verifiedActivation(contract: Contract, jws: string): ReturnType<typeof verifyActivation> {
    return verifyActivation(jws, {
      iss: contract.counterparty,
      contractID: contract.contractID,
      termsHash: contract.documents.termsHash ?? "",
      keyOf: oneOf(contract.counterpartyKey),
    });
  }

  private async ended(contract: Contract, reply: Negotiation, at: Date): Promise<Contract> {
    if (contract.state === "ACTIVE") return this.endedAfterActive(contract, reply, at);
    const event = reply.state === "REJECTED" ? "REFUSED" : reply.state === "EXPIRED" ? "LAPSED" : "CANCELLED";
    if (nextState("BUYER", contract.state, event) === undefined) return contract;
    return applyEvent(contract, event, at, {
      ...progress(reply),
      ...reasonOf(reply),
      documents: { notice: reply.notice },
    });
  }

  /** An active contract ends by a signed notice or by its own validUntil, by nothing else that is said. */
  private async endedAfterActive(contract: Contract, reply: Negotiation, at: Date): Promise<Contract> {
    if (reply.state === "EXPIRED" && this.isNearEnd(contract, at)) {
      return applyEvent(contract, "ENDED", at, {
        ...progress(reply),
        ...reasonOf(reply),
        releasedAt: reply.releasedAt,
      });
    }
    if (reply.state !== "TERMINATED" || reply.notice === null) return contract;
    const { contractID } = contract;
    const notice = await verifyNotice(reply.notice, {
      iss: contract.counterparty,
      contractID,
      keyOf: oneOf(contract.counterpartyKey),
    });
    return applyEvent(contract, "CANCELLED", at, {
      ...progress(reply),
      message: notice.reason,
      isBreach: isInsideNotice(contract),
      releasedAt: reply.releasedAt,
      documents: { notice: reply.notice },
    });
  }

  private isNearEnd(contract: Contract, at: Date): boolean {
    return contract.validUntil !== null && at.getTime() / 1000 >= contract.validUntil - this.settings.clockTolerance;
  }
}

function isAsking({ state }: Contract): boolean {
  return state === "REQUESTED" || state === "PENDING_APPROVAL";
}

/** One side has ended it. As long as the other does not know, it has to be told; afterwards only the release is news. */
function afterTheEnd(contract: Contract, reply: Negotiation): Contract {
  const isToldOfEnd = isEnded(reply.state);
  if (contract.isToldOfEnd === isToldOfEnd && contract.releasedAt === reply.releasedAt) return contract;
  return { ...contract, ...progress(reply), isToldOfEnd, releasedAt: reply.releasedAt };
}

function progress(reply: Negotiation): Pick<Contract, "version" | "incarnation"> {
  return { version: reply.version, incarnation: reply.incarnation };
}

/** The contract with the seller's newer numbers; the same object if they are not newer. */
function withNumbers(contract: Contract, reply: Negotiation): Contract {
  if (contract.version === reply.version && contract.incarnation === reply.incarnation) return contract;
  return { ...contract, ...progress(reply) };
}

function withPeering(contract: Contract, reply: Negotiation): Contract {
  if (reply.peering === null || contract.documents.peering !== null) return contract;
  return { ...contract, documents: { ...contract.documents, peering: reply.peering } };
}

function reasonOf(reply: Negotiation): ContractDetails {
  return { code: reply.code?.slice(0, 64) ?? null, message: reply.message?.slice(0, 2048) ?? null };
}

function missing(contract: Contract, document: string): CatalogError {
  return new CatalogError(
    "DOCUMENT_INVALID",
    `The seller's answer about contract ${contract.contractID} lacks the ${document}.`,
  );
}
