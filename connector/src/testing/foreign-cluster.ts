import { signDescriptor, type Descriptor } from "@catalog/schema/documents/descriptor";
import { signerFrom, type Signer } from "@catalog/schema/documents/jws";
import { generateIdentity, type IdentityKeys } from "@catalog/schema/documents/keys";
import { signOffer, signWithdrawal } from "@catalog/schema/documents/offer-document";
import type { FeedChange } from "@catalog/schema/feed";
import type { Offer } from "@catalog/schema/offer";

const CREATED = 1_700_000_000;

/** Another cluster as a Broker would show it: real keys, real signatures. */
export class ForeignCluster {
  private constructor(
    readonly clusterID: string,
    readonly keys: IdentityKeys,
    readonly signer: Signer,
  ) {}

  static async create(clusterID: string): Promise<ForeignCluster> {
    const keys = await generateIdentity();
    return new ForeignCluster(clusterID, keys, await signerFrom(keys));
  }

  get fingerprint(): string {
    return this.keys.fingerprint;
  }

  descriptor(seq: number, changes: Partial<Descriptor> = {}): Promise<string> {
    return signDescriptor(this.signer, {
      iss: this.fingerprint,
      seq,
      iat: CREATED,
      clusterID: this.clusterID,
      clusterName: this.clusterID,
      clusterPrettyName: `The ${this.clusterID}`,
      endpoint: null,
      clusterContractEndpoint: "https://192.0.2.7:6003",
      created: CREATED,
      keys: { sig: this.keys.signing.publicJwk, enc: this.keys.encryption.publicJwk },
      rotations: [],
      liqo: { mode: "manual", version: null },
      ...changes,
    });
  }

  offer(offerID: string, rev: number, changes: Partial<Offer> = {}): Promise<string> {
    const offer = { ...sampleOffer(offerID), ...changes };
    const stock = Object.fromEntries(offer.plans.map((plan) => [plan.planID, plan.planQuantity]));
    return signOffer(this.signer, { iss: this.fingerprint, rev, termsRev: rev, iat: CREATED, offer, stock });
  }

  /** The CLUSTER item. */
  async cluster(seq: number, changes: Partial<Descriptor> = {}, staleSince: number | null = null): Promise<FeedChange> {
    return this.change({
      op: "UPSERT",
      kind: "CLUSTER",
      offerID: null,
      staleSince,
      jws: await this.descriptor(seq, changes),
    });
  }

  /** An OFFER item. */
  async listing(offerID: string, rev: number, changes: Partial<Offer> = {}): Promise<FeedChange> {
    return this.change({
      op: "UPSERT",
      kind: "OFFER",
      offerID,
      staleSince: null,
      jws: await this.offer(offerID, rev, changes),
    });
  }

  /** The removal that follows a withdrawal. */
  async withdrawal(offerID: string, rev: number): Promise<FeedChange> {
    const jws = await signWithdrawal(this.signer, { iss: this.fingerprint, rev, iat: CREATED, offerID });
    return this.change({ op: "REMOVE", kind: "OFFER", offerID, staleSince: null, jws });
  }

  /** A removal by the Broker alone. */
  removal(kind: "CLUSTER" | "OFFER", offerID: string | null): FeedChange {
    return this.change({ op: "REMOVE", kind, offerID, staleSince: null, jws: null });
  }

  private change(change: Omit<FeedChange, "revision" | "fingerprint" | "clusterID">): FeedChange {
    return { revision: 1, fingerprint: this.fingerprint, clusterID: this.clusterID, ...change };
  }
}

function sampleOffer(offerID: string): Offer {
  return {
    offerID,
    offerName: `Offer ${offerID}`,
    offerType: "compute",
    description: "",
    clusterPrettyName: "Somebody",
    created: CREATED,
    status: true,
    plans: [
      {
        planID: "small",
        planName: "Small",
        planCost: 1.25,
        planCostCurrency: "EUR",
        planCostPeriod: "hour",
        planQuantity: 4,
        resources: { cpu: "1", memory: "1Gi" },
      },
    ],
    labels: {},
    approval: "AUTO",
    capacity: "DECLARED",
    noticePeriod: null,
    minDuration: null,
  };
}
