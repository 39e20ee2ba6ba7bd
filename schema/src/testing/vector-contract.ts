import type { ContractTerms } from "../contract.js";
import { assemble, contractHash, cosign, signTerms, termsHash } from "../documents/contract-document.js";
import { generalJws } from "../documents/general-jws.js";
import { encryptTo, JWE_TYP } from "../documents/jwe.js";
import { TYP } from "../documents/jws.js";
import { encryptMaterial } from "../documents/peering-material.js";
import { encodeJson, signSegments, withSpareBit } from "./forgeries.js";
import { CONTRACT_ID, contractTerms, NOW, NUMBER, OFFER } from "./samples.js";
import { changes, wrongNumbers, wrongTexts } from "./vector-changes.js";
import { jweChanges, otherwiseSealed } from "./vector-requests.js";
import type { Change, NewFile, Parties, SignedDescriptors, VectorBuilder, VectorFile } from "./vectors.js";
import type { Expectation } from "./verify-vector.js";

/** A contract between turin (seller) and paris (buyer) with everything that later documents refer to. */
export interface SignedContract {
  readonly terms: ContractTerms;
  readonly termsJws: string;
  readonly text: string;
  readonly seller: Expectation;
  readonly buyer: Expectation;
}

export async function signedContract(
  parties: Parties,
  { turin, paris }: SignedDescriptors,
  offerDigest: string,
): Promise<SignedContract> {
  const terms = contractTerms(parties.turin, parties.paris, offerDigest);
  const termsJws = await signTerms(parties.turin.signer, terms);
  const text = assemble(termsJws, await cosign(parties.paris.signer, termsJws));
  const common = { contractID: CONTRACT_ID, termsHash: await termsHash(termsJws), descriptors: [turin, paris] };
  return {
    terms,
    termsJws,
    text,
    seller: { ...common, iss: terms.seller.fingerprint },
    buyer: { ...common, iss: terms.buyer.fingerprint, contractHash: await contractHash(text) },
  };
}

export async function contractFile(file: NewFile, contract: SignedContract): Promise<VectorFile> {
  const builder = file(
    "The frozen terms by the seller (kind terms) and the contract with both signatures (kind contract).",
  );
  const { terms, termsJws, text } = contract;
  const { descriptors = [], termsHash = "" } = contract.seller;
  const expect = { descriptors };
  await builder.sign("terms", "terms", TYP.contract, "turin", terms, { ...expect, termsHash });
  const header = encodeJson({ alg: "Ed25519", typ: TYP.contract, kid: builder.parties.turin.signer.kid });
  const ed25519 = await signSegments(builder.parties.turin, header, termsJws.split(".")[1] ?? "");
  await builder.accept("terms with the alg Ed25519", "terms", ed25519, { ...expect, termsHash });
  await builder.accept("a contract", "contract", text, {
    ...expect,
    termsHash,
    contractHash: contract.buyer.contractHash ?? "",
  });
  await builder.refuseForgeries("terms", TYP.contract, "turin", terms);
  await builder.refuseChanged("terms", TYP.contract, "turin", terms, wrongTerms(terms), "DOCUMENT_INVALID");
  await refuseContracts(builder, termsJws, text);
  return builder.build();
}

function wrongTerms(terms: ContractTerms): readonly Change[] {
  const party = (change: object): readonly Change[] => [
    { buyer: { ...terms.buyer, ...change } },
    { seller: { ...terms.seller, ...change } },
  ];
  return [
    ...changes("v", [undefined, 0, 2, "1"]),
    ...wrongTexts("contractID", "offerDigest", "planID", "currency", "period"),
    ...changes("contractID", ["1", CONTRACT_ID.toUpperCase()]),
    ...changes("renews", [null, "", CONTRACT_ID]),
    ...wrongNumbers("offerRev", "termsRev", "units", "validFrom", "reservedUntil", "ackBy"),
    ...changes("termsRev", [terms.offerRev + 1]),
    ...changes("units", [0, 1_000_001]),
    ...changes("cost", [undefined, null, "0.025", -1, 0.024]),
    ...changes("currency", ["USD"]),
    ...changes("period", ["month"]),
    ...changes("planID", ["gpu", "other"]),
    ...changes("resources", [
      undefined,
      null,
      [],
      {},
      { cpu: "2", ram: "2Gi", storage: "10Gi" },
      { cpu: "1", ram: "2Gi" },
    ]),
    ...changes("resources", [
      { cpu: "1000m", ram: "2Gi", storage: "10Gi" },
      { cpu: "1", ram: "2Gi", storage: "10Gi", pods: "1" },
    ]),
    ...changes("noticePeriod", [undefined, null, 0, -1]),
    ...changes("validUntil", [null, NOW, 1.5]),
    ...changes("ackBy", [terms.reservedUntil - 1]),
    ...changes("offer", [undefined, null, { ...OFFER, plans: [] }, { ...OFFER, noticePeriod: null }]),
    ...changes("buyer", [undefined, null, terms.seller]),
    ...changes("seller", [undefined, null, terms.buyer]),
    ...[undefined, null, "x", 1].flatMap((fingerprint) => party({ fingerprint })),
    ...[undefined, "two words"].flatMap((clusterID) => party({ clusterID })),
    ...[undefined, "ftp://x.org"].flatMap((contractEndpoint) => party({ contractEndpoint })),
    ...[undefined, { kty: "OKP", crv: "Ed25519", x: terms.buyer.encKey.x }].flatMap((encKey) => party({ encKey })),
    ...[undefined, {}, { mode: "manual" }, { mode: "manual", version: null, publicKey: 1 }].flatMap((liqo) =>
      party({ liqo }),
    ),
  ];
}

interface Loose {
  payload: string;
  signatures: { protected: string; signature: string }[];
}

async function refuseContracts(builder: VectorBuilder, termsJws: string, text: string): Promise<void> {
  const { turin, paris, mallory } = builder.parties;
  const parsed = JSON.parse(text) as Loose;
  const [seller, buyer] = parsed.signatures;
  if (seller === undefined || buyer === undefined) throw new Error("the contract has two signatures");
  const write = (signatures: readonly object[], payload = parsed.payload): string =>
    JSON.stringify({ payload, signatures });
  const byMallory = await cosign(mallory.signer, termsJws);
  const other = await turin.signer.sign(TYP.contract, { ...contractTermsOf(parsed.payload), units: 1 });
  const otherByBuyer = await cosign(paris.signer, other);
  const documents: readonly (readonly [string, string])[] = [
    ["the terms alone", termsJws],
    ["one signature", write([seller])],
    ["no signature", write([])],
    ["three signatures", write([seller, buyer, byMallory])],
    ["signatures in the other order", write([buyer, seller])],
    ["the seller's signature twice", write([seller, seller])],
    ["a stranger for the buyer", write([seller, byMallory])],
    ["a stranger for the seller", write([byMallory, buyer])],
    ["the buyer's signature on other terms", write([seller, otherByBuyer])],
    ["other terms under both signatures", write([seller, buyer], other.split(".")[1])],
    ["the buyer's header with the seller's signature", write([seller, { ...buyer, signature: seller.signature }])],
    ["spare bits in a signature", write([seller, { ...buyer, signature: withSpareBit(buyer.signature) }])],
    ["an unprotected header", write([seller, { ...buyer, header: { x: 1 } }])],
    ["members in another order", JSON.stringify({ signatures: [seller, buyer], payload: parsed.payload })],
    ["white space", JSON.stringify(parsed, null, 1)],
    ["a further member", JSON.stringify({ ...parsed, extra: 1 })],
    ["payload twice", text.replace("{", `{"payload":"e30",`)],
    ["line end after it", `${text}\n`],
    ["a flattened JWS", JSON.stringify({ payload: parsed.payload, ...seller })],
    [
      "a typ of another document",
      generalJws(termsJws, await paris.signer.sign(TYP.notice, contractTermsOf(parsed.payload))),
    ],
    ["null", "null"],
    ["not JSON", text.slice(0, -1)],
  ];
  for (const [name, document] of documents) await builder.refuse(name, "contract", document, "DOCUMENT_INVALID");
  await builder.refuse("larger than it may be", "contract", text.padEnd(70_000), "DOCUMENT_TOO_LARGE");
}

function contractTermsOf(payloadText: string): object {
  const binary = atob(payloadText.replaceAll("-", "+").replaceAll("_", "/"));
  const bytes = Uint8Array.from(binary, (character) => character.charCodeAt(0));
  return JSON.parse(new TextDecoder().decode(bytes)) as object;
}

export async function receiptFile(file: NewFile, { buyer, seller }: SignedContract): Promise<VectorFile> {
  const builder = file("The buyer holds the contract with both signatures.");
  const { iss, contractID, termsHash, contractHash } = buyer;
  const payload = { iss, contractID, termsHash, contractHash, iat: NOW + 10 };
  const jws = await builder.sign("a receipt", "receipt", TYP.receipt, "paris", payload, buyer);
  await builder.refuse("for other terms", "receipt", jws, "DOCUMENT_INVALID", {
    ...buyer,
    termsHash: contractHash ?? "",
  });
  await builder.refuse("for another contract", "receipt", jws, "DOCUMENT_INVALID", {
    ...buyer,
    contractHash: termsHash ?? "",
  });
  await builder.refuse("by the seller", "receipt", jws, "DOCUMENT_INVALID", {
    ...seller,
    contractHash: contractHash ?? "",
  });
  await builder.refuseForgeries("receipt", TYP.receipt, "paris", payload);
  const wrong = [...wrongTexts("iss", "contractID", "termsHash", "contractHash"), ...wrongNumbers("iat")];
  await builder.refuseChanged("receipt", TYP.receipt, "paris", payload, wrong, "DOCUMENT_INVALID");
  return builder.build();
}

export async function activationFile(file: NewFile, { seller, buyer }: SignedContract): Promise<VectorFile> {
  const builder = file("The seller's word that the contract is active.");
  const { iss, contractID, termsHash } = seller;
  const payload = { iss, contractID, termsHash, activatedAt: NOW + 11, incarnation: `${NUMBER}-c2VlZA` };
  const jws = await builder.sign("an activation", "activation", TYP.activation, "turin", payload, seller);
  await builder.refuse("of other terms", "activation", jws, "DOCUMENT_INVALID", {
    ...seller,
    termsHash: buyer.contractHash ?? "",
  });
  await builder.refuse("by the buyer", "activation", jws, "DOCUMENT_INVALID", buyer);
  await builder.refuseForgeries("activation", TYP.activation, "turin", payload);
  const wrong = [
    ...wrongTexts("iss", "contractID", "termsHash", "incarnation"),
    ...wrongNumbers("activatedAt"),
    ...changes("incarnation", ["1-a", `${NUMBER}`, `${NUMBER}-`, `${NUMBER}- x y z`]),
  ];
  await builder.refuseChanged("activation", TYP.activation, "turin", payload, wrong, "DOCUMENT_INVALID");
  return builder.build();
}

export async function noticeFile(file: NewFile, { seller, buyer }: SignedContract): Promise<VectorFile> {
  const builder = file("One party's word that the contract has ended.");
  const payload = { iss: buyer.iss, contractID: CONTRACT_ID, reason: "No longer needed.", at: NOW + 3600 };
  const jws = await builder.sign("by the buyer", "notice", TYP.notice, "paris", payload, buyer);
  const bySeller = { ...payload, iss: seller.iss, reason: null, force: true };
  await builder.sign("by the seller, inside the notice period", "notice", TYP.notice, "turin", bySeller, seller);
  await builder.refuse("where the seller's is expected", "notice", jws, "DOCUMENT_INVALID", seller);
  const elsewhere = { ...buyer, contractID: CONTRACT_ID.replace("0199", "0198") };
  await builder.refuse("of another contract", "notice", jws, "DOCUMENT_INVALID", elsewhere);
  await builder.refuseForgeries("notice", TYP.notice, "paris", payload);
  const wrong = [
    ...wrongTexts("iss", "contractID"),
    ...wrongNumbers("at"),
    ...changes("reason", [undefined, 7, {}, "a".repeat(1025), "bell\u0007"]),
    ...changes("force", [null, "true", 1]),
  ];
  await builder.refuseChanged("notice", TYP.notice, "paris", payload, wrong, "DOCUMENT_INVALID");
  return builder.build();
}

export async function peeringFile(file: NewFile, { seller, buyer }: SignedContract): Promise<VectorFile> {
  const builder = file(
    "What the buyer needs to peer: a JWS by the seller inside a JWE to the buyer. Verified by decrypting.",
  );
  const { turin, paris, mallory } = builder.parties;
  const aud = buyer.iss ?? "";
  const parameters = {
    clusterName: "turin",
    clusterID: "turin-5f1c",
    endpoint: "https://turin.example.org:8443",
    token: "a-token-of-the-vectors",
  };
  const expect: Expectation = { ...seller, aud, recipient: "paris" };
  const to = paris.keys.encryption.publicJwk;
  const jwe = await encryptMaterial(turin.signer, to, { contractID: CONTRACT_ID, aud, parameters });
  await builder.accept("material", "peering", jwe, expect);
  await builder.refuse("to another recipient", "peering", jwe, "DOCUMENT_INVALID", { ...expect, recipient: "mallory" });
  await builder.refuse("of another contract", "peering", jwe, "DOCUMENT_INVALID", {
    ...expect,
    contractID: CONTRACT_ID.replace("0199", "0198"),
  });
  await builder.refuse("for another audience", "peering", jwe, "DOCUMENT_INVALID", {
    ...expect,
    aud: mallory.keys.fingerprint,
  });
  const inside = await turin.signer.sign(TYP.peering, { iss: seller.iss, aud, contractID: CONTRACT_ID, parameters });
  for (const [name, document] of await otherwiseSealed(paris, JWE_TYP.peering, inside)) {
    await builder.refuse(name, "peering", document, "DOCUMENT_INVALID");
  }
  for (const [name, document] of jweChanges(jwe)) await builder.refuse(name, "peering", document, "DOCUMENT_INVALID");
  const seal = (text: string): Promise<string> => encryptTo(to, JWE_TYP.peering, new TextEncoder().encode(text));
  const payload = { iss: seller.iss, aud, contractID: CONTRACT_ID, parameters };
  await builder.refuse("not signed", "peering", await seal(JSON.stringify(payload)), "DOCUMENT_INVALID");
  await builder.refuse(
    "signed by a stranger",
    "peering",
    await seal(await mallory.signer.sign(TYP.peering, payload)),
    "DOCUMENT_INVALID",
  );
  await builder.refuse(
    "signed as a notice",
    "peering",
    await seal(await turin.signer.sign(TYP.notice, payload)),
    "DOCUMENT_INVALID",
  );
  for (const change of wrongMaterial(parameters)) {
    const document = await seal(await turin.signer.sign(TYP.peering, { ...payload, ...change }));
    await builder.refuse(JSON.stringify(change).slice(0, 80), "peering", document, "DOCUMENT_INVALID");
  }
  return builder.build();
}

function wrongMaterial(parameters: object): readonly Change[] {
  return [
    ...wrongTexts("iss", "aud", "contractID"),
    ...changes("parameters", [undefined, null, [], { ...parameters, clusterID: "" }, { ...parameters, token: 7 }]),
    ...changes("parameters", [
      { ...parameters, endpoint: "file:///etc/passwd" },
      { ...parameters, clusterName: "" },
    ]),
  ];
}
