import { randomUUID } from "node:crypto";
import { generateIdentity, type IdentityKeys } from "@catalog/schema/documents/keys";
import { TYP } from "@catalog/schema/documents/jws";
import type { Offer, Plan } from "@catalog/schema/offer";
import { type Members, nowSeconds, randomID, sha256, signDocument } from "./forge.js";

/** One HTTP request or socket that a proof is for. */
export interface ProofTarget {
  /** Fingerprint of the receiver. */
  readonly aud: string;
  readonly path: string;
  readonly body: string | Uint8Array;
  readonly method?: "POST" | "GET";
}

/**
 * A cluster that runs none of our servers: an identity and its documents, made from WIRE.md alone. Whatever it signs can be
 * changed first, so that it plays an honest cluster and a hostile one.
 */
export class Stranger {
  #lastNumber = 0;

  private constructor(
    readonly name: string,
    readonly keys: IdentityKeys,
    readonly clusterID: string,
  ) {}

  static async named(name: string, clusterID: string = randomUUID()): Promise<Stranger> {
    return new Stranger(name, await generateIdentity(), clusterID);
  }

  get fingerprint(): string {
    return this.keys.fingerprint;
  }

  /** The next number of the one counter behind `seq` and `rev`. */
  nextNumber(): number {
    this.#lastNumber = Math.max(this.#lastNumber + 1, Date.now());
    return this.#lastNumber;
  }

  sign(typ: string, payload: Members, header: Members = {}): string {
    return signDocument(this.keys, typ, payload, header);
  }

  /** WIRE.md section 3.1. */
  descriptor(changes: Members = {}): string {
    return this.sign(TYP.descriptor, {
      iss: this.fingerprint,
      seq: this.nextNumber(),
      iat: nowSeconds(),
      created: nowSeconds(),
      keys: { sig: this.keys.signing.publicJwk, enc: this.keys.encryption.publicJwk },
      rotations: [],
      clusterID: this.clusterID,
      clusterName: this.name,
      clusterPrettyName: `The ${this.name}`,
      endpoint: null,
      clusterContractEndpoint: "http://localhost:9/graphql",
      liqo: { mode: "manual", version: null },
      ...changes,
    });
  }

  /** Payload of a request proof, WIRE.md section 5. */
  proofPayload({ aud, path, body, method = "POST" }: ProofTarget): Members {
    const iat = nowSeconds();
    return {
      iss: this.fingerprint,
      aud,
      iat,
      exp: iat + 60,
      jti: randomID(),
      htm: method,
      htp: path,
      bh: sha256(body),
    };
  }

  proof(target: ProofTarget): string {
    return this.sign(TYP.request, this.proofPayload(target));
  }

  /** Payload of an offer document, WIRE.md section 3.3. */
  offerPayload(offer: Offer, changes: Members = {}): Members {
    const rev = this.nextNumber();
    return { iss: this.fingerprint, rev, termsRev: rev, iat: nowSeconds(), offer, stock: stockOf(offer), ...changes };
  }

  offer(offer: Offer, changes: Members = {}): string {
    return this.sign(TYP.offer, this.offerPayload(offer, changes));
  }

  /** WIRE.md section 3.4. */
  withdrawal(offerID: string, changes: Members = {}): string {
    return this.sign(TYP.withdrawal, {
      iss: this.fingerprint,
      rev: this.nextNumber(),
      iat: nowSeconds(),
      offerID,
      ...changes,
    });
  }

  /** WIRE.md section 3.6. */
  receipt(contractID: string, termsHash: string, contractHash: string, changes: Members = {}): string {
    const iat = nowSeconds();
    return this.sign(TYP.receipt, { iss: this.fingerprint, contractID, termsHash, contractHash, iat, ...changes });
  }

  /** WIRE.md section 3.6. */
  notice(contractID: string, changes: Members = {}): string {
    return this.sign(TYP.notice, { iss: this.fingerprint, contractID, reason: null, at: nowSeconds(), ...changes });
  }
}

/** Everything is left; nothing where the plans are no list. */
function stockOf({ plans }: Offer): Members {
  const list: readonly Plan[] = Array.isArray(plans) ? plans : [];
  return Object.fromEntries(list.map((plan) => [plan.planID, plan.planQuantity]));
}

/** An offer with one plan, complete and valid. */
export function anOffer(offerID: string, changes: Partial<Offer> = {}): Offer {
  return {
    offerID,
    offerName: `Offer ${offerID}`,
    offerType: "general",
    description: "From a second implementation.",
    clusterPrettyName: "Stranger",
    created: nowSeconds(),
    status: true,
    plans: [
      {
        planID: "one",
        planName: "One",
        planCost: 12.5,
        planCostCurrency: "EUR",
        planCostPeriod: "month",
        planQuantity: 4,
        resources: { cpu: "2", ram: "4Gi" },
      },
    ],
    labels: { region: "eu-south" },
    approval: "AUTO",
    capacity: "DECLARED",
    noticePeriod: null,
    minDuration: null,
    ...changes,
  };
}
