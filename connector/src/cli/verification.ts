import type { ContractTerms } from "@catalog/schema/contract";
import {
  contractHash,
  contractTermsHash,
  verifyContract,
  verifyTerms,
  type PartyKeyOf,
} from "@catalog/schema/documents/contract-document";
import { type Descriptor, keyChain, verifyDescriptor } from "@catalog/schema/documents/descriptor";
import { peekJws, TYP } from "@catalog/schema/documents/jws";
import { verifyOffer, verifyWithdrawal } from "@catalog/schema/documents/offer-document";
import { verifyActivation, verifyNotice, verifyReceipt } from "@catalog/schema/documents/receipt";

/** What became of the verification of one document. */
export interface Verdict {
  readonly document: string;
  readonly isProven: boolean;
  /** Fingerprints of those who signed it; empty if it is not proven. */
  readonly signers: readonly string[];
  /** What it says in a few words, or why it is not proven. */
  readonly message: string;
}

/** The documents of one contract, as `contracts show --documents` prints them. */
export interface Bundle {
  readonly contract?: string | null;
  readonly receipt?: string | null;
  readonly activation?: string | null;
  readonly notice?: string | null;
}

/** Descriptors of those who may have signed: each proves its own keys, and which fingerprint is whose is for people to know. */
export class Descriptors {
  private constructor(private readonly byFingerprint: ReadonlyMap<string, Descriptor>) {}

  /** @throws CatalogError DOCUMENT_INVALID for one that does not prove itself. */
  static async read(documents: readonly string[]): Promise<Descriptors> {
    const read = await Promise.all(documents.map((jws) => verifyDescriptor(jws.trim())));
    // The newest of each, whatever their order.
    return new Descriptors(new Map(read.toSorted((a, b) => a.seq - b.seq).map((one) => [one.iss, one])));
  }

  readonly keyOf: PartyKeyOf = async (kid, fingerprint) =>
    (await keyChain(this.require(fingerprint))).find((key) => key.kid === kid)?.jwk;

  /** @throws Error that names whose descriptor is missing. */
  require(fingerprint: string): Descriptor {
    const found = this.byFingerprint.get(fingerprint);
    if (found !== undefined) return found;
    throw new Error(`the descriptor of ${fingerprint} is needed: give it with --descriptor, or use --pins`);
  }
}

/** Verifies the documents of a contract with nothing but descriptors. */
export async function verifyBundle(bundle: Bundle, descriptors: Descriptors): Promise<readonly Verdict[]> {
  const { keyOf } = descriptors;
  const contract = bundle.contract ?? null;
  if (contract === null)
    return [
      { document: "contract", isProven: false, signers: [], message: "there is none: the two have not both signed" },
    ];
  let terms: ContractTerms | undefined;
  const first = await verdict("contract", async () => {
    terms = await verifyContract(contract, keyOf, keyOf);
    const { seller, buyer, units, offer, planID } = terms;
    const signers = [seller.fingerprint, buyer.fingerprint];
    return {
      signers,
      message: `${buyer.prettyName} buys ${units} × ${offer.offerID}/${planID} from ${seller.prettyName}`,
    };
  });
  if (terms === undefined) return [first];
  return [first, ...(await verifyFollowers(bundle, contract, terms, keyOf))];
}

async function verifyFollowers(
  { receipt, activation, notice }: Bundle,
  contract: string,
  { contractID, seller, buyer }: ContractTerms,
  keyOf: PartyKeyOf,
): Promise<readonly Verdict[]> {
  const termsHash = await contractTermsHash(contract);
  const verdicts: Verdict[] = [];
  if (receipt)
    verdicts.push(
      await verdict("receipt", async () => {
        const hash = await contractHash(contract);
        await verifyReceipt(receipt, { iss: buyer.fingerprint, contractID, keyOf, termsHash, contractHash: hash });
        return { signers: [buyer.fingerprint], message: "the customer holds the signed contract" };
      }),
    );
  if (activation)
    verdicts.push(
      await verdict("activation", async () => {
        await verifyActivation(activation, { iss: seller.fingerprint, contractID, keyOf, termsHash });
        return { signers: [seller.fingerprint], message: "the provider has put it in force" };
      }),
    );
  if (notice)
    verdicts.push(
      await verdict("notice", async () => {
        const iss = peekJws(notice).payload["iss"] === buyer.fingerprint ? buyer.fingerprint : seller.fingerprint;
        await verifyNotice(notice, { iss, contractID, keyOf });
        return { signers: [iss], message: "it was ended" };
      }),
    );
  return verdicts;
}

/** Verifies one compact JWS: an offer, a withdrawal, a descriptor, or the terms of a contract. */
export async function verifyCompact(jws: string, descriptors: Descriptors): Promise<Verdict> {
  return verdict("document", async () => {
    const { header, payload } = peekJws<{ readonly iss?: unknown }>(jws);
    const iss = typeof payload.iss === "string" ? payload.iss : "";
    if (header.typ === TYP.offer) {
      const { offer, rev } = await verifyOffer(jws, descriptors.require(iss));
      return { signers: [iss], message: `offer ${offer.offerID}, number ${rev}` };
    }
    if (header.typ === TYP.withdrawal) {
      const { offerID, rev } = await verifyWithdrawal(jws, descriptors.require(iss));
      return { signers: [iss], message: `withdrawal of offer ${offerID}, number ${rev}` };
    }
    if (header.typ === TYP.descriptor) {
      const { clusterPrettyName, clusterID, seq } = await verifyDescriptor(jws);
      return { signers: [iss], message: `descriptor of ${clusterPrettyName} (${clusterID}), number ${seq}` };
    }
    const terms = await verifyTerms(jws, descriptors.keyOf);
    return {
      signers: [terms.seller.fingerprint],
      message: `terms of contract ${terms.contractID}, signed by the provider alone`,
    };
  });
}

async function verdict(document: string, prove: () => Promise<Pick<Verdict, "signers" | "message">>): Promise<Verdict> {
  try {
    return { document, isProven: true, ...(await prove()) };
  } catch (error) {
    return { document, isProven: false, signers: [], message: error instanceof Error ? error.message : String(error) };
  }
}
