import { CatalogError } from "../errors.js";
import { isBase64url, isBase64urlOf } from "./base64url.js";
import { isAddress } from "./members.js";

/** What an operator hands to a cluster admin: which Broker, who it is, and a token to be admitted with. */
export interface JoinString {
  /** Address of the Broker, http or https. */
  readonly brokerUrl: string;
  /** The Broker's fingerprint: whoever answers at the address must have it. */
  readonly fingerprint: string;
  /** Null where the Broker admits by approval or is open. */
  readonly tokenId: string | null;
  readonly secret: string | null;
  /** The Broker's signing key in use, if it is no longer its first. */
  readonly kid?: string;
  /** SHA-256 of the SubjectPublicKeyInfo of the Broker's self-signed TLS certificate. */
  readonly spki?: string;
}

const PREFIX = "catalog-join:";
const MAX_LENGTH = 2_560;

/** `catalog-join:<brokerUrl>#<fingerprint>[.<tokenId>.<secret>][;kid=…][;spki=…]`. Throws {@link CatalogError} JOIN_STRING_INVALID. */
export function formatJoinString(join: JoinString): string {
  const token = join.tokenId === null || join.secret === null ? "" : `.${join.tokenId}.${join.secret}`;
  const kid = join.kid === undefined ? "" : `;kid=${join.kid}`;
  const spki = join.spki === undefined ? "" : `;spki=${join.spki}`;
  const text = `${PREFIX}${join.brokerUrl}#${join.fingerprint}${token}${kid}${spki}`;
  parseJoinString(text);
  return text;
}

/** Reads what {@link formatJoinString} writes; white space around it is ignored. Throws {@link CatalogError} JOIN_STRING_INVALID. */
export function parseJoinString(pasted: string): JoinString {
  const text = pasted.trim();
  if (!text.startsWith(PREFIX) || text.length > MAX_LENGTH)
    throw invalid(`must begin with ${PREFIX} and have at most ${MAX_LENGTH} characters`);
  const [brokerUrl, fragment, ...rest] = text.slice(PREFIX.length).split("#");
  if (!isAddress(brokerUrl)) throw invalid("names no http(s) address of a Broker without user, query or fragment");
  if (fragment === undefined || rest.length > 0)
    throw invalid("must have exactly one '#' before the Broker's fingerprint");
  const [credentials = "", ...pins] = fragment.split(";");
  return { brokerUrl, ...readCredentials(credentials), ...readPins(pins) };
}

function readCredentials(text: string): Pick<JoinString, "fingerprint" | "tokenId" | "secret"> {
  const [fingerprint, tokenId, secret, ...rest] = text.split(".");
  if (!isBase64urlOf(fingerprint, 32)) throw invalid("names no fingerprint of a Broker (43 characters)");
  if (tokenId === undefined) return { fingerprint, tokenId: null, secret: null };
  if (!isBase64url(tokenId, 4, 64) || !isBase64url(secret, 22, 86) || rest.length > 0) {
    throw invalid("has an incomplete token; paste the whole string that the operator gave you");
  }
  return { fingerprint, tokenId, secret };
}

function readPins(pins: readonly string[]): Pick<JoinString, "kid" | "spki"> {
  const found: { kid?: string; spki?: string } = {};
  for (const pin of pins) {
    const [name, value, ...rest] = pin.split("=");
    if (
      (name !== "kid" && name !== "spki") ||
      found[name] !== undefined ||
      !isBase64urlOf(value, 32) ||
      rest.length > 0
    ) {
      throw invalid(`has a part after its token that is not kid=… or spki=… with 43 characters, each at most once`);
    }
    found[name] = value;
  }
  return found;
}

function invalid(reason: string): CatalogError {
  return new CatalogError("JOIN_STRING_INVALID", `the join string ${reason}`);
}
