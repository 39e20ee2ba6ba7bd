import type { IdentityPin, PinSource } from "@catalog/schema/replica-identity";
import type { FeedKind } from "@catalog/schema/feed";
import type { Equivocation } from "@catalog/schema/replica-message";
import type { IdentityStore } from "../services/brokers/broker-ports.js";
import type { Sql } from "./sql.js";

interface PinRow {
  fingerprint: string;
  cluster_id: string;
  seq: string;
  digest: string;
  jws: string;
  is_holder: boolean;
  source: PinSource;
  pinned_at: string;
}

interface EquivocationRow {
  fingerprint: string;
  kind: FeedKind;
  offer_id: string;
  number: string;
  first_jws: string;
  second_jws: string;
  broker_id: string;
  seen_at: string;
}

/** The tables `identity_pins` and `equivocations`. */
export class IdentityRepository implements IdentityStore {
  constructor(private readonly tx: Sql) {}

  async allPins(): Promise<readonly IdentityPin[]> {
    return (await this.tx.query<PinRow>("SELECT * FROM identity_pins")).map(toPin);
  }

  async pins(fingerprints: readonly string[]): Promise<readonly IdentityPin[]> {
    if (fingerprints.length === 0) return [];
    return (await this.tx.query<PinRow>("SELECT * FROM identity_pins WHERE fingerprint = ANY($1)", [fingerprints])).map(
      toPin,
    );
  }

  async holders(clusterIDs: readonly string[]): Promise<ReadonlyMap<string, string>> {
    if (clusterIDs.length === 0) return new Map();
    const rows = await this.tx.query<{ cluster_id: string; fingerprint: string }>(
      "SELECT cluster_id, fingerprint FROM identity_pins WHERE is_holder AND cluster_id = ANY($1)",
      [clusterIDs],
    );
    return new Map(rows.map((row) => [row.cluster_id, row.fingerprint]));
  }

  async savePins(pins: readonly IdentityPin[]): Promise<void> {
    for (const pin of pins) {
      await this.tx.query(
        `INSERT INTO identity_pins (fingerprint, cluster_id, seq, digest, jws, is_holder, source, pinned_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
         ON CONFLICT (fingerprint) DO UPDATE SET cluster_id = EXCLUDED.cluster_id, seq = EXCLUDED.seq, digest = EXCLUDED.digest,
           jws = EXCLUDED.jws, is_holder = EXCLUDED.is_holder`,
        [pin.fingerprint, pin.clusterID, pin.seq, pin.digest, pin.jws, pin.isHolder, pin.source, pin.pinnedAt],
      );
    }
  }

  async releaseClusterID(clusterID: string): Promise<void> {
    await this.tx.query("UPDATE identity_pins SET is_holder = false WHERE cluster_id = $1 AND is_holder", [clusterID]);
  }

  async saveEquivocations(found: readonly Equivocation[]): Promise<void> {
    for (const one of found) {
      await this.tx.query(
        `INSERT INTO equivocations (fingerprint, kind, offer_id, number, first_jws, second_jws, broker_id, seen_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT DO NOTHING`,
        [one.fingerprint, one.kind, one.offerID, one.number, one.firstJws, one.secondJws, one.brokerID, one.seenAt],
      );
    }
  }

  async equivocations(limit: number): Promise<readonly Equivocation[]> {
    const rows = await this.tx.query<EquivocationRow>(
      "SELECT * FROM equivocations ORDER BY seen_at DESC, fingerprint LIMIT $1",
      [limit],
    );
    return rows.map(toEquivocation);
  }
}

function toPin(row: PinRow): IdentityPin {
  return {
    fingerprint: row.fingerprint,
    clusterID: row.cluster_id,
    seq: Number(row.seq),
    digest: row.digest,
    jws: row.jws,
    isHolder: row.is_holder,
    source: row.source,
    pinnedAt: Number(row.pinned_at),
  };
}

function toEquivocation(row: EquivocationRow): Equivocation {
  return {
    kind: row.kind,
    fingerprint: row.fingerprint,
    offerID: row.offer_id,
    number: Number(row.number),
    firstJws: row.first_jws,
    secondJws: row.second_jws,
    brokerID: row.broker_id,
    seenAt: Number(row.seen_at),
  };
}
