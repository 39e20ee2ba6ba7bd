import { isEnded } from "@catalog/schema/contract";
import type { ClusterParameters } from "@catalog/schema/catalog";
import {
  assemble,
  contractHash,
  type ContractSignature,
  verifyCosignature,
} from "@catalog/schema/documents/contract-document";
import { encryptMaterial } from "@catalog/schema/documents/peering-material";
import { signActivation, verifyReceipt } from "@catalog/schema/documents/receipt";
import { CatalogError } from "@catalog/schema/errors";
import type { Negotiation } from "@catalog/schema/operations";
import type { Contract } from "../../domain/contract.js";
import { applyEvent, negotiationOf, seconds, tombstoneView } from "../../domain/contract-change.js";
import type { BuyerIdentity } from "../../domain/sale.js";
import { requireSafeSelling } from "../cluster/selling-safety.js";
import { type ContractLedger, peerActor } from "./contract-ledger.js";
import type { LedgerUnit, Transact } from "./ledger-ports.js";
import { oneOf } from "./party-keys.js";
import type { ClusterDriver, Identity } from "../ports.js";

/** A contract that carries the terms already, as `confirm` and `activate` need it. */
interface Frozen {
  readonly contract: Contract;
  readonly terms: string;
  readonly termsHash: string;
}

/** The buyer's signature, and then its receipt: how a reservation becomes an active contract. */
export class SaleClosingService {
  constructor(
    private readonly transact: Transact<LedgerUnit>,
    private readonly ledger: ContractLedger,
    private readonly identity: Identity,
    private readonly driver: Pick<ClusterDriver, "parameters" | "safety">,
  ) {}

  /**
   * Adds the buyer's signature to the frozen terms, if the reservation has not lapsed; repeated, it tells how the contract stands.
   * @throws UNKNOWN_CONTRACT, TERMS_MISMATCH, CONTRACT_STATE_INVALID, DOCUMENT_INVALID for a signature that is not the buyer's.
   */
  confirm(
    caller: BuyerIdentity,
    call: { contractID: string; termsHash: string } & ContractSignature,
  ): Promise<Negotiation> {
    return this.inTime(caller, call, "confirm", async (unit, { contract, terms }) => {
      const signature = { protected: call.protected, signature: call.signature };
      await verifyCosignature(terms, signature, oneOf(contract.counterpartyKey, caller.signingKey));
      const text = assemble(terms, signature);
      const known = contract.documents.contract;
      if (known !== null && known !== text) {
        throw new CatalogError(
          "IDEMPOTENCY_MISMATCH",
          `Contract ${contract.contractID} was confirmed before with another signature.`,
        );
      }
      return applyEvent(contract, "COSIGNED", unit.now, { documents: { contract: text } });
    });
  }

  /**
   * Makes a confirmed contract active on the buyer's receipt, if it is not too late; repeated, it tells how the contract stands.
   * @throws UNKNOWN_CONTRACT, TERMS_MISMATCH, CONTRACT_STATE_INVALID, DOCUMENT_INVALID for a receipt that is not the buyer's for this contract,
   * UNAVAILABLE while the cluster cannot keep the buyer within it.
   */
  async activate(
    caller: BuyerIdentity,
    call: { contractID: string; termsHash: string; receipt: string },
  ): Promise<Negotiation> {
    const parameters = await this.driver.parameters();
    return this.inTime(caller, call, "activate", async (unit, { contract, termsHash }) => {
      const text = contract.documents.contract;
      if (text === null) throw wrongState(contract, "activate");
      const { contractID } = contract;
      const expected = { iss: caller.fingerprint, contractID, termsHash, contractHash: await contractHash(text) };
      await verifyReceipt(call.receipt, { ...expected, keyOf: oneOf(contract.counterpartyKey, caller.signingKey) });
      if (contract.state === "ACTIVE") return contract;
      requireSafeSelling(this.driver);
      const activatedAt = seconds(unit.now);
      const { signer } = this.identity;
      const activation = {
        iss: signer.fingerprint,
        contractID,
        termsHash,
        activatedAt,
        incarnation: await unit.cluster.incarnation(),
      };
      return applyEvent(contract, "ACTIVATED", unit.now, {
        activatedAt,
        documents: {
          receipt: call.receipt,
          activation: await signActivation(signer, activation),
          peering: await this.material(contract, parameters),
        },
      });
    });
  }

  private async material(contract: Contract, parameters: ClusterParameters): Promise<string | null> {
    if (parameters.endpoint === null || parameters.token === null) return null;
    const content = { contractID: contract.contractID, aud: contract.buyer.fingerprint, parameters };
    return encryptMaterial(this.identity.signer, contract.buyer.encKey, content);
  }

  /** Finds the contract with those terms, ends it if its time is over, and otherwise decides what becomes of it. */
  private inTime(
    caller: BuyerIdentity,
    call: { readonly contractID: string; readonly termsHash: string },
    step: string,
    decide: (unit: LedgerUnit, frozen: Frozen) => Promise<Contract>,
  ): Promise<Negotiation> {
    return this.transact(async (unit) => {
      const incarnation = await unit.cluster.incarnation();
      const found = await unit.contracts.find(call.contractID);
      if (found?.role !== "SELLER" || found.counterparty !== caller.fingerprint)
        return unknown(unit, caller, call.contractID, incarnation);
      const contract = await this.ledger.expire(unit, found);
      if (isEnded(contract.state)) return negotiationOf(contract, incarnation);
      const { terms, termsHash } = contract.documents;
      if (terms === null || termsHash === null) throw wrongState(contract, step);
      if (termsHash !== call.termsHash) throw termsMismatch(contract);
      const after = await decide(unit, { contract, terms, termsHash });
      return negotiationOf(await this.ledger.change(unit, contract, after, peerActor(caller.fingerprint)), incarnation);
    });
  }
}

async function unknown(
  unit: LedgerUnit,
  caller: BuyerIdentity,
  contractID: string,
  incarnation: string,
): Promise<Negotiation> {
  const tombstone = await unit.contracts.tombstone(caller.fingerprint, contractID);
  if (tombstone !== undefined) return tombstoneView(contractID, tombstone.version, incarnation, tombstone.notice);
  throw new CatalogError(
    "UNKNOWN_CONTRACT",
    `There is no contract ${contractID} of yours here. Reserve first, or end it on your side.`,
    { contractID },
  );
}

function wrongState(contract: Contract, step: string): CatalogError {
  const message = `Contract ${contract.contractID} is ${contract.state}, which does not allow ${step}.`;
  return new CatalogError("CONTRACT_STATE_INVALID", message, {
    contractID: contract.contractID,
    state: contract.state,
  });
}

function termsMismatch(contract: Contract): CatalogError {
  const message = `Other terms were frozen for contract ${contract.contractID} than those you name. End it and reserve anew.`;
  return new CatalogError("TERMS_MISMATCH", message, { contractID: contract.contractID });
}
