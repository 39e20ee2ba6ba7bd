import { verifyDescriptor } from "@catalog/schema/documents/descriptor";
import { digest } from "@catalog/schema/documents/jws";
import { type OfferDocument, verifyOffer } from "@catalog/schema/documents/offer-document";
import { canonicalName } from "@catalog/schema/resource-list";
import type { OfferWhole } from "./documents.ts";

/** What was found by verifying an offer here, in this browser. */
export interface Verdict {
  readonly isGood: boolean;
  /** What does not hold, in words; empty if everything does. */
  readonly problem: string;
  /** Unix seconds at which the provider signed it. */
  readonly signedAt?: number;
  /** Number of the document. */
  readonly rev?: number;
  /** Base64url SHA-256 of the document: what the contract will name. */
  readonly digest?: string;
}

/**
 * Verifies that the provider with this fingerprint has signed the offer that is shown: its descriptor by the keys it names,
 * the offer by these keys, and each term on the page against the signed one. Never throws.
 */
export async function verifyShown(
  shown: OfferWhole,
  documents: { readonly descriptor: string; readonly offer: string },
): Promise<Verdict> {
  try {
    const descriptor = await verifyDescriptor(documents.descriptor);
    if (descriptor.iss !== shown.fingerprint) {
      return { isGood: false, problem: `The descriptor is that of ${descriptor.iss}, not of this provider.` };
    }
    const document = await verifyOffer(documents.offer, descriptor);
    const difference = differenceOf(shown, document);
    const found = { signedAt: document.iat, rev: document.rev, digest: await digest(documents.offer) };
    if (difference === undefined) return { isGood: true, problem: "", ...found };
    return { isGood: false, problem: `${difference} is not as it was signed.`, ...found };
  } catch (error) {
    return { isGood: false, problem: error instanceof Error ? error.message : String(error) };
  }
}

/** The first term that is shown otherwise than it was signed; what is left of a plan may have changed since. */
function differenceOf(shown: OfferWhole, { offer, termsRev }: OfferDocument): string | undefined {
  const pairs: [name: string, shown: unknown, signed: unknown][] = [
    ["The number of the terms", shown.termsRev, termsRev],
    ["The id", shown.offerID, offer.offerID],
    ["The name", shown.offerName, offer.offerName],
    ["The type", shown.offerType, offer.offerType],
    ["The description", shown.description, offer.description],
    ["Who decides", shown.approval, offer.approval],
    ["What it rests on", shown.capacity, offer.capacity],
    ["The notice period", shown.noticePeriod ?? null, offer.noticePeriod ?? null],
    ["The shortest contract", shown.minDuration ?? null, offer.minDuration ?? null],
    ["A label", sorted(shown.labels), sorted(offer.labels)],
    ["A plan", shown.plans.map(termsOf), offer.plans.map(termsOf)],
  ];
  return pairs.find(([, one, other]) => JSON.stringify(one) !== JSON.stringify(other))?.[0];
}

type PlanTerms = Pick<
  OfferWhole["plans"][number],
  "planID" | "planName" | "planCost" | "planCostCurrency" | "planCostPeriod"
> & { readonly resources: Readonly<Record<string, string>> };

function termsOf(plan: PlanTerms): unknown {
  const resources = Object.entries(plan.resources).map(([name, quantity]) => [canonicalName(name), quantity] as const);
  const { planID, planName, planCost, planCostCurrency, planCostPeriod } = plan;
  return [planID, planName, planCost, planCostCurrency, planCostPeriod, sorted(Object.fromEntries(resources))];
}

function sorted(record: Readonly<Record<string, string>>): unknown {
  return Object.entries(record).toSorted(([a], [b]) => (a < b ? -1 : 1));
}
