import { assemble, contractHash, cosign, signTerms, termsHash } from "@catalog/schema/documents/contract-document";
import { signDescriptor } from "@catalog/schema/documents/descriptor";
import { signActivation, signNotice, signReceipt } from "@catalog/schema/documents/receipt";
import { testParties, type TestParty } from "@catalog/schema/testing/identities";
import { clusterDescriptor, CONTRACT_ID, contractTerms, NOW } from "@catalog/schema/testing/samples";
import { beforeAll, describe, expect, it } from "vitest";
import type { Api } from "../../../lib/graphql/api.ts";
import type { SignedContract } from "./differences.ts";
import { PartyKeys, readPartyKeys } from "./party-keys.ts";
import { verifyDocuments } from "./verify-documents.ts";

type Parties = Awaited<ReturnType<typeof testParties>>;

let parties: Parties;
let keys: PartyKeys;
let contract: SignedContract;

const descriptorOf = (party: TestParty, name: string) => signDescriptor(party.signer, clusterDescriptor(party, name));

/** What the API says of a contract that turin sold to paris, whose documents `seller` and `buyer` sign. */
async function signed(seller = parties.turin, buyer = parties.paris): Promise<SignedContract> {
  const terms = contractTerms(parties.turin, parties.paris, "x".repeat(42) + "A");
  const termsJws = await signTerms(seller.signer, terms);
  const text = assemble(termsJws, await cosign(buyer.signer, termsJws));
  const of = { contractID: CONTRACT_ID, termsHash: await termsHash(termsJws) };
  const [sellerID, buyerID] = [terms.seller.fingerprint, terms.buyer.fingerprint];
  return {
    ...{ contractID: CONTRACT_ID, offerID: terms.offer.offerID, planID: terms.planID, units: terms.units },
    validUntil: terms.validUntil ?? null,
    money: { cost: terms.cost, currency: terms.currency, period: terms.period },
    plan: { resources: terms.resources },
    ...{ buyer: { fingerprint: buyerID }, seller: { fingerprint: sellerID } },
    ...{ contract: text, terms: termsJws },
    receipt: await signReceipt(buyer.signer, { ...of, iss: buyerID, contractHash: await contractHash(text), iat: NOW }),
    activation: await signActivation(seller.signer, {
      ...{ ...of, iss: sellerID, activatedAt: NOW, incarnation: "1767225600000-abcdefgh" },
    }),
    notice: await signNotice(buyer.signer, { iss: buyerID, contractID: CONTRACT_ID, reason: "done", at: NOW }),
  };
}

beforeAll(async () => {
  parties = await testParties();
  keys = new PartyKeys();
  await keys.learn(await descriptorOf(parties.turin, "Turin"));
  await keys.learn(await descriptorOf(parties.paris, "Paris"));
  contract = await signed();
});

const summary = async (of: SignedContract, by = keys) =>
  (await verifyDocuments(of, by)).map(({ name, isProven, signers, problems }) => [
    ...[name, isProven, signers.map(({ side }) => side).join(), problems.length],
  ]);

describe("the documents of a contract", () => {
  it("are proven with the keys of both parties, each by who has to sign it", async () => {
    expect(await summary(contract)).toEqual([
      ["contract", true, "Provider,Customer", 0],
      ["terms", true, "Provider", 0],
      ["receipt", true, "Customer", 0],
      ["activation", true, "Provider", 0],
      ["notice", true, "Customer", 0],
    ]);
  });

  it("are not proven if somebody else has signed them", async () => {
    const forged = await signed(parties.mallory, parties.mallory);
    expect((await summary(forged)).map(([name, isProven]) => [name, isProven])).toEqual(
      ["contract", "terms", "receipt", "activation", "notice"].map((name) => [name, false]),
    );
  });

  it("are not proven with one byte changed", async () => {
    const text = contract.contract ?? "";
    const at = text.indexOf('"signature":"') + 15;
    const changed = `${text.slice(0, at)}${text[at] === "A" ? "B" : "A"}${text.slice(at + 1)}`;
    expect((await summary({ ...contract, contract: changed }))[0]).toEqual(["contract", false, "", 1]);
  });

  it("are proven, but said to differ, where the page shows something else than was signed", async () => {
    const [whole, terms] = await verifyDocuments({ ...contract, units: contract.units + 1 }, keys);
    expect(whole).toMatchObject({ isProven: true, problems: [expect.stringContaining("units")] });
    expect(terms?.problems).toHaveLength(1);
    const other = { ...contract, buyer: { fingerprint: parties.mallory.keys.fingerprint } };
    expect((await summary(other))[0]?.[1]).toBe(false);
  });

  it("cannot be proven without the key of a party", async () => {
    const few = new PartyKeys();
    await few.learn(await descriptorOf(parties.turin, "Turin"));
    expect((await summary(contract, few)).map(([name, isProven]) => [name, isProven])).toEqual([
      ...[
        ["contract", false],
        ["terms", true],
        ["receipt", false],
        ["activation", true],
        ["notice", false],
      ],
    ]);
  });

  it("that are not there are left out", async () => {
    const early = { ...contract, contract: null, receipt: null, activation: null, notice: null };
    expect(await summary(early)).toEqual([["terms", true, "Provider", 0]]);
  });
});

describe("the keys of parties", () => {
  it("are read from the own descriptor and from those of known clusters, page by page", async () => {
    const { turin, paris, mallory } = parties;
    const own = { fingerprint: paris.keys.fingerprint, descriptor: await descriptorOf(paris, "Paris") };
    const pages = [
      [{ fingerprint: mallory.keys.fingerprint, descriptor: "not read: nobody asked for it" }],
      [{ fingerprint: turin.keys.fingerprint, descriptor: await descriptorOf(turin, "Turin") }],
    ];
    const asked: unknown[] = [];
    const api = {
      query: (_document: unknown, variables: { after?: string | null }) => {
        if (!("after" in variables)) return Promise.resolve({ connector: own });
        asked.push(variables.after);
        return Promise.resolve({ knownClusters: pages[asked.length - 1] ?? [] });
      },
    } as unknown as Pick<Api, "query">;
    const read = await readPartyKeys(api, [paris.keys.fingerprint, turin.keys.fingerprint, "unknown"]);
    expect(asked).toEqual([null, mallory.keys.fingerprint, turin.keys.fingerprint]);
    expect([paris, turin, mallory].map(({ keys: its }) => read.knows(its.fingerprint))).toEqual([true, true, false]);
    expect(read.keyOf(turin.signer.kid, turin.keys.fingerprint)).toEqual(turin.keys.signing.publicJwk);
    expect(read.keyOf(turin.signer.kid, paris.keys.fingerprint)).toBeUndefined();
  });
});
