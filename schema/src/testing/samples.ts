import type { ContractTerms, Party } from "../contract.js";
import type { BrokerDescriptor, Descriptor } from "../documents/descriptor.js";
import type { OfferDocument } from "../documents/offer-document.js";
import type { Offer } from "../offer.js";
import type { TestParty } from "./identities.js";

/** The moment at which the samples were made, Unix seconds. */
export const NOW = 1_767_225_600;
/** Numbers of the samples: Unix milliseconds of {@link NOW}. */
export const NUMBER = NOW * 1000;
export const CONTRACT_ID = "0199b3c4-5d6e-7f80-9a1b-2c3d4e5f6071";
/** 128 fixed bits where real ones are random. */
export const JTI = "AAECAwQFBgcICQoLDA0ODw";
export const NONCE = "bm9uY2Utb2YtdGhlLXRlc3QtdmVjdG9ycw";

export const OFFER: Offer = {
  offerID: "general-purpose",
  offerName: "General purpose — €",
  offerType: "general",
  description: "Two sizes.\nCo-located in Turin.",
  clusterPrettyName: "Turin datacenter",
  created: NOW - 86_400,
  status: true,
  plans: [
    {
      planID: "small",
      planName: "Small",
      planCost: 0.025,
      planCostCurrency: "EUR",
      planCostPeriod: "hour",
      planQuantity: 8,
      resources: { cpu: "1", ram: "2Gi", storage: "10Gi" },
    },
    {
      planID: "gpu",
      planName: "GPU",
      planCost: 1450.5,
      planCostCurrency: "EUR",
      planCostPeriod: "month",
      planQuantity: 1,
      resources: { cpu: "8", memory: "64Gi", "nvidia.com/gpu": "1" },
    },
  ],
  labels: { region: "eu-south-1", "gpu.example.com/model": "A100" },
  approval: "AUTO",
  capacity: "DECLARED",
  noticePeriod: 3600,
  minDuration: null,
};

export function clusterDescriptor(party: TestParty, name: string, rotations: readonly string[] = []): Descriptor {
  const { fingerprint, signing, encryption } = party.keys;
  return {
    iss: fingerprint,
    seq: NUMBER,
    iat: NOW,
    clusterID: `${name.toLowerCase()}-5f1c`,
    clusterName: name.toLowerCase(),
    clusterPrettyName: `${name} datacenter`,
    endpoint: name === "Turin" ? "https://turin.example.org:8443" : null,
    clusterContractEndpoint: `https://${name.toLowerCase()}.example.org:6003/graphql`,
    created: NOW - 86_400,
    keys: { sig: signing.publicJwk, enc: encryption.publicJwk },
    rotations,
    liqo: { mode: "manual", version: null },
  };
}

export function brokerDescriptor(party: TestParty): BrokerDescriptor {
  const { fingerprint, signing, encryption } = party.keys;
  return {
    iss: fingerprint,
    seq: NUMBER,
    iat: NOW,
    brokerName: "Alpine exchange",
    brokerEndpoint: "https://broker.example.org",
    created: NOW - 172_800,
    keys: { sig: signing.publicJwk, enc: encryption.publicJwk },
    rotations: [],
    tlsSpki: "47DEQpj8HBSa-_TImW-5JCeuQeRkm5NMpJWZG3hSuFU",
  };
}

export function offerDocument(issuer: TestParty): OfferDocument {
  const numbers = { rev: NUMBER + 2, termsRev: NUMBER + 1, iat: NOW };
  return { iss: issuer.keys.fingerprint, ...numbers, offer: OFFER, stock: { small: 6, gpu: 0 } };
}

export function contractTerms(seller: TestParty, buyer: TestParty, offerDigest: string): ContractTerms {
  return {
    v: 1,
    contractID: CONTRACT_ID,
    buyer: contractParty(buyer, "Paris"),
    seller: contractParty(seller, "Turin"),
    offer: OFFER,
    offerRev: NUMBER + 2,
    termsRev: NUMBER + 1,
    offerDigest,
    planID: "small",
    units: 2,
    resources: { cpu: "1", ram: "2Gi", storage: "10Gi" },
    cost: 0.025,
    currency: "EUR",
    period: "hour",
    noticePeriod: 3600,
    validFrom: NOW,
    validUntil: NOW + 604_800,
    reservedUntil: NOW + 120,
    ackBy: NOW + 720,
  };
}

function contractParty(party: TestParty, name: string): Party {
  const descriptor = clusterDescriptor(party, name);
  return {
    fingerprint: descriptor.iss,
    clusterID: descriptor.clusterID,
    clusterName: descriptor.clusterName,
    prettyName: descriptor.clusterPrettyName,
    contractEndpoint: descriptor.clusterContractEndpoint,
    encKey: descriptor.keys.enc,
    liqo: descriptor.liqo,
  };
}
