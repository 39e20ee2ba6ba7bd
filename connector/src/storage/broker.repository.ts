import type { FeedPosition } from "@catalog/schema/replica-message";
import type { Broker } from "../domain/broker.js";
import type { BrokerStore } from "../services/brokers/broker-ports.js";
import type { Sql } from "./sql.js";

interface BrokerRow {
  broker_id: string;
  broker_name: string;
  broker_endpoint: string;
  descriptor: string;
  tls_spki: string | null;
  membership: Broker["membership"];
  is_subscribed: boolean;
  is_declared: boolean;
  registered_at: string;
  synced_at: string | null;
}

interface PositionRow {
  cursor: string | null;
  generation: number;
  is_resetting: boolean;
}

const COLUMNS =
  "broker_id, broker_name, broker_endpoint, descriptor, tls_spki, membership, is_subscribed, is_declared, registered_at, synced_at";

/** The table `brokers`: registrations, and the place in each one's feed. */
export class BrokerRepository implements BrokerStore {
  constructor(private readonly tx: Sql) {}

  async all(): Promise<readonly Broker[]> {
    const rows = await this.tx.query<BrokerRow>(`SELECT ${COLUMNS} FROM brokers ORDER BY broker_name, broker_id`);
    return rows.map(toBroker);
  }

  async find(brokerID: string): Promise<Broker | undefined> {
    const rows = await this.tx.query<BrokerRow>(`SELECT ${COLUMNS} FROM brokers WHERE broker_id = $1`, [brokerID]);
    return rows.map(toBroker)[0];
  }

  async save(broker: Broker): Promise<void> {
    await this.tx.query(
      `INSERT INTO brokers (broker_id, broker_name, broker_endpoint, descriptor, tls_spki, membership, is_subscribed, is_declared, registered_at)
       VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
       ON CONFLICT (broker_id) DO UPDATE SET broker_name = EXCLUDED.broker_name, broker_endpoint = EXCLUDED.broker_endpoint,
         descriptor = EXCLUDED.descriptor, tls_spki = EXCLUDED.tls_spki, membership = EXCLUDED.membership, is_subscribed = EXCLUDED.is_subscribed,
         is_declared = EXCLUDED.is_declared`,
      [
        broker.brokerID,
        broker.brokerName,
        broker.brokerEndpoint,
        broker.descriptor,
        broker.tlsSpki,
        broker.membership,
        broker.isSubscribed,
        broker.isDeclared,
        broker.registeredAt,
      ],
    );
  }

  async remove(brokerID: string): Promise<boolean> {
    const rows = await this.tx.query(
      "WITH gone AS (DELETE FROM brokers WHERE broker_id = $1 RETURNING 1) SELECT * FROM gone",
      [brokerID],
    );
    return rows.length > 0;
  }

  async lockPosition(brokerID: string): Promise<FeedPosition | undefined> {
    return this.readPosition(brokerID, "FOR UPDATE");
  }

  async position(brokerID: string): Promise<FeedPosition | undefined> {
    return this.readPosition(brokerID, "");
  }

  async savePosition(brokerID: string, position: FeedPosition, syncedAt: number | null): Promise<void> {
    await this.tx.query(
      "UPDATE brokers SET cursor = $2, generation = $3, is_resetting = $4, synced_at = COALESCE($5, synced_at) WHERE broker_id = $1",
      [brokerID, position.cursor, position.generation, position.isResetting, syncedAt],
    );
  }

  private async readPosition(brokerID: string, lock: "FOR UPDATE" | ""): Promise<FeedPosition | undefined> {
    const rows = await this.tx.query<PositionRow>(
      `SELECT cursor, generation, is_resetting FROM brokers WHERE broker_id = $1 ${lock}`,
      [brokerID],
    );
    return rows.map((row) => ({ cursor: row.cursor, generation: row.generation, isResetting: row.is_resetting }))[0];
  }
}

function toBroker(row: BrokerRow): Broker {
  return {
    brokerID: row.broker_id,
    brokerName: row.broker_name,
    brokerEndpoint: row.broker_endpoint,
    descriptor: row.descriptor,
    tlsSpki: row.tls_spki,
    membership: row.membership,
    isSubscribed: row.is_subscribed,
    isDeclared: row.is_declared,
    registeredAt: Number(row.registered_at),
    syncedAt: row.synced_at === null ? null : Number(row.synced_at),
  };
}
