import type { Descriptor } from "@catalog/schema/documents/descriptor";
import { digest, peekJws, TYP, type DocumentTyp } from "@catalog/schema/documents/jws";
import { verifyOffer, verifyWithdrawal } from "@catalog/schema/documents/offer-document";
import { CatalogError } from "@catalog/schema/errors";
import type { DocumentOutcome, PublishResult } from "@catalog/schema/operations";

import { isFull, take, type Allowance, type Rate } from "../domain/document-rate.js";
import { offerItem, withdrawnItem, type ItemDocument } from "../domain/item-document.js";
import { acceptance, refusal, refusalOf, type DocumentSubject } from "../domain/publication.js";
import type { DocumentSink, MemberDescriptors } from "./catalog-ports.js";
import type { Now } from "./ports.js";

/** Bounds of publishing. */
export interface PublishLimits {
  /** Documents in one call. */
  readonly documents: number;
  /** Documents of one member. */
  readonly rate: Rate;
}

/** The member that calls. */
export interface Publisher {
  readonly fingerprint: string;
}

/** Allowances that are remembered before the full ones are forgotten. */
const ALLOWANCES = 10_000;

/** Takes the signed documents of members into the catalog. Each has its own outcome. */
export class PublishService {
  private readonly allowances = new Map<string, Allowance>();

  constructor(
    private readonly descriptors: MemberDescriptors,
    private readonly documents: DocumentSink,
    private readonly limits: PublishLimits,
    private readonly now: Now,
  ) {}

  /** Takes offers. Throws LIMIT_EXCEEDED or NOT_A_MEMBER; every other refusal is the outcome of its document alone. */
  publish(member: Publisher, documents: readonly string[]): Promise<PublishResult> {
    return this.takeAll(member, documents, TYP.offer);
  }

  /** Takes withdrawals, as {@link publish} takes offers. */
  withdraw(member: Publisher, documents: readonly string[]): Promise<PublishResult> {
    return this.takeAll(member, documents, TYP.withdrawal);
  }

  private async takeAll(
    { fingerprint }: Publisher,
    documents: readonly string[],
    typ: DocumentTyp,
  ): Promise<PublishResult> {
    if (documents.length > this.limits.documents) {
      throw new CatalogError(
        "LIMIT_EXCEEDED",
        `${documents.length} documents are sent; at most ${this.limits.documents} fit into one call.`,
      );
    }
    const descriptor = await this.descriptors.descriptorOf(fingerprint);
    const granted = this.grant(fingerprint, documents.length);
    const taken = await Promise.all(documents.slice(0, granted).map((jws) => this.takeOne(descriptor, jws, typ)));
    return { results: [...taken, ...documents.slice(granted).map((jws) => this.postpone(jws))] };
  }

  private async takeOne(descriptor: Descriptor, jws: string, typ: DocumentTyp): Promise<DocumentOutcome> {
    let subject: DocumentSubject = UNKNOWN;
    try {
      subject = this.subjectOf(jws, typ, descriptor.iss);
      const item = await itemOf(descriptor, jws, typ);
      const error = refusalOf(await this.documents.put(item), `Offer ${item.offer_id}`);
      return error === undefined ? acceptance(subject) : refusal(subject, error);
    } catch (error) {
      if (error instanceof CatalogError) return refusal(subject, error);
      throw error;
    }
  }

  /** What the document says it is about; refused before any cryptography if it is another cluster's. */
  private subjectOf(jws: string, typ: DocumentTyp, fingerprint: string): DocumentSubject {
    const { payload } = peekJws(jws, typ);
    if (payload["iss"] !== fingerprint)
      throw new CatalogError("DOCUMENT_NOT_YOURS", "The document was issued by another cluster than the caller.");
    return subjectIn(payload);
  }

  private postpone(jws: string): DocumentOutcome {
    const { perSecond } = this.limits.rate;
    const error = new CatalogError(
      "RATE_LIMITED",
      `A member may publish ${perSecond} documents per second; send this one again in a second.`,
      { retryAfter: 1 },
    );
    try {
      return refusal(subjectIn(peekJws(jws).payload), error);
    } catch (cause) {
      if (cause instanceof CatalogError) return refusal(UNKNOWN, error);
      throw cause;
    }
  }

  private grant(fingerprint: string, wanted: number): number {
    const now = this.now().getTime();
    const { granted, after } = take(this.allowances.get(fingerprint), this.limits.rate, wanted, now);
    this.allowances.set(fingerprint, after);
    if (this.allowances.size > ALLOWANCES) this.forgetFull(now);
    return granted;
  }

  private forgetFull(now: number): void {
    for (const [fingerprint, allowance] of this.allowances) {
      if (isFull(allowance, this.limits.rate, now)) this.allowances.delete(fingerprint);
    }
  }
}

const UNKNOWN: DocumentSubject = { offerID: null, rev: null };

/** Names that an answer may quote are short; whether they are valid is found out later. */
function subjectIn(payload: Readonly<Record<string, unknown>>): DocumentSubject {
  const offer = payload["offer"];
  const ofOffer = typeof offer === "object" && offer !== null && "offerID" in offer ? offer.offerID : undefined;
  const offerID = ofOffer ?? payload["offerID"];
  const rev = payload["rev"];
  return {
    offerID: typeof offerID === "string" && offerID.length <= 128 ? offerID : null,
    rev: typeof rev === "number" && Number.isSafeInteger(rev) && rev >= 0 ? rev : null,
  };
}

async function itemOf(descriptor: Descriptor, jws: string, typ: DocumentTyp): Promise<ItemDocument> {
  const signed = { jws, digest: await digest(jws) };
  if (typ === TYP.offer) return offerItem(await verifyOffer(jws, descriptor), descriptor.clusterID, signed);
  return withdrawnItem(await verifyWithdrawal(jws, descriptor), descriptor.clusterID, signed);
}
