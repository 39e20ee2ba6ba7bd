import { randomBytes } from "node:crypto";
import type { ContractTerms } from "@catalog/schema/contract";
import { verifyContract, verifyTerms } from "@catalog/schema/documents/contract-document";
import { type Descriptor, verifyDescriptor } from "@catalog/schema/documents/descriptor";
import { TYP } from "@catalog/schema/documents/jws";
import { verifyActivation } from "@catalog/schema/documents/receipt";
import {
  ACTIVATE,
  type ActivateResult,
  CONFIRM,
  type ConfirmResult,
  DESCRIPTOR,
  type DescriptorResult,
  type Negotiation,
  NEGOTIATIONS,
  type NegotiationsResult,
  RESERVE,
  type ReserveInput,
  type ReserveResult,
  TERMINATE,
  type TerminateResult,
} from "@catalog/schema/operations";
import { b64u, sha256, signSegments } from "./forge.js";
import { ask, MachineLine } from "./machine-line.js";
import type { Stranger } from "./stranger.js";

/** What is bought: `termsRev` as the offer document says. */
export interface Wanted {
  readonly offerID: string;
  readonly planID: string;
  readonly termsRev: number;
  readonly units?: number;
  readonly validUntil?: number | null;
}

/** A new UUID of version 7. */
export function newContractID(): string {
  const bytes = randomBytes(16);
  bytes.writeUIntBE(Date.now(), 0, 6);
  bytes[6] = 0x70 | ((bytes[6] ?? 0) & 0x0f);
  bytes[8] = 0x80 | ((bytes[8] ?? 0) & 0x3f);
  return bytes.toString("hex").replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
}

/** One stranger that buys from one Connector. It serves nothing itself. */
export class StrangerBuyer {
  private constructor(
    readonly line: MachineLine,
    readonly seller: Descriptor,
  ) {}

  /** Asks at the contract endpoint who sells there. */
  static async at(stranger: Stranger, contractEndpoint: string): Promise<StrangerBuyer> {
    const { descriptor } = await ask<DescriptorResult>(contractEndpoint, DESCRIPTOR);
    const seller = await verifyDescriptor(descriptor);
    return new StrangerBuyer(new MachineLine(stranger, contractEndpoint, seller.iss), seller);
  }

  get stranger(): Stranger {
    return this.line.stranger;
  }

  reserveInput(wanted: Wanted, contractID = newContractID()): ReserveInput {
    const { stranger } = this;
    return {
      contractID,
      offerID: wanted.offerID,
      planID: wanted.planID,
      units: wanted.units ?? 1,
      termsRev: wanted.termsRev,
      validUntil: wanted.validUntil ?? null,
      renews: null,
      buyer: {
        clusterID: stranger.clusterID,
        clusterName: stranger.name,
        prettyName: `The ${stranger.name}`,
        contractEndpoint: "http://localhost:9/graphql",
        encKey: JSON.stringify(stranger.keys.encryption.publicJwk),
        liqo: { mode: "manual", version: null, publicKey: null },
      },
    };
  }

  async reserve(input: ReserveInput): Promise<Negotiation> {
    return (await this.line.call<ReserveResult>(RESERVE, { input })).reserve;
  }

  /** The terms, proven to be the seller's. */
  terms(reserved: Negotiation): Promise<ContractTerms> {
    return verifyTerms(reserved.terms ?? "", this.#sellerKey);
  }

  /** Signs the very payload of the terms, with `by` if somebody else is to sign. */
  signature(terms: string, by: Stranger = this.stranger): { protected: string; signature: string } {
    const header = b64u(JSON.stringify({ alg: "EdDSA", typ: TYP.contract, kid: by.keys.signing.kid }));
    const [, , signature = ""] = signSegments(by.keys, header, terms.split(".")[1] ?? "").split(".");
    return { protected: header, signature };
  }

  async confirm(reserved: Negotiation, changes: Readonly<Record<string, string>> = {}): Promise<Negotiation> {
    const terms = reserved.terms ?? "";
    const variables = { contractID: reserved.contractID, termsHash: termsHashOf(terms), ...this.signature(terms) };
    return (await this.line.call<ConfirmResult>(CONFIRM, { ...variables, ...changes })).confirm;
  }

  async activate(confirmed: Negotiation, receipt = this.receipt(confirmed)): Promise<Negotiation> {
    const { contractID, terms } = confirmed;
    const variables = { contractID, termsHash: termsHashOf(terms ?? ""), receipt };
    return (await this.line.call<ActivateResult>(ACTIVATE, variables)).activate;
  }

  receipt({ contractID, terms, contract }: Negotiation): string {
    return this.stranger.receipt(contractID, termsHashOf(terms ?? ""), sha256(contract ?? ""));
  }

  async terminate(contractID: string, notice = this.stranger.notice(contractID)): Promise<Negotiation> {
    return (await this.line.call<TerminateResult>(TERMINATE, { contractID, notice })).terminate;
  }

  async negotiations(): Promise<readonly Negotiation[]> {
    return (await this.line.call<NegotiationsResult>(NEGOTIATIONS, { since: null })).negotiations;
  }

  /** Reserve, confirm and activate, every document verified and compared with what was assembled here. */
  async buy(wanted: Wanted): Promise<Negotiation> {
    const reserved = await this.reserve(this.reserveInput(wanted));
    if (reserved.state !== "RESERVED") throw new Error(`${reserved.state}: ${reserved.code} ${reserved.message}`);
    const terms = await this.terms(reserved);
    const confirmed = await this.confirm(reserved);
    const contract = confirmed.contract ?? "";
    if (contract !== this.assembled(reserved)) throw new Error("the seller assembled another contract");
    await verifyContract(contract, this.#sellerKey, (kid) =>
      kid === this.stranger.keys.signing.kid ? this.stranger.keys.signing.publicJwk : undefined,
    );
    const active = await this.activate(confirmed);
    await verifyActivation(active.activation ?? "", {
      iss: this.seller.iss,
      contractID: terms.contractID,
      termsHash: termsHashOf(reserved.terms ?? ""),
      keyOf: this.#sellerKey,
    });
    return active;
  }

  /** The contract's bytes as WIRE.md section 2.4 wants them. */
  assembled({ terms }: Negotiation): string {
    const [header = "", payload = "", signature = ""] = (terms ?? "").split(".");
    return JSON.stringify({ payload, signatures: [{ protected: header, signature }, this.signature(terms ?? "")] });
  }

  readonly #sellerKey = async (kid: string, fingerprint: string) =>
    kid === this.seller.iss && fingerprint === this.seller.iss ? this.seller.keys.sig : undefined;
}

/** WIRE.md section 3.5. */
export function termsHashOf(terms: string): string {
  return sha256(terms.split(".")[1] ?? "");
}
