import type { CatalogCluster, CatalogOffer } from "@catalog/schema/catalog";

/** One item of the merged Catalog as people see it. */
export type CatalogItem =
  | { readonly kind: "CLUSTER"; readonly cluster: CatalogCluster }
  | { readonly kind: "OFFER"; readonly offer: CatalogOffer };

/** What happened to one item; null where it was not, or is no longer, in the Catalog. */
export interface CatalogChange {
  readonly revision: number;
  readonly before: CatalogItem | null;
  readonly after: CatalogItem | null;
}

/** The last changes of the merged Catalog, numbered without gaps from 1. Older ones are dropped: who is that far behind reads everything again. */
export class CatalogLog {
  private changes: CatalogChange[] = [];
  private last = 0;

  constructor(private readonly capacity: number) {}

  get head(): number {
    return this.last;
  }

  append(before: CatalogItem | null, after: CatalogItem | null): void {
    this.last += 1;
    this.changes.push({ revision: this.last, before, after });
    if (this.changes.length > 2 * this.capacity) this.changes = this.changes.slice(-this.capacity);
  }

  /** The changes after `revision`, in order; undefined if some of them are no longer known, or if it lies ahead. */
  since(revision: number): readonly CatalogChange[] | undefined {
    const behind = this.last - revision;
    if (behind < 0 || behind > this.changes.length) return undefined;
    return behind === 0 ? [] : this.changes.slice(-behind);
  }
}
