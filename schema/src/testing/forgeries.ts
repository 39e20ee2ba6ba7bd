import type { ErrorCode } from "../errors.js";
import { decodeCanonical, encode } from "../documents/base64url.js";
import { DOCUMENT_LIMITS, type DocumentTyp } from "../documents/jws.js";
import type { TestParty } from "./identities.js";

/** A text that looks like a document and is to be refused with `code`. */
export interface Forgery {
  readonly name: string;
  readonly document: string;
  readonly code: ErrorCode;
}

/** What a forger starts from: the document, who made it, and a stranger's keys. */
export interface Genuine {
  readonly typ: DocumentTyp;
  readonly payload: object;
  readonly issuer: TestParty;
  readonly stranger: TestParty;
}

type Change = readonly [name: string, document: string];

/** Everything that can be wrong with the form of a compact JWS, whatever it says, on the document that `genuine` describes. */
export async function forgeries(genuine: Genuine): Promise<readonly Forgery[]> {
  const { typ, payload, issuer } = genuine;
  const jws = await issuer.signer.sign(typ, payload);
  const all = [
    ...formChanges(jws),
    ...(await headerChanges(genuine)),
    ...(await payloadChanges(genuine)),
    ...(await keyChanges(genuine, jws)),
  ];
  const large = await issuer.signer.sign(typ, { ...payload, padding: "x".repeat(DOCUMENT_LIMITS[typ]) });
  return [
    ...all.map(([name, document]): Forgery => ({ name, document, code: "DOCUMENT_INVALID" })),
    { name: "larger than its kind may be", document: large, code: "DOCUMENT_TOO_LARGE" },
  ];
}

function formChanges(jws: string): readonly Change[] {
  const [header = "", payload = "", signature = ""] = jws.split(".");
  return [
    ["empty", ""],
    ["two segments", `${header}.${payload}`],
    ["four segments", `${jws}.`],
    ["five segments, as a JWE", `${jws}.AA.AA`],
    ["no payload", `${header}..${signature}`],
    ["no signature", `${header}.${payload}.`],
    ["padded header", `${header}=.${payload}.${signature}`],
    ["padded payload", `${header}.${payload}=.${signature}`],
    ["padded signature", `${jws}==`],
    ["line end after it", `${jws}\n`],
    ["blank before it", ` ${jws}`],
    ["line end inside the payload", `${header}.${payload.slice(0, 40)}\n${payload.slice(40)}.${signature}`],
    ["plain base64 alphabet in the signature", `${header}.${payload}.+/${signature.slice(2)}`],
    ["spare bits set in the signature", `${header}.${payload}.${withSpareBit(signature)}`],
    ["signature cut by a byte", `${header}.${payload}.${encode(decodeCanonical(signature).subarray(0, 63))}`],
    ["signature of zeros", `${header}.${payload}.${encode(new Uint8Array(64))}`],
  ];
}

async function headerChanges({ typ, payload, issuer }: Genuine): Promise<readonly Change[]> {
  const { kid } = issuer.signer;
  const jwk = issuer.keys.signing.publicJwk;
  const headers: readonly (readonly [string, object])[] = [
    ["alg none", { alg: "none", typ, kid }],
    ["alg HS256", { alg: "HS256", typ, kid }],
    ["alg in lower case", { alg: "eddsa", typ, kid }],
    ["no alg", { typ, kid }],
    ["no typ", { alg: "EdDSA", kid }],
    ["typ JWT", { alg: "EdDSA", typ: "JWT", kid }],
    ["typ of another document", { alg: "EdDSA", typ: otherTyp(typ), kid }],
    ["typ as a media type", { alg: "EdDSA", typ: `application/${typ}`, kid }],
    ["no kid", { alg: "EdDSA", typ }],
    ["kid that is no thumbprint", { alg: "EdDSA", typ, kid: "key-1" }],
    ["kid that is a number", { alg: "EdDSA", typ, kid: 1 }],
    ["its own key in the header", { alg: "EdDSA", typ, kid, jwk }],
    ["jku", { alg: "EdDSA", typ, kid, jku: "https://keys.example.org" }],
    ["x5u", { alg: "EdDSA", typ, kid, x5u: "https://keys.example.org" }],
    ["crit", { alg: "EdDSA", typ, kid, crit: ["exp"], exp: 1 }],
    ["unencoded payload", { alg: "EdDSA", typ, kid, b64: false, crit: ["b64"] }],
    ["compressed", { alg: "EdDSA", typ, kid, zip: "DEF" }],
  ];
  const payloadText = encodeJson(payload);
  const signed = headers.map(async ([name, header]): Promise<Change> => [
    `header: ${name}`,
    await signSegments(issuer, encodeJson(header), payloadText),
  ]);
  const twice = encode(utf8(`{"alg":"none","alg":"EdDSA","typ":"${typ}","kid":"${kid}"}`));
  return [...(await Promise.all(signed)), ["header: alg twice", await signSegments(issuer, twice, payloadText)]];
}

async function payloadChanges({ typ, payload, issuer }: Genuine): Promise<readonly Change[]> {
  const text = JSON.stringify(payload);
  const [firstMember = ""] = Object.keys(payload);
  const rest = text.slice(1);
  const payloads: readonly (readonly [string, Uint8Array])[] = [
    ["a list", utf8(`[${text}]`)],
    ["null", utf8("null")],
    ["a string", utf8('"x"')],
    ["not JSON", utf8(`${text}}`)],
    ["a comment", utf8(`${text}//`)],
    ["byte order mark", utf8(`\u{feff}${text}`)],
    ["not UTF-8", new Uint8Array([...utf8(text.slice(0, -1)), 0x2c, 0x22, 0xff, 0x22, 0x3a, 0x31, 0x7d])],
    ["a member twice", utf8(`{"${firstMember}":"x",${rest}`)],
    [
      "a member twice, once escaped",
      utf8(`{"\\u00${firstMember.charCodeAt(0).toString(16)}${firstMember.slice(1)}":"x",${rest}`),
    ],
    ["a nested member twice", utf8(`{"extra":{"a":1,"a":2},${rest}`)],
    ["a member __proto__", utf8(`{"__proto__":{"admin":true},${rest}`)],
    ["U+0000 in a string", utf8(`{"extra":"\\u0000",${rest}`)],
    ["a lone surrogate", utf8(`{"extra":"\\ud800",${rest}`)],
    ["nested too deep", utf8(`{"extra":${"[".repeat(40)}${"]".repeat(40)},${rest}`)],
  ];
  const signed = payloads.map(async ([name, bytes]): Promise<Change> => [
    `payload: ${name}`,
    await issuer.signer.signBytes(typ, bytes),
  ]);
  return Promise.all(signed);
}

async function keyChanges({ typ, payload, issuer, stranger }: Genuine, jws: string): Promise<readonly Change[]> {
  const [header = "", payloadText = "", signature = ""] = jws.split(".");
  const other = await issuer.signer.sign(typ, { ...payload, extra: "changed" });
  return [
    ["signed by a stranger", await stranger.signer.sign(typ, payload)],
    ["signed by a stranger under the issuer's kid", await signSegments(stranger, header, payloadText)],
    [
      "signed by the issuer under a stranger's kid",
      await signSegments(issuer, encodeJson({ alg: "EdDSA", typ, kid: stranger.signer.kid }), payloadText),
    ],
    ["payload of another document", `${header}.${other.split(".")[1] ?? ""}.${signature}`],
    ["signature of another document", `${header}.${payloadText}.${other.split(".")[2] ?? ""}`],
  ];
}

/** Base64url of a JSON text, as it stands in a segment. */
export function encodeJson(value: object): string {
  return encode(utf8(JSON.stringify(value)));
}

/** A compact JWS with any header at all. */
export async function signSegments(party: TestParty, header: string, payload: string): Promise<string> {
  const key = await crypto.subtle.importKey("jwk", { ...party.keys.signing.privateJwk }, "Ed25519", false, ["sign"]);
  const signature = await crypto.subtle.sign("Ed25519", key, utf8(`${header}.${payload}`));
  return `${header}.${payload}.${encode(new Uint8Array(signature))}`;
}

/** The same bytes as `text`, whose last character has spare bits, for a decoder that forgives. */
export function withSpareBit(text: string): string {
  const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
  const last = alphabet.indexOf(text.slice(-1));
  return text.slice(0, -1) + alphabet.charAt(last | 1);
}

function otherTyp(typ: DocumentTyp): DocumentTyp {
  return typ === "catalog-notice+jwt" ? "catalog-receipt+jwt" : "catalog-notice+jwt";
}

function utf8(text: string): Uint8Array<ArrayBuffer> {
  return new TextEncoder().encode(text);
}
