import type { ClusterProfile, ClusterRepository, LiqoFacts } from "../services/contracts/ledger-ports.js";
import type { Sql } from "./sql.js";

interface ClusterRow {
  readonly pretty_name: string | null;
  readonly contract_endpoint: string | null;
  readonly created: string | null;
  readonly descriptor: string | null;
}

/** What identifies this database: its own mark, the table it is kept in, the database, the server and the timeline of its log. */
const IDENTITY = `SELECT database_identity AS saved,
    concat_ws('/', database_mark, 'cluster'::regclass::oid, (SELECT oid FROM pg_database WHERE datname = current_database()),
      (SELECT system_identifier FROM pg_control_system()), left(pg_walfile_name(pg_current_wal_lsn()), 8)) AS found FROM cluster`;

/** The single row of the own cluster. */
export class SqlClusterRepository implements ClusterRepository {
  constructor(
    private readonly sql: Sql,
    private readonly now: Date,
  ) {}

  async profile(): Promise<ClusterProfile | undefined> {
    const row = await this.row();
    if (row === undefined || row.pretty_name === null || row.contract_endpoint === null || row.created === null) {
      return undefined;
    }
    return {
      clusterPrettyName: row.pretty_name,
      contractEndpoint: row.contract_endpoint,
      created: Number(row.created),
    };
  }

  async saveProfile(profile: ClusterProfile): Promise<void> {
    await this.sql.query("UPDATE cluster SET pretty_name = $1, contract_endpoint = $2, created = $3", [
      profile.clusterPrettyName,
      profile.contractEndpoint,
      profile.created,
    ]);
  }

  async descriptor(): Promise<string | undefined> {
    return (await this.row())?.descriptor ?? undefined;
  }

  async saveDescriptor(jws: string): Promise<void> {
    await this.sql.query("UPDATE cluster SET descriptor = $1", [jws]);
  }

  nextNumber(): Promise<number> {
    return this.counter("UPDATE cluster SET last_number = greatest(last_number + 1, $1) RETURNING last_number", [
      this.now.getTime(),
    ]);
  }

  lastNumber(): Promise<number> {
    return this.counter("SELECT last_number FROM cluster FOR UPDATE", []);
  }

  async raiseNumber(above: number): Promise<void> {
    await this.sql.query("UPDATE cluster SET last_number = greatest(last_number, $1)", [above]);
  }

  async incarnation(): Promise<string> {
    const rows = await this.sql.query<{ incarnation: string }>("SELECT incarnation FROM cluster");
    return rows[0]?.incarnation ?? "";
  }

  async saveIncarnation(incarnation: string, databaseIdentity: string): Promise<void> {
    await this.sql.query("UPDATE cluster SET incarnation = $1, database_identity = $2", [
      incarnation,
      databaseIdentity,
    ]);
  }

  async databaseIdentity(): Promise<{ found: string; saved: string }> {
    const rows = await this.sql.query<{ found: string; saved: string }>(IDENTITY);
    return rows[0] ?? { found: "", saved: "" };
  }

  async peersListedAt(): Promise<number | null> {
    const rows = await this.sql.query<{ at: string | null }>("SELECT peers_listed_at AS at FROM cluster");
    const at = rows[0]?.at ?? null;
    return at === null ? null : Number(at);
  }

  async savePeersListed(at: number): Promise<void> {
    await this.sql.query("UPDATE cluster SET peers_listed_at = $1", [at]);
  }

  async liqoFacts(): Promise<LiqoFacts | undefined> {
    const rows = await this.sql.query<{ facts: LiqoFacts | null }>("SELECT liqo_facts AS facts FROM cluster");
    return rows[0]?.facts ?? undefined;
  }

  async saveLiqoFacts(facts: LiqoFacts): Promise<void> {
    await this.sql.query("UPDATE cluster SET liqo_facts = $1", [JSON.stringify(facts)]);
  }

  private async row(): Promise<ClusterRow | undefined> {
    return (
      await this.sql.query<ClusterRow>("SELECT pretty_name, contract_endpoint, created, descriptor FROM cluster")
    )[0];
  }

  private async counter(text: string, parameters: readonly unknown[]): Promise<number> {
    const rows = await this.sql.query<{ last_number: string }>(text, parameters);
    return Number(rows[0]?.last_number ?? 0);
  }
}
