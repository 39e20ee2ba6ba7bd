import { CatalogError } from "../errors.js";
import { isObject } from "../field-checks.js";
import {
  checkSize,
  joinCompact,
  parseCompact,
  proveParts,
  signingInput,
  type DocumentTyp,
  type JwsParts,
  type KeyOf,
} from "./jws.js";
import { Members } from "./members.js";
import { parseStrictText, type JsonObject } from "./strict-json.js";

/** One signature of a General JWS (RFC 7515 §7.2.1); both members are base64url. */
export interface GeneralSignature {
  readonly protected: string;
  readonly signature: string;
}

/** A General JWS with exactly two signatures, taken apart; nothing is proven. */
export interface GeneralJws {
  readonly payload: JsonObject;
  readonly payloadText: string;
  /** The same content as two compact JWS, in the order of the signatures. */
  readonly parts: readonly [JwsParts, JwsParts];
}

/** The signature part of a compact JWS. */
export function signatureOf(jws: string): GeneralSignature {
  const [protectedText = "", , signature = ""] = jws.split(".");
  return { protected: protectedText, signature };
}

/**
 * The General JWS text of two compact JWS over the same payload: `{"payload":…,"signatures":[{"protected":…,
 * "signature":…},{…}]}` without white space, so that whoever assembles it gets the same bytes.
 */
export function generalJws(first: string, second: string): string {
  const payload = signingInput(first).split(".")[1];
  if (payload === undefined || payload !== signingInput(second).split(".")[1])
    throw new CatalogError("DOCUMENT_INVALID", "the two signatures are not over the same payload");
  return JSON.stringify({ payload, signatures: [signatureOf(first), signatureOf(second)] });
}

/** Takes a General JWS text apart, strictly: the one form that {@link generalJws} writes, with exactly two signatures. */
export function parseGeneral(text: string, typ: DocumentTyp, maxBytes: number): GeneralJws {
  checkSize(text, typ, maxBytes);
  const members = new Members(typ, parseStrictText(text, typ));
  const payloadText = members.opaque("payload", 2, maxBytes);
  const entries = members.list("signatures", 2);
  const [first, second] = entries.map((entry) => readSignature(entry, typ));
  if (first === undefined || second === undefined)
    throw new CatalogError("DOCUMENT_INVALID", `${typ}: must have exactly two signatures, has ${entries.length}`);
  const [a, b] = [first, second].map((one) => joinCompact(one.protected, payloadText, one.signature));
  if (a === undefined || b === undefined || generalJws(a, b) !== text) {
    throw new CatalogError(
      "DOCUMENT_INVALID",
      `${typ}: must be written without white space or other members, payload first`,
    );
  }
  const parts = [parseCompact(a, typ, maxBytes), parseCompact(b, typ, maxBytes)] as const;
  return { payload: parts[0].payload, payloadText, parts };
}

/** Proves signature `index` with the key that `keyOf` has for its kid. Returns the kid. */
export async function proveEntry(general: GeneralJws, index: 0 | 1, keyOf: KeyOf): Promise<string> {
  const parts = general.parts[index];
  await proveParts(parts, keyOf);
  return parts.header.kid;
}

function readSignature(entry: unknown, typ: DocumentTyp): GeneralSignature {
  const object = isObject(entry) ? entry : {};
  const members = new Members(`${typ}: a signature`, object);
  return { protected: members.opaque("protected", 2, 1024), signature: members.bytes("signature", 64) };
}
