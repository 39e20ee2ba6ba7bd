import type { CatalogCluster, CatalogOffer } from "@catalog/schema/catalog";
import type { Descriptor } from "@catalog/schema/documents/descriptor";
import type { OfferDocument } from "@catalog/schema/documents/offer-document";

/** The cluster that a stored descriptor describes. The document was verified before it was stored. */
export function readCluster(jws: string, staleSince: number | null): CatalogCluster {
  const payload = storedPayload<Descriptor>(jws);
  return {
    fingerprint: payload.iss,
    clusterID: payload.clusterID,
    clusterName: payload.clusterName,
    clusterPrettyName: payload.clusterPrettyName,
    endpoint: payload.endpoint,
    clusterContractEndpoint: payload.clusterContractEndpoint,
    created: payload.created,
    seq: payload.seq,
    liqo: payload.liqo,
    staleSince,
    jws,
  };
}

/** What the Broker knows of an offer's issuer. */
export interface OfferIssuer {
  readonly clusterID: string;
  readonly clusterName: string;
  readonly staleSince: number | null;
}

/** The offer in a stored offer document. The document was verified before it was stored. */
export function readOffer(jws: string, issuer: OfferIssuer): CatalogOffer {
  const payload = storedPayload<OfferDocument>(jws);
  return {
    ...payload.offer,
    fingerprint: payload.iss,
    clusterID: issuer.clusterID,
    clusterName: issuer.clusterName,
    rev: payload.rev,
    termsRev: payload.termsRev,
    stock: payload.stock,
    staleSince: issuer.staleSince,
    jws,
  };
}

/** Only decoded: everything about the document was proven when it came in. */
function storedPayload<T>(jws: string): T {
  return JSON.parse(Buffer.from(jws.split(".", 2)[1] ?? "", "base64url").toString("utf8")) as T;
}
