import { verifyDescriptor, type Descriptor } from "@catalog/schema/documents/descriptor";
import { digest, peekJws, TYP } from "@catalog/schema/documents/jws";
import { verifyOffer, verifyWithdrawal } from "@catalog/schema/documents/offer-document";
import type { FeedChange } from "@catalog/schema/feed";
import type { FoundDescriptor } from "@catalog/schema/replica-identity";
import type { CheckedChange, ItemKey, OfferRecord } from "@catalog/schema/replica-message";
import type { CatalogView } from "../catalog/catalog-view.js";

/** A verified document with the claims that index it. */
export interface CheckedDescriptor {
  readonly found: FoundDescriptor;
  readonly descriptor: Descriptor;
}

/** Proves a cluster's descriptor by itself. @throws CatalogError DOCUMENT_INVALID */
export async function checkDescriptor(jws: string): Promise<CheckedDescriptor> {
  const descriptor = await verifyDescriptor(jws);
  const { iss: fingerprint, clusterID, seq } = descriptor;
  return { found: { fingerprint, clusterID, seq, digest: await digest(jws), jws }, descriptor };
}

/** Proves an offer or a withdrawal with its issuer's descriptor. @throws CatalogError DOCUMENT_INVALID */
export async function checkOfferDocument(
  jws: string,
  descriptor: Descriptor,
): Promise<OfferRecord & { readonly isWithdrawal: boolean }> {
  const isWithdrawal = peekJws(jws).header.typ === TYP.withdrawal;
  const { rev, offerID } = isWithdrawal ? await verifyWithdrawal(jws, descriptor) : await readOffer(jws, descriptor);
  return { fingerprint: descriptor.iss, offerID, rev, digest: await digest(jws), jws, isWithdrawal };
}

async function readOffer(jws: string, descriptor: Descriptor): Promise<{ rev: number; offerID: string }> {
  const { rev, offer } = await verifyOffer(jws, descriptor);
  return { rev, offerID: offer.offerID };
}

/** What has been verified before: what comes again byte for byte need not be verified again. */
export type VerifiedDocuments = Pick<CatalogView, "pinned" | "document">;

/**
 * Verifies the changes of one feed message. A Broker can relay documents but not make them: each is checked against the key of the
 * identity it is filed under, and whatever does not hold is refused without touching the rest.
 */
export class FeedChecker {
  private readonly descriptors = new Map<string, Descriptor>();

  constructor(
    private readonly ownFingerprint: string,
    private readonly known: VerifiedDocuments,
  ) {}

  /** Clusters first, because the offers of a message may be signed by them. */
  async check(changes: readonly FeedChange[]): Promise<readonly CheckedChange[]> {
    const foreign = changes.filter((change) => change.fingerprint !== this.ownFingerprint);
    const clusters = new Map<FeedChange, CheckedChange>();
    for (const change of foreign)
      if (change.kind === "CLUSTER") clusters.set(change, await this.guard(change, () => this.checkCluster(change)));
    const checked: CheckedChange[] = [];
    for (const change of foreign)
      checked.push(clusters.get(change) ?? (await this.guard(change, () => this.checkOffer(change))));
    return checked;
  }

  /** The descriptor that offers of an identity are verified with: the newest of this message, else the pinned one. */
  descriptorOf(fingerprint: string): Descriptor | undefined {
    return this.descriptors.get(fingerprint) ?? this.known.pinned(fingerprint)?.descriptor;
  }

  /** Identities whose descriptor this message has brought. */
  get arrived(): readonly string[] {
    return [...this.descriptors.keys()];
  }

  /** A document that was verified before, unless this message brings its issuer's descriptor anew: then its key may have changed. */
  private verified(change: FeedChange): (OfferRecord & { readonly isWithdrawal: boolean }) | undefined {
    const known = this.known.document(change.fingerprint, change.offerID ?? "");
    if (known === undefined || known.record.jws !== change.jws || this.descriptors.has(change.fingerprint))
      return undefined;
    return { ...known.record, isWithdrawal: known.document === null };
  }

  private async guard(change: FeedChange, check: () => Promise<CheckedChange>): Promise<CheckedChange> {
    try {
      return await check();
    } catch (error) {
      return { as: "REFUSED", key: keyOf(change), reason: error instanceof Error ? error.message : String(error) };
    }
  }

  private async checkCluster(change: FeedChange): Promise<CheckedChange> {
    if (change.op === "REMOVE" || change.jws === null) return { as: "REMOVED", key: keyOf(change) };
    const pinned = this.known.pinned(change.fingerprint);
    if (pinned?.pin.jws === change.jws) return { as: "CLUSTER", found: pinned.pin, staleSince: change.staleSince };
    const { found, descriptor } = await checkDescriptor(change.jws);
    if (found.fingerprint !== change.fingerprint)
      return refused(change, `the descriptor is of ${found.fingerprint}, not of the identity it is filed under`);
    const newest = this.descriptorOf(found.fingerprint);
    if (newest === undefined || newest.seq < descriptor.seq) this.descriptors.set(found.fingerprint, descriptor);
    return { as: "CLUSTER", found, staleSince: change.staleSince };
  }

  private async checkOffer(change: FeedChange): Promise<CheckedChange> {
    const key = keyOf(change);
    if (change.jws === null) {
      return change.op === "REMOVE" ? { as: "REMOVED", key } : refused(change, "an offer came without its document");
    }
    const descriptor = this.descriptorOf(change.fingerprint);
    if (descriptor === undefined) return waiting(change, change.jws);
    const { isWithdrawal, ...found } = this.verified(change) ?? (await checkOfferDocument(change.jws, descriptor));
    if (found.offerID !== change.offerID) return refused(change, `the document is of offer ${found.offerID}`);
    return { as: "OFFER", found, staleSince: change.staleSince, isListed: change.op === "UPSERT" && !isWithdrawal };
  }
}

function keyOf(change: FeedChange): ItemKey {
  return {
    kind: change.kind,
    fingerprint: change.fingerprint,
    offerID: change.kind === "CLUSTER" ? "" : (change.offerID ?? ""),
  };
}

/** An offer may come before its cluster: what is well formed waits for the key. */
function waiting(change: FeedChange, jws: string): CheckedChange {
  const { typ } = peekJws(jws).header;
  if (change.op === "REMOVE") return { as: "REMOVED", key: keyOf(change) };
  if (typ !== TYP.offer) return refused(change, `a document of type ${typ} cannot be an offer`);
  return { as: "PENDING", key: keyOf(change), jws, staleSince: change.staleSince };
}

function refused(change: FeedChange, reason: string): CheckedChange {
  return { as: "REFUSED", key: keyOf(change), reason };
}
