import type { CatalogCluster, CatalogOffer } from "@catalog/schema/catalog";
import type { FeedChange, FeedKind, FeedOp } from "@catalog/schema/feed";

import { readCluster, readOffer, type OfferIssuer } from "./read-document.js";

/** One line of the change log, or the present state of one item. */
export interface CatalogChange {
  readonly revision: number;
  readonly op: FeedOp;
  readonly kind: FeedKind;
  readonly fingerprint: string;
  readonly clusterID: string;
  /** Name of the issuing cluster as its descriptor says now; null if that is forgotten. */
  readonly clusterName: string | null;
  /** Null for a CLUSTER. */
  readonly offerID: string | null;
  readonly staleSince: number | null;
  /** Null on a REMOVE that the issuer did not ask for. */
  readonly jws: string | null;
  /** Revision of the item's state before this one; null where there was none. */
  readonly previous: number | null;
}

/** A change as subscribers read it: the signed document, and its contents for clients that do not verify. */
export class CatalogChangeView implements FeedChange {
  private parsedCluster: CatalogCluster | null | undefined;
  private parsedOffer: CatalogOffer | null | undefined;

  constructor(
    private readonly change: CatalogChange,
    readonly op: FeedOp = change.op,
  ) {}

  get revision(): number {
    return this.change.revision;
  }

  get kind(): FeedKind {
    return this.change.kind;
  }

  get fingerprint(): string {
    return this.change.fingerprint;
  }

  get clusterID(): string {
    return this.change.clusterID;
  }

  get offerID(): string | null {
    return this.change.offerID;
  }

  get staleSince(): number | null {
    return this.change.staleSince;
  }

  /** A REMOVE that only says "no longer matches your filter" carries no document. */
  get jws(): string | null {
    return this.op === this.change.op ? this.change.jws : null;
  }

  /** The descriptor's contents; parsed at first use, null unless a cluster is told. */
  get cluster(): CatalogCluster | null {
    this.parsedCluster ??= this.tells("CLUSTER") ? readCluster(this.jws ?? "", this.staleSince) : null;
    return this.parsedCluster;
  }

  /** The offer document's contents; parsed at first use, null unless an offer is told. */
  get offer(): CatalogOffer | null {
    this.parsedOffer ??= this.tells("OFFER") ? readOffer(this.jws ?? "", this.issuer()) : null;
    return this.parsedOffer;
  }

  /** The same change told as a removal. */
  asRemoval(): CatalogChangeView {
    return new CatalogChangeView(this.change, "REMOVE");
  }

  /** Rough size on the wire in bytes, for bounding messages and memory. */
  get bytes(): number {
    return OVERHEAD + (this.change.jws?.length ?? 0);
  }

  /** Revision of the item's state before this one; null where there was none. */
  get previous(): number | null {
    return this.change.previous;
  }

  private tells(kind: FeedKind): boolean {
    return this.op === "UPSERT" && this.kind === kind && this.jws !== null;
  }

  private issuer(): OfferIssuer {
    const { clusterID, clusterName, staleSince } = this.change;
    return { clusterID, clusterName: clusterName ?? clusterID, staleSince };
  }
}

/** Everything of a change but its document: ids, names of fields, a parsed view in memory. */
const OVERHEAD = 300;
