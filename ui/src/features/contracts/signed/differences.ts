import type { ContractTerms } from "@catalog/schema/contract";

/** What the API says of a contract, and its documents. */
export interface SignedContract {
  readonly contractID: string;
  readonly offerID: string;
  readonly planID: string;
  readonly units: number;
  readonly validUntil: number | null;
  readonly money: { readonly cost: number; readonly currency: string; readonly period: string } | null;
  readonly plan: { readonly resources: Readonly<Record<string, string>> } | null;
  readonly buyer: { readonly fingerprint: string };
  readonly seller: { readonly fingerprint: string };
  readonly contract: string | null;
  readonly terms: string | null;
  readonly receipt: string | null;
  readonly activation: string | null;
  readonly notice: string | null;
}

/** In which points signed terms are not those that the page shows, one sentence each. */
export function differences(terms: ContractTerms, shown: SignedContract): readonly string[] {
  const points: readonly (readonly [string, unknown, unknown])[] = [
    ["contract", terms.contractID, shown.contractID],
    ["provider", terms.seller.fingerprint, shown.seller.fingerprint],
    ["customer", terms.buyer.fingerprint, shown.buyer.fingerprint],
    ["offer", terms.offer.offerID, shown.offerID],
    ["plan", terms.planID, shown.planID],
    ["units", terms.units, shown.units],
    ["end", terms.validUntil ?? null, shown.validUntil],
    ["price", terms.cost, shown.money?.cost],
    ["currency", terms.currency, shown.money?.currency],
    ["period", terms.period, shown.money?.period],
    ["resources", canonical(terms.resources), canonical(shown.plan?.resources ?? {})],
  ];
  return points
    .filter(([, signed, said]) => signed !== said)
    .map(([name, signed, said]) => `The ${name} that was signed is ${String(signed)}, not ${String(said)}.`);
}

/** The API says memory where an offer was written with ram: one resource. */
function canonical(resources: Readonly<Record<string, string>>): string {
  return Object.keys(resources)
    .map((name) => `${name === "ram" ? "memory" : name} ${resources[name] ?? ""}`)
    .sort()
    .join(", ");
}
