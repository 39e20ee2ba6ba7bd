import { CompactEncrypt, importJWK, type CompactJWEHeaderParameters } from "jose";
import { encryptJoinToken } from "../documents/enrolment.js";
import { encryptTo, JWE_TYP, type JweTyp } from "../documents/jwe.js";
import { TYP } from "../documents/jws.js";
import { sha256Base64url } from "../documents/base64url.js";
import type { ProofPayload } from "../documents/request-proof.js";
import { withSpareBit } from "./forgeries.js";
import type { TestParty } from "./identities.js";
import { JTI, NONCE, NOW, NUMBER, OFFER, offerDocument } from "./samples.js";
import { changes, wrongNumbers, wrongTexts } from "./vector-changes.js";
import type { NewFile, SignedDescriptors, VectorFile } from "./vectors.js";

export async function offerFile(file: NewFile, { turin, turin2, mallory }: SignedDescriptors): Promise<VectorFile> {
  const builder = file("An offer as its provider signs it.");
  const payload = offerDocument(builder.parties.turin);
  const stranger = builder.parties.mallory.keys.fingerprint;
  const [plan, gpu] = OFFER.plans;
  const after = { ...payload, rev: NUMBER + 6 };
  await builder.sign("an offer", "offer", TYP.offer, "turin", payload, { descriptor: turin });
  await builder.sign("by a superseded key, numbered before it ended", "offer", TYP.offer, "turin", payload, {
    descriptor: turin2,
  });
  await builder.sign("by the key in use", "offer", TYP.offer, "turin2", after, { descriptor: turin2 });
  const late = await builder.parties.turin.signer.sign(TYP.offer, after);
  await builder.refuse("by a superseded key, numbered after it ended", "offer", late, "DOCUMENT_INVALID", {
    descriptor: turin2,
  });
  const early = await builder.parties.turin2.signer.sign(TYP.offer, payload);
  await builder.refuse("by a key that the descriptor does not know yet", "offer", early, "DOCUMENT_INVALID", {
    descriptor: turin,
  });
  await builder.refuse("against another cluster's descriptor", "offer", early, "DOCUMENT_INVALID", {
    descriptor: mallory,
  });
  await builder.refuseForgeries("offer", TYP.offer, "turin", payload);
  const wrong = [
    ...wrongTexts("iss"),
    ...changes("iss", [stranger]),
    ...wrongNumbers("rev", "termsRev", "iat"),
    ...changes("rev", [0]),
    ...changes("termsRev", [0, payload.rev + 1]),
    ...changes("stock", [undefined, null, [], {}, { small: 6 }, { small: 6, gpu: 0, more: 1 }, { small: 6, other: 0 }]),
    ...changes("stock", [
      { small: -1, gpu: 0 },
      { small: 9, gpu: 0 },
      { small: 0.5, gpu: 0 },
      { small: "6", gpu: 0 },
    ]),
    ...changes("offer", [undefined, null, [], "x", {}]),
    ...[
      { offerID: undefined },
      { offerID: "../etc" },
      { offerName: "" },
      { offerName: "a".repeat(129) },
      { description: 5 },
      { status: "true" },
      { status: undefined },
      { created: -1 },
      { created: undefined },
      { clusterPrettyName: undefined },
      { approval: "MAYBE" },
      { capacity: undefined },
      { noticePeriod: -1 },
      { labels: [] },
      { labels: { region: 1 } },
      { plans: [] },
      { plans: [plan, plan] },
      { plans: [{ ...plan, planCost: -1 }, gpu] },
      { plans: [{ ...plan, planCost: 0.000_000_1 }, gpu] },
      { plans: [{ ...plan, planCostCurrency: "EURO" }, gpu] },
      { plans: [{ ...plan, planCostPeriod: "minute" }, gpu] },
      { plans: [{ ...plan, planQuantity: 1.5 }, gpu] },
      { plans: [{ ...plan, resources: { cpu: "-1" } }, gpu] },
      { plans: [{ ...plan, resources: { cpu: "1", ram: "1Gi", memory: "1Gi" } }, gpu] },
      { plans: [{ ...plan, resources: {} }, gpu] },
      { plans: Array.from({ length: 51 }, (_, i) => ({ ...plan, planID: `plan-${i}` })) },
    ].map((change) => ({ offer: { ...OFFER, ...change } })),
  ];
  await builder.refuseChanged("offer", TYP.offer, "turin", payload, wrong, "DOCUMENT_INVALID");
  return builder.build();
}

export async function withdrawalFile(file: NewFile, { turin, turin2 }: SignedDescriptors): Promise<VectorFile> {
  const builder = file("Takes an offer off every Broker.");
  const payload = { iss: builder.parties.turin.keys.fingerprint, rev: NUMBER + 3, iat: NOW, offerID: OFFER.offerID };
  await builder.sign("a withdrawal", "withdrawal", TYP.withdrawal, "turin", payload, { descriptor: turin });
  await builder.sign("by the key in use", "withdrawal", TYP.withdrawal, "turin2", payload, { descriptor: turin2 });
  const late = await builder.parties.turin.signer.sign(TYP.withdrawal, { ...payload, rev: NUMBER + 6 });
  await builder.refuse("by a superseded key, numbered after it ended", "withdrawal", late, "DOCUMENT_INVALID", {
    descriptor: turin2,
  });
  await builder.refuseForgeries("withdrawal", TYP.withdrawal, "turin", payload);
  const wrong = [
    ...wrongTexts("iss", "offerID"),
    ...wrongNumbers("rev", "iat"),
    ...changes("offerID", ["../etc", "a".repeat(64)]),
  ];
  await builder.refuseChanged("withdrawal", TYP.withdrawal, "turin", payload, wrong, "DOCUMENT_INVALID");
  return builder.build();
}

const BODY = '{"query":"mutation Leave { leave }"}';

export async function requestFile(file: NewFile, { turin, turin2, paris }: SignedDescriptors): Promise<VectorFile> {
  const builder = file(
    "Proof of one request; jti replay is not part of these vectors. expect.now is the receiver's clock.",
  );
  const { turin: caller, paris: other, broker } = builder.parties;
  const aud = broker.keys.fingerprint;
  const target = { aud, htm: "POST", htp: "/graphql", bh: await sha256Base64url(BODY) };
  const payload: ProofPayload = { iss: caller.keys.fingerprint, ...target, iat: NOW, exp: NOW + 60, jti: JTI };
  const socket = { ...payload, htm: "GET", bh: await sha256Base64url("") };
  const expect = { aud, method: "POST", path: "/graphql", body: BODY, now: NOW, descriptors: [turin, paris] };
  await builder.sign("a request", "request", TYP.request, "turin", payload, expect);
  await builder.sign("a WebSocket", "request", TYP.request, "turin", socket, { ...expect, method: "GET", body: "" });
  await builder.sign("the caller's clock is 59 s behind", "request", TYP.request, "turin", payload, {
    ...expect,
    now: NOW + 59,
  });
  await builder.sign("the caller's clock is 60 s ahead", "request", TYP.request, "turin", payload, {
    ...expect,
    now: NOW - 60,
  });
  await builder.sign("by a later key", "request", TYP.request, "turin2", payload, { ...expect, descriptors: [turin2] });
  const jws = await caller.signer.sign(TYP.request, payload);
  await builder.refuse("61 s late", "request", jws, "CLOCK_SKEW", { ...expect, now: NOW + 61 });
  await builder.refuse("61 s early", "request", jws, "CLOCK_SKEW", { ...expect, now: NOW - 61 });
  await builder.refuse("expired", "request", jws, "PROOF_EXPIRED", { ...expect, now: NOW + 60 });
  await builder.refuse("for another audience", "request", jws, "PROOF_AUDIENCE_MISMATCH", {
    ...expect,
    aud: payload.iss,
  });
  await builder.refuse("for another method", "request", jws, "PROOF_TARGET_MISMATCH", { ...expect, method: "GET" });
  await builder.refuse("for another path", "request", jws, "PROOF_TARGET_MISMATCH", { ...expect, path: "/graphql/" });
  await builder.refuse("for another body", "request", jws, "PROOF_BODY_MISMATCH", { ...expect, body: `${BODY} ` });
  await builder.refuse("of an unknown caller", "request", jws, "PROOF_KEY_UNKNOWN", {
    ...expect,
    descriptors: [paris],
  });
  const strangers = /by a stranger$|under a stranger/;
  await builder.refuseForgeries("request", TYP.request, "turin", payload, ({ name }) =>
    strangers.test(name) ? "PROOF_KEY_UNKNOWN" : "PROOF_INVALID",
  );
  const pretending = await other.signer.sign(TYP.request, payload);
  await builder.refuse("in another's name, under its own key", "request", pretending, "PROOF_KEY_UNKNOWN");
  const wrong = [
    ...wrongTexts("iss", "aud", "jti", "htm", "htp", "bh"),
    ...wrongNumbers("iat", "exp"),
    ...changes("exp", [NOW, NOW - 1, NOW + 61]),
    ...changes("jti", ["short", withSpareBit(JTI)]),
    ...changes("bh", [withSpareBit(payload.bh)]),
  ];
  await builder.refuseChanged("request", TYP.request, "turin", payload, wrong, "PROOF_INVALID");
  return builder.build();
}

export async function challengeFile(file: NewFile, { broker, turin }: SignedDescriptors): Promise<VectorFile> {
  const builder = file("A Broker's question to one fingerprint.");
  const aud = builder.parties.turin.keys.fingerprint;
  const payload = { iss: builder.parties.broker.keys.fingerprint, aud, nonce: NONCE, iat: NOW, exp: NOW + 60 };
  const expect = { descriptor: broker, aud, now: NOW };
  await builder.sign("a challenge", "challenge", TYP.challenge, "broker", payload, expect);
  const jws = await builder.parties.broker.signer.sign(TYP.challenge, payload);
  await builder.refuse("for another fingerprint", "challenge", jws, "CHALLENGE_INVALID", {
    ...expect,
    aud: payload.iss,
  });
  await builder.refuse("long ago", "challenge", jws, "CHALLENGE_INVALID", { ...expect, now: NOW + 120 });
  await builder.refuse("far ahead", "challenge", jws, "CHALLENGE_INVALID", { ...expect, now: NOW - 61 });
  await builder.refuse("of what is no Broker", "challenge", jws, "DOCUMENT_INVALID", { ...expect, descriptor: turin });
  await builder.refuseForgeries("challenge", TYP.challenge, "broker", payload, () => "CHALLENGE_INVALID");
  const wrong = [
    ...wrongTexts("iss", "aud", "nonce"),
    ...wrongNumbers("iat", "exp"),
    ...changes("exp", [NOW, NOW + 61]),
    ...changes("nonce", ["short", `${NONCE}=`]),
  ];
  await builder.refuseChanged("challenge", TYP.challenge, "broker", payload, wrong, "CHALLENGE_INVALID");
  return builder.build();
}

export async function enrolFile(file: NewFile, { turin, turin2, mallory }: SignedDescriptors): Promise<VectorFile> {
  const builder = file("The answer to a challenge.");
  const aud = builder.parties.broker.keys.fingerprint;
  const payload = { iss: builder.parties.turin.keys.fingerprint, aud, nonce: NONCE };
  const expect = { descriptor: turin, aud };
  const jws = await builder.sign("an answer", "enrol", TYP.enrol, "turin", payload, expect);
  await builder.refuse("to another Broker", "enrol", jws, "CHALLENGE_INVALID", { ...expect, aud: payload.iss });
  await builder.refuse("of another enroller", "enrol", jws, "CHALLENGE_INVALID", { ...expect, descriptor: mallory });
  await builder.refuse("by a superseded key", "enrol", jws, "CHALLENGE_INVALID", { ...expect, descriptor: turin2 });
  await builder.refuseForgeries("enrol", TYP.enrol, "turin", payload, () => "CHALLENGE_INVALID");
  const wrong = [...wrongTexts("iss", "aud", "nonce"), ...changes("nonce", ["short", "a".repeat(260)])];
  await builder.refuseChanged("enrol", TYP.enrol, "turin", payload, wrong, "CHALLENGE_INVALID");
  return builder.build();
}

export async function joinTokenFile(file: NewFile): Promise<VectorFile> {
  const builder = file("The token of a join string, encrypted to the Broker by the enroller. Verified by decrypting.");
  const { turin, broker, mallory } = builder.parties;
  const iss = turin.keys.fingerprint;
  const token = { tokenId: "dG9rZW4x", secret: "c2VjcmV0LW9mLTI1Ni1iaXRzLWZvci10aGUtdGVzdHM", iss, nonce: NONCE };
  const to = broker.keys.encryption.publicJwk;
  const expect = { recipient: "broker", iss, nonce: NONCE } as const;
  const jwe = await encryptJoinToken(to, token);
  await builder.accept("a token", "joinToken", jwe, expect);
  const seal = (value: unknown): Promise<string> =>
    encryptTo(to, JWE_TYP.joinToken, new TextEncoder().encode(JSON.stringify(value)));
  await builder.refuse("shown by another enroller", "joinToken", jwe, "JOIN_TOKEN_INVALID", {
    ...expect,
    iss: mallory.keys.fingerprint,
  });
  await builder.refuse("with another nonce", "joinToken", jwe, "JOIN_TOKEN_INVALID", {
    ...expect,
    nonce: `${NONCE}AA`,
  });
  await builder.refuse("to another Broker", "joinToken", jwe, "JOIN_TOKEN_INVALID", {
    ...expect,
    recipient: "mallory",
  });
  for (const [name, document] of jweChanges(jwe))
    await builder.refuse(name, "joinToken", document, "JOIN_TOKEN_INVALID");
  for (const change of [...wrongTexts("tokenId", "secret", "iss", "nonce"), ...changes("secret", ["short"])]) {
    await builder.refuse(
      JSON.stringify(change),
      "joinToken",
      await seal({ ...token, ...change }),
      "JOIN_TOKEN_INVALID",
    );
  }
  return builder.build();
}

/** What can be wrong with the form of a compact JWE. */
export function jweChanges(jwe: string): readonly (readonly [name: string, document: string])[] {
  const [header = "", key = "", iv = "", ciphertext = "", tag = ""] = jwe.split(".");
  const content = JSON.parse(atob(header.replaceAll("-", "+").replaceAll("_", "/"))) as Record<string, unknown>;
  const withHeader = (change: object): string => {
    const text = btoa(JSON.stringify({ ...content, ...change }))
      .replaceAll("+", "-")
      .replaceAll("/", "_")
      .replaceAll("=", "");
    return [text, key, iv, ciphertext, tag].join(".");
  };
  return [
    ["empty", ""],
    ["four segments", [header, key, iv, ciphertext].join(".")],
    ["six segments", `${jwe}.AA`],
    ["an encrypted key", [header, "AAAA", iv, ciphertext, tag].join(".")],
    ["a short IV", [header, key, iv.slice(4), ciphertext, tag].join(".")],
    ["a short tag", [header, key, iv, ciphertext, tag.slice(0, 16)].join(".")],
    ["spare bits in the tag", [header, key, iv, ciphertext, withSpareBit(tag)].join(".")],
    ["padded", `${jwe}==`],
    ["another tag", [header, key, iv, ciphertext, `AAAA${tag.slice(4)}`].join(".")],
    ["another ciphertext", [header, key, iv, `AAAA${ciphertext.slice(4)}`, tag].join(".")],
    ["header: zip", withHeader({ zip: "DEF" })],
    ["header: crit", withHeader({ crit: ["exp"] })],
    ["header: apu", withHeader({ apu: "AAAA" })],
    ["header: alg dir", withHeader({ alg: "dir" })],
    ["header: alg ECDH-ES+A256KW", withHeader({ alg: "ECDH-ES+A256KW" })],
    ["header: enc A128GCM", withHeader({ enc: "A128GCM" })],
    ["header: no typ", withHeader({ typ: undefined })],
    ["header: another typ", withHeader({ typ: "JWT" })],
    ["header: no epk", withHeader({ epk: undefined })],
    ["header: epk with a further member", withHeader({ epk: { ...(content["epk"] as object), use: "enc" } })],
    ["header: epk of low order", withHeader({ epk: { kty: "OKP", crv: "X25519", x: "A".repeat(43) } })],
    ["header: epk on another curve", withHeader({ epk: { kty: "EC", crv: "P-256", x: "AA", y: "AA" } })],
  ];
}

/** The same message, encrypted correctly, but under a header that is not allowed. */
export async function otherwiseSealed(
  recipient: TestParty,
  typ: JweTyp,
  plaintext: string,
): Promise<readonly (readonly [name: string, document: string])[]> {
  const { publicJwk, kid } = recipient.keys.encryption;
  const key = await importJWK({ ...publicJwk }, "ECDH-ES");
  const header = { alg: "ECDH-ES", enc: "A256GCM", typ, kid };
  const headers: readonly (readonly [string, CompactJWEHeaderParameters])[] = [
    ["sealed with a further header member", { ...header, cty: "JWT" }],
    ["sealed with another enc", { ...header, enc: "A128GCM" }],
    ["sealed with a wrapped key", { ...header, alg: "ECDH-ES+A256KW" }],
    ["sealed with another typ", { ...header, typ: "JWT" }],
    ["sealed without typ", { alg: "ECDH-ES", enc: "A256GCM", kid }],
    ["sealed without kid", { alg: "ECDH-ES", enc: "A256GCM", typ }],
  ];
  const seal = (one: CompactJWEHeaderParameters): Promise<string> =>
    new CompactEncrypt(new TextEncoder().encode(plaintext)).setProtectedHeader(one).encrypt(key);
  return Promise.all(headers.map(async ([name, one]) => [name, await seal(one)] as const));
}
