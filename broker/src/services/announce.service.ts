import { verifyDescriptor, type Descriptor } from "@catalog/schema/documents/descriptor";
import { digest } from "@catalog/schema/documents/jws";
import { CatalogError } from "@catalog/schema/errors";
import type { AnnouncedOffer, Announcement } from "@catalog/schema/operations";
import { requireNoProblems } from "@catalog/schema/problem";

import { compareAnnouncement, type KnownCluster } from "../domain/announcement.js";
import { clusterItem } from "../domain/item-document.js";
import { requireFreeClusterId, type Member } from "../domain/member.js";
import { MemberUnknownError } from "../domain/member-errors.js";
import type { Announcements, DocumentSink } from "./catalog-ports.js";
import type { MemberStorage, Now, Work } from "./ports.js";
import type { Publisher } from "./publish.service.js";

/** What a cluster says about itself when it connects. */
export interface AnnounceInput {
  /** Its signed descriptor. */
  readonly descriptor: string;
  /** Highest number it had given out when the list was made. */
  readonly asOf: number;
  /** Everything that it offers. */
  readonly offers: readonly AnnouncedOffer[];
}

/** Bounds of an announcement. */
export interface AnnounceLimits {
  readonly offers: number;
  /** How far a number may be ahead of the clock, in ms. */
  readonly aheadMs: number;
}

/** Where a descriptor stands to the one that is known. */
interface Standing {
  readonly clusterID: string;
  readonly isAccepted: boolean;
  /** Documents that prove a higher number. */
  readonly higher: readonly string[];
}

/** Brings the catalog in line with what a cluster offers, whatever was lost before. */
export class AnnounceService {
  constructor(
    private readonly storage: MemberStorage,
    private readonly announcements: Announcements,
    private readonly documents: DocumentSink,
    private readonly limits: AnnounceLimits,
    private readonly now: Now,
  ) {}

  /**
   * Takes the member's descriptor if it is newer, drops what it offers no longer, and says which documents are missing here. Throws
   * DOCUMENT_INVALID, DOCUMENT_NOT_YOURS, LIMIT_EXCEEDED, BAD_USER_INPUT, NUMBER_AHEAD, CLUSTER_ID_TAKEN or NOT_A_MEMBER.
   */
  async announce({ fingerprint }: Publisher, input: AnnounceInput): Promise<Announcement> {
    this.check(input);
    const descriptor = await verifyDescriptor(input.descriptor);
    if (descriptor.iss !== fingerprint)
      throw new CatalogError("DOCUMENT_NOT_YOURS", "The descriptor was issued by another cluster than the caller.");
    const offerIDs = input.offers.map(({ offerID }) => offerID);
    const known = await this.announcements.known(fingerprint, offerIDs, input.asOf);
    const standing = await this.standing(descriptor, input.descriptor, known);
    const { need, drop, outdated } = compareAnnouncement(known.offers, input.offers, input.asOf, standing.clusterID);
    const dropped = drop.length === 0 ? [] : await this.announcements.drop(fingerprint, drop, input.asOf);
    const newer = outdated.length === 0 ? [] : await this.announcements.documents(fingerprint, outdated);
    const highest = known.highestJws === null ? [] : [known.highestJws];
    return {
      need,
      dropped,
      highestRev: Math.max(known.highestRev, standing.isAccepted ? descriptor.seq : 0),
      higher: [...new Set([...newer, ...standing.higher, ...highest])],
      descriptorAccepted: standing.isAccepted,
    };
  }

  private check({ offers, asOf }: AnnounceInput): void {
    if (offers.length > this.limits.offers) {
      throw new CatalogError(
        "LIMIT_EXCEEDED",
        `${offers.length} offers are announced; a member may list ${this.limits.offers}.`,
      );
    }
    const seen = new Set<string>();
    const repeated = offers.filter(({ offerID }) => seen.size === seen.add(offerID).size);
    requireNoProblems(
      repeated.map(({ offerID }) => ({ path: "offers", message: `names ${offerID.slice(0, 128)} more than once.` })),
    );
    if (asOf > this.now().getTime() + this.limits.aheadMs) {
      throw new CatalogError(
        "NUMBER_AHEAD",
        "asOf is too far ahead of this Broker's clock; check the clocks, then retry.",
      );
    }
  }

  /** Takes the descriptor as the member's if it is the newest. One that is listed already costs nothing. */
  private async standing(descriptor: Descriptor, jws: string, known: KnownCluster): Promise<Standing> {
    if (known.listedDescriptor === jws) return { clusterID: descriptor.clusterID, isAccepted: true, higher: [] };
    const signed = { jws, digest: await digest(jws) };
    const { member, isContradicted } = await this.storage.transact((work) => this.accept(work, descriptor, signed));
    if (isContradicted) await this.documents.put(clusterItem(descriptor, signed)); // keeps both as evidence
    const isOlder = member.seq > descriptor.seq;
    return {
      clusterID: member.clusterID,
      isAccepted: !isOlder && !isContradicted,
      higher: isOlder ? [member.descriptor] : [],
    };
  }

  private async accept(
    work: Work,
    descriptor: Descriptor,
    signed: { readonly jws: string; readonly digest: string },
  ): Promise<{ member: Member; isContradicted: boolean }> {
    const before = await work.members.lock(descriptor.iss);
    if (before?.status !== "ADMITTED") throw new MemberUnknownError(descriptor.iss);
    const isSameNumber = before.seq === descriptor.seq;
    const isContradicted = isSameNumber && (await digest(before.descriptor)) !== signed.digest;
    const after = before.seq < descriptor.seq ? announced(before, descriptor, signed.jws) : before;
    if (after !== before) {
      requireFreeClusterId(after, await work.members.holderOf(after.clusterID));
      await work.members.save(after);
    }
    // Also when nothing is new: the item may have been removed or be stale.
    await work.items.upsertCluster(after);
    return { member: after, isContradicted };
  }
}

function announced(
  before: Member,
  { clusterID, clusterName, clusterPrettyName, seq }: Descriptor,
  descriptor: string,
): Member {
  return { ...before, clusterID, clusterName, clusterPrettyName, seq, descriptor };
}
