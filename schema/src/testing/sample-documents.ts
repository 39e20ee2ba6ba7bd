import type { Descriptor } from "../documents/descriptor.js";
import { signDescriptor } from "../documents/descriptor.js";
import { digest, signerFrom, type Signer } from "../documents/jws.js";
import { generateIdentity, type IdentityKeys } from "../documents/keys.js";
import { signOffer, signWithdrawal } from "../documents/offer-document.js";
import type { FoundDescriptor } from "../replica-identity.js";
import type { OfferRecord } from "../replica-message.js";
import { sampleCatalogOffer } from "./sample-offers.js";

const IAT = 1_700_000_000;

/** A cluster with keys of its own that signs documents for a replica to read. */
export class SampleCluster {
  private constructor(
    readonly clusterID: string,
    private readonly keys: IdentityKeys,
    private readonly signer: Signer,
  ) {}

  static async create(clusterID: string): Promise<SampleCluster> {
    const keys = await generateIdentity();
    return new SampleCluster(clusterID, keys, await signerFrom(keys));
  }

  get fingerprint(): string {
    return this.keys.fingerprint;
  }

  async descriptor(seq: number, change: Partial<Descriptor> = {}): Promise<FoundDescriptor> {
    const { fingerprint, keys } = this;
    const clusterID = change.clusterID ?? this.clusterID;
    const jws = await signDescriptor(this.signer, {
      iss: fingerprint,
      seq,
      iat: IAT,
      clusterID,
      clusterName: clusterID,
      clusterPrettyName: `${clusterID} ${seq}`,
      endpoint: null,
      clusterContractEndpoint: `https://${clusterID}.example.com/graphql`,
      created: IAT,
      keys: { sig: keys.signing.publicJwk, enc: keys.encryption.publicJwk },
      rotations: [],
      liqo: { mode: "manual", version: null },
      ...change,
    });
    return { fingerprint, clusterID, seq, digest: await digest(jws), jws };
  }

  async offer(offerID: string, rev: number, description = ""): Promise<OfferRecord> {
    const { offerName, offerType, plans, labels, approval, capacity, noticePeriod, minDuration } = sampleCatalogOffer();
    const head = { offerID, offerName, offerType, description, clusterPrettyName: this.clusterID, created: IAT };
    const offer = { ...head, status: true, plans, labels, approval, capacity, noticePeriod, minDuration };
    const document = { iss: this.fingerprint, rev, termsRev: 1, iat: IAT, offer, stock: { small: 4 } };
    return this.record(offerID, rev, await signOffer(this.signer, document));
  }

  async withdrawal(offerID: string, rev: number): Promise<OfferRecord> {
    const jws = await signWithdrawal(this.signer, { iss: this.fingerprint, rev, iat: IAT, offerID });
    return this.record(offerID, rev, jws);
  }

  private async record(offerID: string, rev: number, jws: string): Promise<OfferRecord> {
    return { fingerprint: this.fingerprint, offerID, rev, digest: await digest(jws), jws };
  }
}
