import { CatalogError } from "../errors.js";
import { DOCUMENT_LIMITS, TYP, type Signer } from "./jws.js";
import { generalJws, parseGeneral, proveEntry, type GeneralJws } from "./general-jws.js";
import { thumbprint, type PublicJwk } from "./keys.js";
import { Members } from "./members.js";
import { decodeCanonical } from "./base64url.js";

/** One change of signing key: the n-th of an identity, signed by both keys as a General JWS of typ `catalog-rotation+jwt`. */
export interface Rotation {
  /** 1 for the first change, then consecutive. */
  readonly n: number;
  readonly prev: PublicJwk;
  readonly next: PublicJwk;
  /** The highest `rev` or `seq` that `prev` signed; a document by it with a higher number is refused. */
  readonly lastNumber: number;
}

/** Most changes of key that one identity can have; then it must begin anew. */
export const MAX_ROTATIONS = 8;

/** A signing key of an identity; `lastNumber` is null for the one in use. */
export interface ChainKey {
  readonly kid: string;
  readonly jwk: PublicJwk;
  readonly lastNumber: number | null;
}

/** The General JWS text of `rotation`, signed by the superseded key, then by the new one. */
export async function signRotation(prev: Signer, next: Signer, rotation: Rotation): Promise<string> {
  const first = await prev.sign(TYP.rotation, rotation);
  const payloadText = first.split(".", 2)[1] ?? "";
  const second = await next.signBytes(TYP.rotation, decodeCanonical(payloadText));
  return generalJws(first, second);
}

/**
 * The chain of signing keys from the identity's first to the one in use. Verifies every statement by both keys, that the
 * numbers are consecutive from 1, that each begins with the key at which the one before ended, that no key comes twice
 * and that `lastNumber` never falls. Throws {@link CatalogError} DOCUMENT_INVALID.
 */
export async function verifyRotations(
  fingerprint: string,
  statements: readonly unknown[],
  current: PublicJwk,
): Promise<readonly ChainKey[]> {
  if (statements.length > MAX_ROTATIONS)
    throw invalid(`has ${statements.length} rotations; at most ${MAX_ROTATIONS} are allowed`);
  const chain: ChainKey[] = [];
  let kid = fingerprint;
  for (const [index, text] of statements.entries()) {
    const { rotation, prevKid, nextKid } = await verifyStatement(text);
    if (rotation.n !== index + 1) throw invalid(`rotation ${index + 1} says that it is number ${rotation.n}`);
    if (prevKid !== kid)
      throw invalid(`rotation ${rotation.n} begins with the key ${prevKid}, but the key in use before it is ${kid}`);
    if (rotation.lastNumber < (chain.at(-1)?.lastNumber ?? 0))
      throw invalid(`rotation ${rotation.n} has a lower lastNumber than the one before`);
    chain.push({ kid: prevKid, jwk: rotation.prev, lastNumber: rotation.lastNumber });
    if (chain.some((key) => key.kid === nextKid)) throw invalid(`rotation ${rotation.n} returns to an earlier key`);
    kid = nextKid;
  }
  if ((await thumbprint(current)) !== kid)
    throw invalid(`keys.sig is not the key ${kid} at which the identity's chain of keys ends`);
  return [...chain, { kid, jwk: current, lastNumber: null }];
}

/** The chain that {@link verifyRotations} verified, read again without any signature: for descriptors already proven. */
export async function readChain(statements: readonly string[], current: PublicJwk): Promise<readonly ChainKey[]> {
  const keys = statements.map((text) => readStatement(text).rotation);
  const chain = [
    ...keys.map(({ prev, lastNumber }) => ({ jwk: prev, lastNumber })),
    { jwk: current, lastNumber: null },
  ];
  return Promise.all(chain.map(async (key) => ({ kid: await thumbprint(key.jwk), ...key })));
}

function readStatement(text: unknown): { general: GeneralJws; rotation: Rotation } {
  if (typeof text !== "string") throw invalid("has a rotation that is not a string");
  const general = parseGeneral(text, TYP.rotation, DOCUMENT_LIMITS[TYP.rotation]);
  const members = new Members("a rotation", general.payload);
  return {
    general,
    rotation: {
      n: members.integer("n", 1, MAX_ROTATIONS),
      prev: members.publicKey("prev", "Ed25519"),
      next: members.publicKey("next", "Ed25519"),
      lastNumber: members.integer("lastNumber"),
    },
  };
}

async function verifyStatement(text: unknown): Promise<{ rotation: Rotation; prevKid: string; nextKid: string }> {
  const { general, rotation } = readStatement(text);
  const prevKid = await proveEntry(general, 0, () => rotation.prev);
  const nextKid = await proveEntry(general, 1, () => rotation.next);
  return { rotation, prevKid, nextKid };
}

function invalid(reason: string): CatalogError {
  return new CatalogError("DOCUMENT_INVALID", `the descriptor ${reason}`);
}
