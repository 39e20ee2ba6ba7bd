import type { Amounts } from "@catalog/schema/resource-list";
import { CatalogError } from "@catalog/schema/errors";
import type { Changes, GrantSource } from "../ports.js";

/** Grants for a listener that is up before the ledger: until it is there they answer UNAVAILABLE. */
export class LateGrants implements GrantSource {
  private source: GrantSource | undefined;

  constructor(private readonly changes: Changes) {}

  /** Answers from here on. */
  use(source: GrantSource): void {
    this.source = source;
  }

  async grantOf(clusterID: string): Promise<Amounts> {
    if (this.source === undefined) throw new CatalogError("UNAVAILABLE", "The ledger is not open yet.");
    return this.source.grantOf(clusterID);
  }

  onChange(listener: (clusterID: string) => void): () => void {
    return this.changes.on("grant", listener);
  }
}
