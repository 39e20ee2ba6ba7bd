import { ClusterIdTakenError } from "../domain/member-errors.js";
import { MEMBER_STATUSES, type Member, type MemberStatus } from "../domain/member.js";
import type { Members } from "../services/ports.js";
import { toNumber, toNumberOrNull, type Queryable } from "./queryable.js";

interface MemberRow {
  readonly fingerprint: string;
  readonly cluster_id: string;
  readonly cluster_name: string;
  readonly cluster_pretty_name: string;
  readonly status: MemberStatus;
  readonly descriptor: string;
  readonly seq: string;
  readonly requested_at: string;
  readonly admitted_at: string | null;
  readonly ended_at: string | null;
}

const COLUMNS =
  "fingerprint, cluster_id, cluster_name, cluster_pretty_name, status, descriptor, seq, requested_at, admitted_at, ended_at";
const UNIQUE_VIOLATION = "23505";

/** Members in PostgreSQL. */
export class MemberRepository implements Members {
  constructor(private readonly db: Queryable) {}

  async find(fingerprint: string): Promise<Member | undefined> {
    const rows = await this.db.query<MemberRow>(`SELECT ${COLUMNS} FROM members WHERE fingerprint = $1`, [fingerprint]);
    return rows.map(toMember)[0];
  }

  async lock(fingerprint: string): Promise<Member | undefined> {
    // An advisory lock, because a cluster that enrols for the first time has no row to lock yet.
    await this.db.query("SELECT pg_advisory_xact_lock(hashtextextended('member ' || $1, 0))", [fingerprint]);
    return this.find(fingerprint);
  }

  async holderOf(clusterID: string): Promise<string | undefined> {
    await this.db.query("SELECT pg_advisory_xact_lock(hashtextextended('cluster ' || $1, 0))", [clusterID]);
    const rows = await this.db.query<{ fingerprint: string }>(
      "SELECT fingerprint FROM members WHERE cluster_id = $1 AND status IN ('ADMITTED', 'LEFT')",
      [clusterID],
    );
    return rows[0]?.fingerprint;
  }

  async save(member: Member): Promise<void> {
    try {
      await this.db.query(
        `INSERT INTO members (${COLUMNS}) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
         ON CONFLICT (fingerprint) DO UPDATE SET cluster_id = excluded.cluster_id, cluster_name = excluded.cluster_name,
           cluster_pretty_name = excluded.cluster_pretty_name, status = excluded.status, descriptor = excluded.descriptor,
           seq = excluded.seq, requested_at = excluded.requested_at, admitted_at = excluded.admitted_at, ended_at = excluded.ended_at`,
        toParameters(member),
      );
    } catch (error) {
      throw isTaken(error) ? new ClusterIdTakenError(member.clusterID) : error;
    }
  }

  async countPending(): Promise<number> {
    await this.db.query("SELECT pg_advisory_xact_lock(hashtextextended('pending members', 0))");
    const rows = await this.db.query<{ count: string }>("SELECT count(*) FROM members WHERE status = 'PENDING'");
    return toNumber(rows[0]?.count ?? "0");
  }

  async deletePending(before: number): Promise<void> {
    await this.db.query("DELETE FROM members WHERE status = 'PENDING' AND requested_at < $1", [before]);
  }

  async countByStatus(): Promise<Readonly<Record<MemberStatus, number>>> {
    const rows = await this.db.query<{ status: MemberStatus; count: string }>(
      "SELECT status, count(*) FROM members GROUP BY status",
    );
    const counts: Record<MemberStatus, number> = { PENDING: 0, ADMITTED: 0, LEFT: 0, REVOKED: 0 };
    for (const status of MEMBER_STATUSES)
      counts[status] = toNumber(rows.find((row) => row.status === status)?.count ?? "0");
    return counts;
  }

  async admittedAmong(fingerprints: readonly string[]): Promise<ReadonlySet<string>> {
    const rows = await this.db.query<{ fingerprint: string }>(
      "SELECT fingerprint FROM members WHERE status = 'ADMITTED' AND fingerprint = ANY($1::text[])",
      [fingerprints],
    );
    return new Set(rows.map((row) => row.fingerprint));
  }

  async claimProbe(fingerprint: string, now: number, interval: number): Promise<boolean> {
    const rows = await this.db.query<{ fingerprint: string }>(
      `UPDATE members SET probed_at = $2 WHERE fingerprint = $1 AND (probed_at IS NULL OR probed_at <= $2::bigint - $3::bigint)
       RETURNING fingerprint`,
      [fingerprint, now, interval],
    );
    return rows.length > 0;
  }
}

function toMember(row: MemberRow): Member {
  return {
    fingerprint: row.fingerprint,
    clusterID: row.cluster_id,
    clusterName: row.cluster_name,
    clusterPrettyName: row.cluster_pretty_name,
    status: row.status,
    descriptor: row.descriptor,
    seq: toNumber(row.seq),
    requestedAt: toNumber(row.requested_at),
    admittedAt: toNumberOrNull(row.admitted_at),
    endedAt: toNumberOrNull(row.ended_at),
  };
}

function toParameters(member: Member): readonly unknown[] {
  return [
    member.fingerprint,
    member.clusterID,
    member.clusterName,
    member.clusterPrettyName,
    member.status,
    member.descriptor,
    member.seq,
    member.requestedAt,
    member.admittedAt,
    member.endedAt,
  ];
}

function isTaken(error: unknown): boolean {
  return (
    error instanceof Error &&
    "code" in error &&
    error.code === UNIQUE_VIOLATION &&
    "constraint" in error &&
    error.constraint === "members_cluster_id"
  );
}
