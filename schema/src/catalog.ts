import type { Offer } from "./offer.js";

/** What Liqo needs to reach a cluster. The token is a secret: only the admin of that cluster and the buyer of an active contract see it. */
export interface ClusterParameters {
  readonly clusterName: string;
  readonly clusterID: string;
  /** Liqo's auth address (0.x); null where there is none. */
  readonly endpoint: string | null;
  readonly token: string | null;
}

/** One provider cluster with its offers. */
export interface Catalog {
  readonly clusterName: string;
  readonly clusterID: string;
  readonly endpoint: string | null;
  /** Kept for the shape of the object; always null in what others may read. */
  readonly token: null;
  readonly clusterContractEndpoint: string;
  /** Unix seconds. */
  readonly created: number;
  readonly offers: readonly Offer[];
}

/** An offer as the catalog shows it: the signed offer with who issued it and what is left. */
export type CatalogOffer = Offer & {
  /** Key fingerprint of the issuer. */
  readonly fingerprint: string;
  readonly clusterID: string;
  readonly clusterName: string;
  readonly rev: number;
  readonly termsRev: number;
  /** planID → units left, as the issuer last said. */
  readonly stock: Readonly<Record<string, number>>;
  /** Since when nobody has seen the issuer alive, Unix seconds; null while it is. */
  readonly staleSince: number | null;
  /** The signed document, byte for byte. */
  readonly jws: string;
};

/** A cluster as the catalog shows it, from its signed descriptor. */
export interface CatalogCluster {
  readonly fingerprint: string;
  readonly clusterID: string;
  readonly clusterName: string;
  readonly clusterPrettyName: string;
  readonly endpoint: string | null;
  readonly clusterContractEndpoint: string;
  /** Unix seconds. */
  readonly created: number;
  readonly seq: number;
  readonly liqo: { readonly mode: string; readonly version: string | null };
  /** Since when nobody has seen the cluster alive, Unix seconds; null while it is. */
  readonly staleSince: number | null;
  /** The signed descriptor, byte for byte. */
  readonly jws: string;
}

/** Units left of a plan; zero for a plan that the stock does not name. */
export function stockOf(offer: Pick<CatalogOffer, "stock">, planID: string): number {
  return Object.hasOwn(offer.stock, planID) ? (offer.stock[planID] ?? 0) : 0;
}
