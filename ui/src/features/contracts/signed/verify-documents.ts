import type { ContractTerms } from "@catalog/schema/contract";
import {
  contractHash,
  contractTermsHash,
  termsHash,
  verifyContract,
  verifyTerms,
} from "@catalog/schema/documents/contract-document";
import { verifyActivation, verifyNotice, verifyReceipt } from "@catalog/schema/documents/receipt";
import { peekJws } from "@catalog/schema/documents/jws";
import type { PartyKeys } from "./party-keys.ts";
import { differences, type SignedContract } from "./differences.ts";

/** Who signed a document: the fingerprint of the party whose key proved the signature. */
export interface Signer {
  readonly side: "Provider" | "Customer";
  readonly fingerprint: string;
}

/** What became of the verification of one document. */
export interface Verdict {
  readonly name: "contract" | "terms" | "receipt" | "activation" | "notice";
  readonly isProven: boolean;
  /** Proven signatures. */
  readonly signers: readonly Signer[];
  /** Why it is not proven, or what in it differs from what this page shows. */
  readonly problems: readonly string[];
}

/** Verifies every document of a contract here, with the keys of its two parties. Never throws for a bad document. */
export async function verifyDocuments(contract: SignedContract, keys: PartyKeys): Promise<readonly Verdict[]> {
  const seller = { side: "Provider", fingerprint: contract.seller.fingerprint } as const;
  const buyer = { side: "Customer", fingerprint: contract.buyer.fingerprint } as const;
  const verdicts: Verdict[] = [];
  const check = async (
    name: Verdict["name"],
    text: string | null,
    signers: readonly Signer[],
    prove: (text: string) => Promise<readonly string[]>,
  ): Promise<void> => {
    if (text === null) return;
    const unknown = signers.filter(({ fingerprint }) => !keys.knows(fingerprint));
    if (unknown.length > 0) {
      const problems = unknown.map(({ side }) => `The key of the ${side.toLowerCase()} is not known here.`);
      verdicts.push({ name, isProven: false, signers: [], problems });
      return;
    }
    try {
      verdicts.push({ name, isProven: true, signers, problems: await prove(text) });
    } catch (error) {
      const problem = error instanceof Error ? error.message : String(error);
      verdicts.push({ name, isProven: false, signers: [], problems: [problem] });
    }
  };
  const { contractID } = contract;
  const agreed = (terms: ContractTerms): readonly string[] => differences(terms, contract);
  await check("contract", contract.contract, [seller, buyer], async (text) =>
    agreed(await verifyContract(text, keys.keyOf, keys.keyOf)),
  );
  await check("terms", contract.terms, [seller], async (text) => agreed(await verifyTerms(text, keys.keyOf)));
  await check("receipt", contract.receipt, [buyer], async (text) => {
    const expect = { iss: buyer.fingerprint, contractID, keyOf: keys.keyOf };
    const hash = await contractHash(contract.contract ?? "");
    await verifyReceipt(text, { ...expect, termsHash: await hashOf(contract), contractHash: hash });
    return [];
  });
  await check("activation", contract.activation, [seller], async (text) => {
    const expect = { iss: seller.fingerprint, contractID, keyOf: keys.keyOf };
    await verifyActivation(text, { ...expect, termsHash: await hashOf(contract) });
    return [];
  });
  const notifier = noticeOf(contract.notice) === buyer.fingerprint ? buyer : seller;
  await check("notice", contract.notice, [notifier], async (text) => {
    await verifyNotice(text, { iss: notifier.fingerprint, contractID, keyOf: keys.keyOf });
    return [];
  });
  return verdicts;
}

/** The hash of the frozen terms that receipt and activation name. */
function hashOf({ contract, terms }: SignedContract): Promise<string> {
  return contract === null ? termsHash(terms ?? "") : contractTermsHash(contract);
}

/** Whose notice it claims to be. */
function noticeOf(notice: string | null): unknown {
  if (notice === null) return undefined;
  try {
    return peekJws(notice).payload["iss"];
  } catch {
    return undefined; // not a document: the verification says why
  }
}
