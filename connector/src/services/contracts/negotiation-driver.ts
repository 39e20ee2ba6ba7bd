import { CatalogError } from "@catalog/schema/errors";
import type { Negotiation } from "@catalog/schema/operations";
import type { Clock } from "@catalog/server/clock";
import type { Contract } from "../../domain/contract.js";
import { approvalPollMs, nextStep, type NextStep } from "../../domain/purchase.js";
import { isDefinitive } from "../../domain/refusal-answer.js";
import { reserveInputOf } from "../../domain/reserve-input.js";
import type { NegotiationService } from "./negotiation.service.js";
import { type PeerDirectory, sellerParty } from "./peer-directory.js";
import type { PeerClient } from "../ports.js";

/** Where the work on a contract stands: finished for now, or to be looked at again at that time (Unix ms). */
export type DriveResult = { readonly isDone: true } | { readonly isDone: false; readonly againAt: number };

const DONE: DriveResult = { isDone: true };
/** How long to wait when the other party answers but does not get on, in ms. */
const STALLED_MS = 5_000;

/** Sends what was prepared and recorded for a step. */
type Call = () => Promise<Negotiation>;

/** Carries a contract forward by calling the other party, one recorded step after the other, until there is nothing to do but wait. */
export class NegotiationDriver {
  constructor(
    private readonly negotiation: NegotiationService,
    private readonly peers: PeerDirectory,
    private readonly client: PeerClient,
    private readonly clock: Clock,
  ) {}

  /** @throws what a call throws that is no last word: the caller tries again later, for ever. */
  async drive(contractID: string): Promise<DriveResult> {
    let hasAsked = false;
    for (;;) {
      const contract = await this.negotiation.find(contractID);
      const step = contract === undefined ? "NONE" : nextStep(contract);
      if (contract === undefined || step === "NONE") return DONE;
      if (step === "WAIT" && hasAsked) return this.again(approvalPollMs(contract, this.clock.now()));
      hasAsked = true;
      if (!(await this.advanced(contract, step))) return this.again(STALLED_MS);
    }
  }

  private again(inMs: number): DriveResult {
    return { isDone: false, againAt: this.clock.now().getTime() + inMs };
  }

  /** Takes one step; false if it changed nothing, so that repeating it at once would not either. */
  private async advanced(contract: Contract, step: NextStep): Promise<boolean> {
    const { contractID } = contract;
    if (step === "SIGN") {
      await this.negotiation.sign(contractID);
      return true;
    }
    try {
      const call = await this.prepared(contract, step);
      const reply = await this.answer(contract, call);
      if (reply === undefined) return true;
      const after = await this.negotiation.absorb(contractID, reply);
      return step === "WAIT" || nextStep(after) !== step;
    } catch (error) {
      if (error instanceof CatalogError) await this.negotiation.delayed(contractID, error);
      throw error;
    }
  }

  /** The peer's answer; undefined if it refused for good, which is recorded. */
  private async answer(contract: Contract, call: Call): Promise<Negotiation | undefined> {
    try {
      return await call();
    } catch (error) {
      const failingForSeconds = this.clock.now().getTime() / 1000 - contract.created;
      if (!(error instanceof CatalogError) || !isDefinitive(error, failingForSeconds)) throw error;
      await this.negotiation.refused(contract.contractID, error);
      return undefined;
    }
  }

  private async prepared(contract: Contract, step: NextStep): Promise<Call> {
    const { contractID } = contract;
    if (step === "RESERVE") return this.preparedReserve(contractID, contract.counterparty);
    const peer = await this.peers.addressOf(contract);
    if (step === "WAIT") return () => this.client.reserve(peer, reserveInputOf(contract.request));
    if (step === "CONFIRM") {
      const call = { contractID, termsHash: required(contract.documents.termsHash), ...signatureOf(contract) };
      return () => this.client.confirm(peer, call);
    }
    if (step === "ACTIVATE") {
      const { documents } = await this.negotiation.receipt(contractID);
      const call = { contractID, termsHash: required(documents.termsHash), receipt: required(documents.receipt) };
      return () => this.client.activate(peer, call);
    }
    const { documents } = await this.negotiation.notice(contractID);
    return () => this.client.terminate(peer, { contractID, notice: required(documents.notice) });
  }

  private async preparedReserve(contractID: string, counterparty: string): Promise<Call> {
    const seller = await this.peers.freshest(counterparty);
    const met = await this.negotiation.meet(contractID, sellerParty(seller), seller.descriptor.keys.sig);
    const peer = await this.peers.addressOf(met);
    return () => this.client.reserve(peer, reserveInputOf(met.request));
  }
}

function required(document: string | null): string {
  if (document === null) throw new TypeError("a document of this step was not recorded before it");
  return document;
}

/** The own signature, which the contract text kept at signing holds as the second. */
function signatureOf(contract: Contract): { protected: string; signature: string } {
  const { signatures } = JSON.parse(required(contract.documents.contract)) as {
    signatures: readonly { protected: string; signature: string }[];
  };
  const own = signatures[1];
  if (own === undefined) throw new TypeError(`contract ${contract.contractID} was not signed here`);
  return { protected: own.protected, signature: own.signature };
}
