import { liqoName } from "../../lib/format/liqo.ts";
import type { OfferWhole, Provider, Self } from "./documents.ts";

/** Something that one should know before one buys. */
export interface OfferWarning {
  readonly title: string;
  readonly text: string;
  /** True where buying would be refused. */
  readonly isBar: boolean;
  readonly link?: { readonly href: string; readonly text: string };
}

/** What is needed to say whether an offer can be bought. */
type Offered = Pick<OfferWhole, "status" | "staleSince" | "peerable" | "clusterPrettyName"> & {
  readonly plans: readonly { readonly available: number }[];
};

/** What speaks against buying an offer now, what bars it first. */
export function warningsOf(
  offer: Offered,
  provider: Pick<Provider, "liqo"> | undefined,
  self: Pick<Self, "connector"> | undefined,
): readonly OfferWarning[] {
  const warnings: OfferWarning[] = [];
  if (self !== undefined && !self.connector.ready) {
    warnings.push({
      title: "This cluster has no name and contract endpoint yet",
      text: "Providers need both to sell to it.",
      isBar: true,
      link: { href: "/settings", text: "Give them in the settings" },
    });
  }
  if (!offer.peerable.ok) {
    warnings.push({
      title: "These two clusters cannot peer",
      text: offer.peerable.reason ?? liqoText(provider, self),
      isBar: true,
    });
  } else if (offer.peerable.reason !== null) {
    warnings.push({ title: "Make sure before you buy", text: offer.peerable.reason, isBar: false });
  }
  if (!offer.status) {
    warnings.push({ title: "Paused", text: "The provider does not sell it for the moment.", isBar: true });
  } else if (offer.plans.every(({ available }) => available === 0)) {
    warnings.push({
      title: "Sold out",
      text: "No plan has units left. This page tells when that changes.",
      isBar: true,
    });
  }
  if (offer.staleSince !== null) {
    warnings.push({
      title: "The provider is away",
      text: `No Broker has seen ${offer.clusterPrettyName} for a while. A purchase is kept and pursued until it answers.`,
      isBar: false,
    });
  }
  return warnings;
}

function liqoText(provider: Pick<Provider, "liqo"> | undefined, self: Pick<Self, "connector"> | undefined): string {
  const there = liqoName(provider?.liqo);
  return `The provider runs ${there}, this cluster ${liqoName(self?.connector.liqo)}.`;
}
