import { CatalogError, type ErrorCode } from "../errors.js";
import { decodeCanonical, encode } from "../documents/base64url.js";
import { digest, peekJws, type DocumentTyp } from "../documents/jws.js";
import { forgeries, type Forgery } from "./forgeries.js";
import { PARTY_NAMES, testParties, type PartyName, type TestParty } from "./identities.js";
import { verifyVector, type Expectation, type VectorKind } from "./verify-vector.js";

/** A document that every implementation accepts. Of a compact JWS all parts are given; Ed25519 makes the same bytes again. */
export interface ValidVector {
  readonly name: string;
  readonly kind: VectorKind;
  readonly document: string;
  /** Who signed it, a name in keys.json. */
  readonly signer?: PartyName;
  readonly header?: object;
  readonly payload?: object;
  /** The payload as it was serialised. */
  readonly payloadText?: string;
  readonly digest?: string;
  readonly expect?: Expectation;
}

/** A document that every implementation refuses, with this code. */
export interface RefusedVector extends Forgery {
  readonly kind: VectorKind;
  /** Not given where it is that of the file's first valid vector of this kind. */
  readonly expect?: Expectation;
}

/** One file of schema/vectors. */
export interface VectorFile {
  readonly description: string;
  readonly valid: readonly ValidVector[];
  readonly refused: readonly RefusedVector[];
}

export type Parties = Readonly<Record<PartyName, TestParty>>;

/** Builds one file: valid documents are verified while they are built, refused ones are tried. */
export class VectorBuilder {
  private readonly valid: ValidVector[] = [];
  private readonly refused: RefusedVector[] = [];

  constructor(
    readonly parties: Parties,
    private readonly description: string,
  ) {}

  /** Signs `payload` as `signer`, checks that it verifies, and adds it. */
  async sign(
    name: string,
    kind: VectorKind,
    typ: DocumentTyp,
    signer: PartyName,
    payload: object,
    expect: Expectation = {},
  ): Promise<string> {
    const document = await this.parties[signer].signer.sign(typ, payload);
    await this.addValid({ ...(await describe(document, signer)), name, kind, document, expect });
    return document;
  }

  /** Adds a document that is no compact JWS. */
  async accept(name: string, kind: VectorKind, document: string, expect: Expectation = {}): Promise<void> {
    await this.addValid({ name, kind, document, expect });
  }

  /** Adds a document that must be refused with `code`. */
  async refuse(name: string, kind: VectorKind, document: string, code: ErrorCode, expect?: Expectation): Promise<void> {
    const first = this.valid.find((vector) => vector.kind === kind)?.expect ?? {};
    const outcome = await outcomeOf(() => verifyVector(kind, document, expect ?? first, this.parties));
    if (outcome !== code)
      throw new Error(`${kind} "${name}" should be refused with ${code}, but the outcome is ${outcome}`);
    this.refused.push({ name, kind, document, code, ...(expect === undefined ? {} : { expect }) });
  }

  /** Adds correctly signed documents whose payload is wrong: `changes` replace members, undefined removes one. */
  async refuseChanged(
    kind: VectorKind,
    typ: DocumentTyp,
    signer: PartyName,
    payload: object,
    changes: readonly Change[],
    code: ErrorCode,
  ): Promise<void> {
    for (const change of changes) {
      const document = await this.parties[signer].signer.sign(typ, { ...payload, ...change });
      const name = Object.entries(change).map(([member, value]) => nameOfChange(member, value));
      await this.refuse(name.join(", "), kind, document, code);
    }
  }

  /** Adds every forgery of the form of the JWS; `codeOf` says with what it is refused, if not with its own code. */
  async refuseForgeries(
    kind: VectorKind,
    typ: DocumentTyp,
    signer: PartyName,
    payload: object,
    codeOf = ({ code }: Forgery): ErrorCode => code,
  ): Promise<void> {
    const all = await forgeries({ typ, payload, issuer: this.parties[signer], stranger: this.parties.mallory });
    for (const forgery of all) await this.refuse(forgery.name, kind, forgery.document, codeOf(forgery));
  }

  build(): VectorFile {
    return { description: this.description, valid: this.valid, refused: this.refused };
  }

  private async addValid(vector: ValidVector): Promise<void> {
    await verifyVector(vector.kind, vector.document, vector.expect ?? {}, this.parties);
    this.valid.push(vector);
  }
}

/** Members to replace; undefined removes the member. */
export type Change = Readonly<Record<string, unknown>>;

/** A builder for each file, and the keys file itself. */
export async function keysFile(): Promise<object> {
  const parties = await testParties();
  const entries = PARTY_NAMES.map((name): [string, object] => [name, parties[name].keys]);
  return {
    description: "Private keys for the test vectors only. turin2 and turin3 are the keys to which turin rotates.",
    keys: Object.fromEntries(entries),
  };
}

/** The code with which `work` is refused, "accepted", or the name of an error that should never leave the package. */
export async function outcomeOf(work: () => Promise<unknown>): Promise<string> {
  try {
    await work();
    return "accepted";
  } catch (error) {
    return error instanceof CatalogError ? error.code : `not a CatalogError: ${String(error)}`;
  }
}

async function describe(
  document: string,
  signer: PartyName,
): Promise<Pick<ValidVector, "signer" | "header" | "payload" | "payloadText" | "digest">> {
  const { header, payload } = peekJws(document);
  const payloadText = new TextDecoder().decode(decodeCanonical(document.split(".")[1] ?? ""));
  return { signer, header, payload, payloadText, digest: await digest(document) };
}

function nameOfChange(member: string, value: unknown): string {
  if (value === undefined) return `${member} missing`;
  const text = JSON.stringify(value);
  return `${member} = ${text.length > 60 ? `${text.slice(0, 60)}…` : text}`;
}

/** Canonical base64url of a text, for names that only look like keys. */
export function base64urlOf(text: string): string {
  return encode(new TextEncoder().encode(text));
}

/** Makes a builder for one file. */
export type NewFile = (description: string) => VectorBuilder;

/** Compact JWS of the descriptors that the other documents are verified with. */
export type SignedDescriptors = Readonly<Record<PartyName, string>>;
