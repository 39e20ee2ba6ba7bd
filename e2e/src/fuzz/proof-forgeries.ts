import { createHmac } from "node:crypto";
import { TYP } from "@catalog/schema/documents/jws";
import type { ErrorCode } from "@catalog/schema/errors";
import { b64u, flipBit, type Members, randomID, sha256, signSegments, signTexts, spareBits } from "./forge.js";
import type { ProofTarget, Stranger } from "./stranger.js";

/** A request that a member means to send, and another cluster whose keys the forger holds too. */
export interface ForgeryGround extends ProofTarget {
  readonly member: Stranger;
  readonly other: Stranger;
}

/** One way to make a proof that must not count. */
export interface ProofForgery {
  readonly what: string;
  readonly code: ErrorCode;
  forge(ground: ForgeryGround): string;
}

const now = (): number => Math.floor(Date.now() / 1000);

/** The member's own proof with other members in its payload; undefined removes one. */
const payload =
  (changes: (ground: ForgeryGround) => Members) =>
  (ground: ForgeryGround): string =>
    ground.member.sign(TYP.request, { ...ground.member.proofPayload(ground), ...changes(ground) });

/** The same with other members in its header. */
const header =
  (changes: (ground: ForgeryGround) => Members) =>
  (ground: ForgeryGround): string =>
    ground.member.sign(TYP.request, ground.member.proofPayload(ground), changes(ground));

/** The honest proof, its text changed afterwards. */
const text =
  (change: (jws: string, ground: ForgeryGround) => string) =>
  (ground: ForgeryGround): string =>
    change(ground.member.proof(ground), ground);

/** An honest proof of `ground` whose header and payload texts are written by hand. */
const written =
  (write: (header: string, payload: string) => { header: string | Uint8Array; payload: string | Uint8Array }) =>
  (ground: ForgeryGround): string => {
    const head = JSON.stringify({ alg: "EdDSA", typ: TYP.request, kid: ground.member.keys.signing.kid });
    const texts = write(head, JSON.stringify(ground.member.proofPayload(ground)));
    return signTexts(ground.member.keys, texts.header, texts.payload);
  };

function of(code: ErrorCode, ways: Readonly<Record<string, (ground: ForgeryGround) => string>>): ProofForgery[] {
  return Object.entries(ways).map(([what, forge]) => ({ what, code, forge }));
}

/** In the order in which a receiver checks; WIRE.md section 5.1. */
export const PROOF_FORGERIES: readonly ProofForgery[] = [
  ...of("PROOF_INVALID", {
    "two segments": text((jws) => jws.split(".").slice(0, 2).join(".")),
    "four segments": text((jws) => `${jws}.AAAA`),
    "no signature": text((jws) => `${jws.split(".").slice(0, 2).join(".")}.`),
    "a signature cut short": text((jws) => jws.slice(0, -4)),
    "padding after the signature": text((jws) => `${jws}==`),
    "padding inside": text((jws) => jws.replace(".", "=.")),
    "spare bits in the signature": text((jws) => spareBits(jws, 2) ?? ""),
    "the alphabet of plain base64": text((jws) => `${jws.slice(0, -2)}+/`),
    "a proof of 3 KiB": payload(() => ({ more: "x".repeat(3_000) })),
    "a payload that is a list": written((head, body) => ({ header: head, payload: `[${body}]` })),
    "a payload that is no JSON": written((head, body) => ({ header: head, payload: body.slice(0, -1) })),
    "a byte order mark": written((head, body) => ({ header: head, payload: `\uFEFF${body}` })),
    "bytes that are not UTF-8": written((head, body) => ({
      header: head,
      payload: Buffer.concat([Buffer.from(body.slice(0, -1)), Buffer.from(',"x":"\xff"}', "latin1")]),
    })),
    "a payload member twice": written((head, body) => ({ header: head, payload: `{"aud":"x",${body.slice(1)}` })),
    "a header member twice": written((head, body) => ({ header: `{"kid":"x",${head.slice(1)}`, payload: body })),
    "a member __proto__": written((head, body) => ({ header: head, payload: `{"__proto__":{},${body.slice(1)}` })),
    "a lone surrogate": written((head, body) => ({ header: head, payload: `{"x":"\\ud800",${body.slice(1)}` })),
    "U+0000": written((head, body) => ({ header: head, payload: `{"x":"\\u0000",${body.slice(1)}` })),
    "nesting 40 deep": written((head, body) => ({
      header: head,
      payload: `{"x":${"[".repeat(40)}${"]".repeat(40)},${body.slice(1)}`,
    })),
    "typ of an offer": header(() => ({ typ: TYP.offer })),
    "typ of an enrolment": header(() => ({ typ: TYP.enrol })),
    "typ in capitals": header(() => ({ typ: TYP.request.toUpperCase() })),
    "typ with application/": header(() => ({ typ: `application/${TYP.request}` })),
    "no typ": header(() => ({ typ: undefined })),
    "alg none": header(() => ({ alg: "none" })),
    "alg ES256": header(() => ({ alg: "ES256" })),
    "alg in lower case": header(() => ({ alg: "eddsa" })),
    "alg as a list": header(() => ({ alg: ["EdDSA"] })),
    "an empty kid": header(() => ({ kid: "" })),
    "no kid": header(() => ({ kid: undefined })),
    "kid as a number": header(() => ({ kid: 7 })),
    "the key in the header": header(({ member }) => ({ jwk: member.keys.signing.publicJwk })),
    "an address of keys": header(() => ({ jku: "http://localhost:9/keys" })),
    "a certificate's address": header(() => ({ x5u: "http://localhost:9/chain" })),
    "a certificate": header(() => ({ x5c: ["MIIB"] })),
    "an empty crit": header(() => ({ crit: [] })),
    "crit b64": header(() => ({ crit: ["b64"], b64: false })),
    "b64 false alone": header(() => ({ b64: false })),
    zip: header(() => ({ zip: "DEF" })),
    nonce: header(() => ({ nonce: "x" })),
    "longer than 60 s": payload(() => ({ exp: now() + 61 })),
    "ends before it begins": payload(() => ({ exp: now() - 1, iat: now() })),
    "ends as it begins": payload(() => ({ exp: now(), iat: now() })),
    "iat as text": payload(() => ({ iat: String(now()) })),
    "iat with a fraction": payload(() => ({ iat: now() + 0.5 })),
    "iat negative": payload(() => ({ iat: -1, exp: 1 })),
    "exp beyond 2^53": payload(() => ({ exp: 2 ** 53 })),
    "no exp": payload(() => ({ exp: undefined })),
    "no iat": payload(() => ({ iat: undefined })),
    "no aud": payload(() => ({ aud: undefined })),
    "aud as a list": payload(({ aud }) => ({ aud: [aud] })),
    "no iss": payload(() => ({ iss: undefined })),
    "iss null": payload(() => ({ iss: null })),
    "no bh": payload(() => ({ bh: undefined })),
    "bh with padding": payload(({ body }) => ({ bh: `${sha256(body)}=` })),
    "no htm": payload(() => ({ htm: undefined })),
    "no htp": payload(() => ({ htp: undefined })),
    "no jti": payload(() => ({ jti: undefined })),
    "a short jti": payload(() => ({ jti: "AAAAAAAAAAA" })),
    "a long jti": payload(() => ({ jti: `${randomID()}AA` })),
    "a jti that is not canonical": payload(() => ({ jti: `${randomID().slice(0, -1)}B` })),
    "another typ's document": ({ member }) => member.descriptor(),
  }),
  ...of("CLOCK_SKEW", {
    late: payload(() => ({ iat: now() - 63, exp: now() - 3 })),
    future: payload(() => ({ iat: now() + 65, exp: now() + 120 })),
    "from 1970": payload(() => ({ iat: 1, exp: 60 })),
    "from the year 9999": payload(() => ({ iat: 253402300799, exp: 253402300800 })),
  }),
  ...of("PROOF_EXPIRED", { expired: payload(() => ({ iat: now() - 40, exp: now() - 1 })) }),
  ...of("PROOF_AUDIENCE_MISMATCH", {
    "for another receiver": payload(({ other }) => ({ aud: other.fingerprint })),
    "for the caller itself": payload(({ member }) => ({ aud: member.fingerprint })),
  }),
  ...of("PROOF_TARGET_MISMATCH", {
    "another method": payload(({ method }) => ({ htm: method === "GET" ? "POST" : "GET" })),
    "a method in lower case": payload(({ method = "POST" }) => ({ htm: method.toLowerCase() })),
    "another path": payload(() => ({ htp: "/admin" })),
    "a path with a slash more": payload(({ path }) => ({ htp: `${path}/` })),
    "a path with a query": payload(({ path }) => ({ htp: `${path}?x=1` })),
    "a whole address": payload(({ path }) => ({ htp: `http://localhost:8000${path}` })),
  }),
  ...of("PROOF_BODY_MISMATCH", {
    "another body": payload(() => ({ bh: sha256("{}") })),
    "the body with a space more": payload(({ body }) => ({ bh: sha256(`${String(body)} `) })),
  }),
  ...of("PROOF_KEY_UNKNOWN", {
    "kid of nobody": header(() => ({ kid: sha256("nobody") })),
    "kid of another cluster": header(({ other }) => ({ kid: other.keys.signing.kid })),
    "in the name of another cluster": payload(({ other }) => ({ iss: other.fingerprint })),
    "kid of the encryption key": header(({ member }) => ({ kid: member.keys.encryption.kid })),
  }),
  ...of("PROOF_INVALID", {
    "a bit of the signature": text((jws) => flipBit(jws, 2)),
    "a bit of the signature's end": text((jws) => flipBit(jws, 2, 509)),
    "signed by another key": (ground) => {
      const kid = ground.member.keys.signing.kid;
      return ground.other.sign(TYP.request, ground.member.proofPayload(ground), { kid });
    },
    "another cluster's name and kid": (ground) => {
      const iss = ground.other.fingerprint;
      return ground.member.sign(TYP.request, { ...ground.member.proofPayload(ground), iss }, { kid: iss });
    },
    "the signature of another proof": text((jws, ground) => {
      const [head, body] = jws.split(".");
      return `${head}.${body}.${ground.member.proof(ground).split(".")[2]}`;
    }),
    "HMAC with the public key": text((jws, { member }) => {
      const body = jws.split(".")[1] ?? "";
      const head = b64u(JSON.stringify({ alg: "HS256", typ: TYP.request, kid: member.keys.signing.kid }));
      const secret = Buffer.from(member.keys.signing.publicJwk.x, "base64url");
      return `${head}.${body}.${createHmac("sha512", secret).update(`${head}.${body}`).digest("base64url")}`;
    }),
    "a signature of zeros": text((jws) => `${jws.split(".").slice(0, 2).join(".")}.${"A".repeat(86)}`),
    "spare bits in the header, signed so": (ground) => {
      const head = JSON.stringify({ alg: "EdDSA", typ: TYP.request, kid: ground.member.keys.signing.kid });
      const body = b64u(JSON.stringify(ground.member.proofPayload(ground)));
      const [texts = ""] = [head, `${head} `, `${head}  `].map(b64u).filter((one) => one.length % 4 !== 0);
      const loose = (spareBits(`${texts}.x.x`, 0) ?? "").split(".")[0] ?? "";
      return signSegments(ground.member.keys, loose, body);
    },
  }),
];

/** A clock 50 s behind: valid, but older than a database that has just begun. */
export const BEHIND: Omit<ProofForgery, "code"> = {
  what: "a clock 50 s behind",
  forge: payload(() => ({ iat: now() - 50, exp: now() + 10 })),
};

/** Forms that look unusual and are valid. */
export const HONEST_VARIANTS: readonly Omit<ProofForgery, "code">[] = [
  { what: "as usual", forge: (ground) => ground.member.proof(ground) },
  { what: "alg Ed25519", forge: header(() => ({ alg: "Ed25519" })) },
  { what: "a member more", forge: payload(() => ({ purpose: "none", "x-é": [1, { a: null }] })) },
  { what: "one second long", forge: payload(() => ({ exp: now() + 2, iat: now() })) },
  { what: "a clock 50 s ahead", forge: payload(() => ({ iat: now() + 50, exp: now() + 110 })) },
  { what: "white space in the payload", forge: written((head, body) => ({ header: head, payload: ` ${body}\n` })) },
];
