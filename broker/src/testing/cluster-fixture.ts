import { signDescriptor, verifyDescriptor, type Descriptor } from "@catalog/schema/documents/descriptor";
import { signerFrom, type Signer } from "@catalog/schema/documents/jws";
import { generateIdentity, type IdentityKeys } from "@catalog/schema/documents/keys";
import { signOffer, signWithdrawal } from "@catalog/schema/documents/offer-document";
import type { Offer } from "@catalog/schema/offer";

/** A cluster with real keys, as a Connector would have them. */
export interface ClusterFixture {
  readonly keys: IdentityKeys;
  readonly signer: Signer;
  readonly fingerprint: string;
  readonly clusterID: string;
  /** The current signed descriptor. */
  readonly descriptor: string;
  /** Signs a new descriptor with a higher number and makes it the current one. */
  describe(changes: Partial<Descriptor>): Promise<string>;
  /** A signed offer. */
  offer(offer: Partial<Offer>, numbers?: { rev?: number; stock?: Readonly<Record<string, number>> }): Promise<string>;
  withdrawal(offerID: string, rev?: number): Promise<string>;
}

let count = 0;

/** A new cluster with a name of its own. */
export async function createCluster(changes: Partial<Descriptor> = {}): Promise<ClusterFixture> {
  count += 1;
  const keys = await generateIdentity();
  const signer = await signerFrom(keys);
  const now = Date.now();
  let current: Descriptor = {
    iss: keys.fingerprint,
    seq: now,
    iat: Math.floor(now / 1000),
    clusterID: `cluster-${count}-${keys.fingerprint.slice(0, 6).replaceAll(/[-_]/g, "x")}`,
    clusterName: `Name ${count}`,
    clusterPrettyName: `Pretty ${count}`,
    endpoint: "https://auth.example.org",
    clusterContractEndpoint: "https://connector.example.org/graphql",
    created: Math.floor(now / 1000) - 1000,
    keys: { sig: keys.signing.publicJwk, enc: keys.encryption.publicJwk },
    rotations: [],
    liqo: { mode: "manual", version: null },
    ...changes,
  };
  const fixture = {
    keys,
    signer,
    fingerprint: keys.fingerprint,
    clusterID: current.clusterID,
    descriptor: await signDescriptor(signer, current),
    async describe(next: Partial<Descriptor>) {
      current = { ...current, seq: current.seq + 1, ...next };
      fixture.descriptor = await signDescriptor(signer, current);
      return fixture.descriptor;
    },
    offer: (
      offer: Partial<Offer>,
      { rev = Date.now(), stock }: { rev?: number; stock?: Readonly<Record<string, number>> } = {},
    ) => {
      const whole = { ...sampleOffer(current.clusterPrettyName), ...offer };
      const full = Object.fromEntries(whole.plans.map(({ planID, planQuantity }) => [planID, planQuantity]));
      return signOffer(signer, {
        iss: keys.fingerprint,
        rev,
        termsRev: rev,
        iat: Math.floor(rev / 1000),
        offer: whole,
        stock: stock ?? full,
      });
    },
    withdrawal: (offerID: string, rev = Date.now()) =>
      signWithdrawal(signer, { iss: keys.fingerprint, rev, iat: Math.floor(rev / 1000), offerID }),
  };
  await verifyDescriptor(fixture.descriptor);
  return fixture;
}

/** A valid offer with one plan. */
export function sampleOffer(clusterPrettyName: string): Offer {
  return {
    offerID: "offer-1",
    offerName: "General purpose",
    offerType: "compute",
    description: "Four cores.",
    clusterPrettyName,
    created: 1_700_000_000,
    status: true,
    plans: [
      {
        planID: "small",
        planName: "Small",
        planCost: 10,
        planCostCurrency: "EUR",
        planCostPeriod: "month",
        planQuantity: 4,
        resources: { cpu: "1", ram: "1Gi", storage: "1Gi" },
      },
    ],
    labels: { region: "eu-south-1" },
    approval: "AUTO",
    capacity: "DECLARED",
    noticePeriod: null,
    minDuration: null,
  };
}
