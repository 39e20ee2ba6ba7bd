import type { Offer } from "@catalog/schema/offer";
import { type Contract, type ContractTerms, NO_DOCUMENTS, type Party } from "../domain/contract.js";
import { termsOf } from "../domain/sale.js";

const KEY = "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo";

export const SAMPLE_OFFER: Offer = {
  offerID: "general",
  offerName: "General purpose",
  offerType: "general",
  description: "",
  clusterPrettyName: "Turin",
  created: 1_700_000_000,
  status: true,
  plans: [
    {
      planID: "small",
      planName: "Small",
      planCost: 12.5,
      planCostCurrency: "EUR",
      planCostPeriod: "month",
      planQuantity: 4,
      resources: { cpu: "2", ram: "4Gi" },
    },
  ],
  labels: {},
  approval: "AUTO",
  capacity: "DECLARED",
  noticePeriod: null,
  minDuration: null,
};

function party(name: string): Party {
  return {
    fingerprint: `fingerprint of ${name}`,
    clusterID: `cluster-${name}`,
    clusterName: name,
    prettyName: name,
    contractEndpoint: `https://${name}.example`,
    encKey: { kty: "OKP", crv: "X25519", x: KEY },
    liqo: { mode: "manual", version: null },
  };
}

/** A contract of paris with turin, for tests. */
export function sampleContract(change: Partial<Contract> = {}): Contract {
  const role = change.role ?? "SELLER";
  const buyer = party("paris");
  const { fingerprint: _, ...buyerParty } = buyer;
  return {
    contractID: "0198c0de-0000-7000-8000-000000000001",
    role,
    state: "RESERVED",
    counterparty: party(role === "SELLER" ? "paris" : "turin").fingerprint,
    counterpartyKey: { kty: "OKP", crv: "Ed25519", x: KEY },
    requestID: null,
    request: {
      contractID: "0198c0de-0000-7000-8000-000000000001",
      offerID: "general",
      planID: "small",
      units: 2,
      termsRev: 5,
      validUntil: null,
      renews: null,
      buyer: buyerParty,
    },
    requestHash: "hash",
    buyer,
    seller: party("turin"),
    offer: SAMPLE_OFFER,
    offerRev: 7,
    offerDigest: KEY,
    version: 10,
    incarnation: "1700000000000-abcd",
    documents: NO_DOCUMENTS,
    code: null,
    message: null,
    created: 1_700_000_000,
    changed: 1_700_000_000,
    validFrom: null,
    approveBy: null,
    reservedUntil: null,
    ackBy: null,
    activatedAt: null,
    validUntil: null,
    endedAt: null,
    releasedAt: null,
    isHolding: false,
    isToldOfEnd: true,
    isBreach: false,
    isRestored: false,
    isReleasedByForce: false,
    isOverdue: false,
    ...change,
  };
}

/** The terms that the seller would freeze for {@link sampleContract}. */
export function sampleTerms(change: Partial<ContractTerms> = {}): ContractTerms {
  const contract = sampleContract();
  const periods = { reservation: 120, acknowledgement: 600 };
  return { ...termsOf(contract, contract.seller, new Date(1_700_000_000_000), periods), ...change };
}
