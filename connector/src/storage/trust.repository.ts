import type { TrustedCluster, TrustStore } from "../services/brokers/broker-ports.js";
import type { Sql } from "./sql.js";

interface TrustRow {
  fingerprint: string;
  note: string | null;
  trusted_at: string;
}

/** The table `trusted_clusters`: whom the admin trusts by hand. */
export class TrustRepository implements TrustStore {
  constructor(private readonly tx: Sql) {}

  async all(): Promise<readonly TrustedCluster[]> {
    const rows = await this.tx.query<TrustRow>("SELECT * FROM trusted_clusters ORDER BY trusted_at, fingerprint");
    return rows.map((row) => ({ fingerprint: row.fingerprint, note: row.note, trustedAt: Number(row.trusted_at) }));
  }

  async save(trusted: TrustedCluster): Promise<void> {
    await this.tx.query(
      `INSERT INTO trusted_clusters (fingerprint, note, trusted_at) VALUES ($1, $2, $3)
       ON CONFLICT (fingerprint) DO UPDATE SET note = EXCLUDED.note`,
      [trusted.fingerprint, trusted.note, trusted.trustedAt],
    );
  }

  async remove(fingerprint: string): Promise<boolean> {
    const rows = await this.tx.query(
      "WITH gone AS (DELETE FROM trusted_clusters WHERE fingerprint = $1 RETURNING 1) SELECT * FROM gone",
      [fingerprint],
    );
    return rows.length > 0;
  }
}
