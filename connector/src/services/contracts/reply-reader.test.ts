import { assemble, cosign, signTerms, termsHash } from "@catalog/schema/documents/contract-document";
import { generateIdentity } from "@catalog/schema/documents/keys";
import { signerFrom } from "@catalog/schema/documents/jws";
import { signActivation, signNotice } from "@catalog/schema/documents/receipt";
import type { ContractState } from "@catalog/schema/contract";
import type { Negotiation } from "@catalog/schema/operations";
import { beforeAll, describe, expect, it } from "vitest";
import type { Contract, Party } from "../../domain/contract.js";
import { negotiationOf } from "../../domain/contract-change.js";
import { NEGOTIATION_DEFAULTS } from "../../domain/negotiation-settings.js";
import { sampleContract, sampleTerms } from "../../testing/sample-contract.js";
import type { Identity } from "../ports.js";
import { ReplyReader } from "./reply-reader.js";

const AT = new Date(1_700_000_060_000);
let buyer: Identity;
let seller: Identity;
let stranger: Identity;
let reader: ReplyReader;
let base: Contract;
let terms: string;
let contractText: string;
let activation: string;

async function identity(): Promise<Identity> {
  const keys = await generateIdentity();
  return { fingerprint: keys.fingerprint, keys, signer: await signerFrom(keys) };
}

function named(party: Party, who: Identity): Party {
  return { ...party, fingerprint: who.fingerprint, encKey: who.keys.encryption.publicJwk };
}

beforeAll(async () => {
  [buyer, seller, stranger] = await Promise.all([identity(), identity(), identity()]);
  reader = new ReplyReader(buyer, NEGOTIATION_DEFAULTS);
  const sample = sampleContract({ role: "BUYER" });
  const parties = { buyer: named(sample.buyer, buyer), seller: named(sample.seller, seller) };
  terms = await signTerms(seller.signer, sampleTerms(parties));
  contractText = assemble(terms, await cosign(buyer.signer, terms));
  const hash = await termsHash(terms);
  const content = {
    iss: seller.fingerprint,
    contractID: sample.contractID,
    termsHash: hash,
    activatedAt: 1_700_000_050,
    incarnation: "1700000000000-abcd",
  };
  activation = await signActivation(seller.signer, content);
  base = {
    ...sample,
    ...parties,
    counterparty: seller.fingerprint,
    counterpartyKey: seller.keys.signing.publicJwk,
    documents: { ...sample.documents, terms, termsHash: hash, contract: contractText },
  };
});

const inState = (state: ContractState, change: Partial<Contract> = {}): Contract => ({ ...base, state, ...change });

function reply(state: ContractState, change: Partial<Negotiation> = {}): Negotiation {
  return { ...negotiationOf({ ...base, state, version: 20 }, "1700000000000-abcd"), ...change };
}

describe("what a seller says, in every state of the buyer", () => {
  it.each<[ContractState, ContractState, ContractState]>([
    ["REQUESTED", "PENDING_APPROVAL", "PENDING_APPROVAL"],
    ["REQUESTED", "RESERVED", "RESERVED"],
    ["REQUESTED", "CONFIRMED", "RESERVED"],
    ["REQUESTED", "REJECTED", "REJECTED"],
    ["REQUESTED", "EXPIRED", "EXPIRED"],
    ["REQUESTED", "TERMINATED", "TERMINATED"],
    ["PENDING_APPROVAL", "PENDING_APPROVAL", "PENDING_APPROVAL"],
    ["PENDING_APPROVAL", "RESERVED", "RESERVED"],
    ["PENDING_APPROVAL", "REJECTED", "REJECTED"],
    ["PENDING_APPROVAL", "EXPIRED", "EXPIRED"],
    ["RESERVED", "RESERVED", "RESERVED"],
    ["RESERVED", "EXPIRED", "EXPIRED"],
    ["CONFIRMING", "RESERVED", "CONFIRMING"],
    ["CONFIRMING", "CONFIRMED", "CONFIRMED"],
    ["CONFIRMING", "ACTIVE", "CONFIRMED"],
    ["CONFIRMING", "EXPIRED", "EXPIRED"],
    ["CONFIRMED", "CONFIRMED", "CONFIRMED"],
    ["CONFIRMED", "ACTIVE", "ACTIVE"],
    ["CONFIRMED", "EXPIRED", "EXPIRED"],
    ["CONFIRMED", "TERMINATED", "TERMINATED"],
    ["ACTIVE", "ACTIVE", "ACTIVE"],
    ["ACTIVE", "RESERVED", "ACTIVE"],
    ["ACTIVE", "REJECTED", "ACTIVE"],
    ["ACTIVE", "EXPIRED", "ACTIVE"],
    ["ACTIVE", "TERMINATED", "ACTIVE"],
    ["REJECTED", "REJECTED", "REJECTED"],
    ["EXPIRED", "ACTIVE", "EXPIRED"],
    ["TERMINATED", "ACTIVE", "TERMINATED"],
    ["TERMINATED", "RESERVED", "TERMINATED"],
  ])("%s hearing %s is %s", async (state, heard, expected) => {
    const after = await reader.read(inState(state), reply(heard, { activation }), AT);
    expect(after.state).toBe(expected);
  });

  it.each<ContractState>(["EXPIRED", "TERMINATED", "REJECTED"])(
    "%s here but live there has to be told",
    async (state) => {
      expect((await reader.read(inState(state), reply("ACTIVE"), AT)).isToldOfEnd).toBe(false);
      expect((await reader.read(inState(state, { isToldOfEnd: false }), reply("TERMINATED"), AT)).isToldOfEnd).toBe(
        true,
      );
    },
  );
});

describe("forged and foreign documents", () => {
  const refused = async (contract: Contract, heard: Negotiation): Promise<void> => {
    await expect(reader.read(contract, heard, AT)).rejects.toMatchObject({ code: "DOCUMENT_INVALID" });
  };

  it("are refused as terms", async () => {
    await refused(inState("REQUESTED"), reply("RESERVED", { terms: null }));
    await refused(inState("REQUESTED"), reply("RESERVED", { terms: "a.b.c" }));
    const foreign = await signTerms(stranger.signer, sampleTerms({ buyer: base.buyer, seller: base.seller }));
    await refused(inState("REQUESTED"), reply("RESERVED", { terms: foreign }));
  });

  it("are refused as contract", async () => {
    await refused(inState("CONFIRMING"), reply("CONFIRMED", { contract: null }));
    const foreign = assemble(terms, await cosign(stranger.signer, terms));
    await refused(inState("CONFIRMING"), reply("CONFIRMED", { contract: foreign }));
    const otherTerms = await signTerms(
      seller.signer,
      sampleTerms({ buyer: base.buyer, seller: base.seller, units: 3 }),
    );
    const other = assemble(otherTerms, await cosign(buyer.signer, otherTerms));
    await refused(inState("CONFIRMING"), reply("CONFIRMED", { contract: other }));
    await refused(inState("CONFIRMING"), reply("CONFIRMED", { contract: `${contractText} ` }));
  });

  it("are refused as activation", async () => {
    const content = {
      iss: seller.fingerprint,
      contractID: base.contractID,
      termsHash: base.documents.termsHash ?? "",
      activatedAt: 1,
      incarnation: "1700000000000-abcd",
    };
    const other = "0198c0de-0000-7000-8000-00000000000f";
    for (const forged of [
      null,
      await signActivation(stranger.signer, content),
      await signActivation(stranger.signer, { ...content, iss: stranger.fingerprint }),
      await signActivation(seller.signer, { ...content, contractID: other }),
      await signActivation(seller.signer, {
        ...content,
        termsHash: await termsHash(await signTerms(seller.signer, sampleTerms({ units: 1 }))),
      }),
    ]) {
      await refused(inState("CONFIRMED"), reply("ACTIVE", { activation: forged }));
    }
  });

  it("do not end an active contract: that takes the seller's own notice, or its agreed end", async () => {
    const content = { iss: seller.fingerprint, contractID: base.contractID, reason: "closing", at: 1_700_000_055 };
    await refused(inState("ACTIVE"), reply("TERMINATED", { notice: await signNotice(stranger.signer, content) }));
    const notice = await signNotice(seller.signer, content);
    const ended = await reader.read(inState("ACTIVE"), reply("TERMINATED", { notice }), AT);
    expect(ended).toMatchObject({ state: "TERMINATED", message: "closing", isBreach: false });
    const early = inState("ACTIVE", { validUntil: 1_700_000_060 + 301 });
    expect((await reader.read(early, reply("EXPIRED"), AT)).state).toBe("ACTIVE");
    const due = inState("ACTIVE", { validUntil: 1_700_000_060 + 299 });
    expect((await reader.read(due, reply("EXPIRED"), AT)).state).toBe("EXPIRED");
  });

  it("calls an end inside the promised notice a breach", async () => {
    const notice = await signNotice(seller.signer, {
      iss: seller.fingerprint,
      contractID: base.contractID,
      reason: null,
      at: 1,
      force: true,
    });
    const promised = inState("ACTIVE", { offer: base.offer && { ...base.offer, noticePeriod: 60 } });
    expect(await reader.read(promised, reply("TERMINATED", { notice }), AT)).toMatchObject({
      state: "TERMINATED",
      isBreach: true,
    });
  });
});
