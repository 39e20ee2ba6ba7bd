import { CatalogError } from "@catalog/schema/errors";
import type { DocumentOutcome } from "@catalog/schema/operations";

/** What the catalog made of a verified document. Everything but WRITTEN and SAME is a refusal that changed nothing. */
export const VERDICTS = [
  "WRITTEN",
  "SAME",
  "OUTDATED",
  "EQUIVOCATION",
  "NUMBER_AHEAD",
  "NOT_A_MEMBER",
  "OFFER_LIMIT",
] as const;
export type Verdict = (typeof VERDICTS)[number];

/** A verdict with what proves it: the document that is known instead, for OUTDATED and EQUIVOCATION. */
export interface Judgement {
  readonly verdict: Verdict;
  readonly known: string | null;
}

/** Which document an outcome is about. */
export interface DocumentSubject {
  readonly offerID: string | null;
  readonly rev: number | null;
}

/** The error that a refusal stands for; undefined for an accepted document. */
export function refusalOf({ verdict, known }: Judgement, subject: string): CatalogError | undefined {
  const details = known === null ? undefined : { higher: known };
  switch (verdict) {
    case "WRITTEN":
    case "SAME":
      return undefined;
    case "OUTDATED":
      return new CatalogError(
        "DOCUMENT_OUTDATED",
        `${subject}: a document with a higher number is known; number the next one above it.`,
        details,
      );
    case "EQUIVOCATION":
      return new CatalogError(
        "DOCUMENT_EQUIVOCATION",
        `${subject}: another document with the same number is known and stays in use; both are kept.`,
        details,
      );
    case "NUMBER_AHEAD":
      return new CatalogError(
        "NUMBER_AHEAD",
        `${subject}: its number is too far ahead of this Broker's clock; check the clocks, then retry.`,
      );
    case "NOT_A_MEMBER":
      return new CatalogError("NOT_A_MEMBER", `${subject}: its cluster is no member of this Broker.`);
    case "OFFER_LIMIT":
      return new CatalogError(
        "OFFER_LIMIT_REACHED",
        `${subject}: the cluster has as many offers here as it may have; withdraw one first.`,
      );
  }
}

/** The outcome of an accepted document. */
export function acceptance(subject: DocumentSubject): DocumentOutcome {
  return { ...subject, accepted: true, code: null, message: null, higher: null };
}

/** The outcome of a refused document. */
export function refusal(subject: DocumentSubject, error: CatalogError): DocumentOutcome {
  const higher = error.details?.["higher"];
  return {
    ...subject,
    accepted: false,
    code: error.code,
    message: error.message,
    higher: error.code === "DOCUMENT_OUTDATED" && typeof higher === "string" ? higher : null,
  };
}
