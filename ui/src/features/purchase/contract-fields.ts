import type { OfferWhole, Provider, Self } from "../offer/documents.ts";

/** One member of the contract document, before it exists. */
export interface ContractField {
  readonly name: string;
  readonly value: string;
  /** True for what is made only when the provider reserves. */
  readonly isFilledIn: boolean;
}

interface Agreed {
  readonly offer: OfferWhole;
  readonly plan: OfferWhole["plans"][number];
  readonly provider: Provider;
  readonly self: Self;
  readonly units: number;
  /** Unix seconds; null for no end. */
  readonly until: number | null;
  /** Of the signed offer; undefined until it has been verified. */
  readonly digest: string | undefined;
}

/** Every member of the contract that both sides will sign, in the order of the document. */
export function contractFields({
  offer,
  plan,
  provider,
  self: { connector },
  units,
  until,
  digest,
}: Agreed): readonly ContractField[] {
  const liqo = ({ mode, version }: Provider["liqo"]): string => (version === null ? mode : `${mode} ${version}`);
  return [
    later("contractID", "made when you buy"),
    now("buyer.fingerprint", connector.fingerprint),
    now("buyer.clusterID", connector.clusterParameters?.clusterID ?? ""),
    now("buyer.prettyName", connector.prettyName ?? ""),
    now("buyer.contractEndpoint", connector.contractEndpoint ?? ""),
    now("buyer.liqo", liqo(connector.liqo)),
    now("seller.fingerprint", provider.fingerprint),
    now("seller.clusterID", provider.clusterID),
    now("seller.prettyName", provider.clusterPrettyName),
    now("seller.contractEndpoint", provider.clusterContractEndpoint),
    now("seller.liqo", liqo(provider.liqo)),
    now("offer", `a copy of ${offer.offerID}, whole, as it is now`),
    now("termsRev", String(offer.termsRev)),
    later("offerRev", `at least ${offer.rev}: rises with the stock`),
    digest === undefined
      ? later("offerDigest", "that of the offer's signed document")
      : later("offerDigest", `${digest} unless the stock changes first`),
    now("planID", plan.planID),
    now("units", String(units)),
    now("resources", `per unit: ${JSON.stringify(plan.resources)}`),
    now("cost", `${plan.planCost} per unit`),
    now("currency", plan.planCostCurrency),
    now("period", plan.planCostPeriod),
    now("noticePeriod", offer.noticePeriod === null ? "none" : `${offer.noticePeriod} s`),
    later("validFrom", "when the provider reserves, by its clock"),
    now("validUntil", until === null ? "none" : `${until} (${new Date(until * 1000).toISOString()})`),
    later("reservedUntil", "set by the provider: until then it waits for your signature"),
    later("ackBy", "set by the provider: until then your receipt must be there"),
  ].filter(({ value }) => value !== "");
}

function now(name: string, value: string): ContractField {
  return { name, value, isFilledIn: false };
}

function later(name: string, value: string): ContractField {
  return { name, value, isFilledIn: true };
}
