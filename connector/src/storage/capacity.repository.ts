import { formatQuantity } from "@catalog/schema/quantity";
import { type Amounts, type ResourceList, toAmounts } from "@catalog/schema/resource-list";
import type { NodePool } from "../domain/node-pools.js";
import type { CapacityRepository, CapacityState, HeldUnits, Measured } from "../services/cluster/capacity-ports.js";
import type { Sql } from "./sql.js";

/** A pool in JSON, which has no big integers: every amount as a quantity. */
type StoredPool = Omit<NodePool, AmountsOfPool | "usedByPeers"> &
  Readonly<Record<AmountsOfPool, ResourceList>> & { readonly usedByPeers: Readonly<Record<string, ResourceList>> };
type AmountsOfPool = "perNode" | "allocatable" | "used";

interface CapacityRow {
  readonly refuse_beyond: boolean;
  readonly measured: (Omit<Measured, "pools"> & { readonly pools: readonly StoredPool[] }) | null;
  readonly measured_at: string | null;
  readonly valid_until: string | null;
  readonly problem: string | null;
}

interface HeldRow {
  readonly cluster_id: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly resources: ResourceList;
  readonly units: string;
}

const SELECT = "SELECT refuse_beyond, measured, measured_at, valid_until, problem FROM capacity";

const HELD = `SELECT buyer_cluster_id AS cluster_id, offer -> 'labels' AS labels, plan -> 'resources' AS resources,
    sum((request ->> 'units')::bigint) AS units
  FROM contracts CROSS JOIN LATERAL jsonb_array_elements(offer -> 'plans') AS plan
  WHERE is_holding AND plan ->> 'planID' = request ->> 'planID' GROUP BY 1, 2, 3`;

/** The single row of what the cluster can give, and what contracts take of it. */
export class SqlCapacityRepository implements CapacityRepository {
  constructor(
    private readonly sql: Sql,
    private readonly now: Date,
  ) {}

  state(): Promise<CapacityState> {
    return this.read(SELECT);
  }

  async isRefusing(): Promise<boolean> {
    const [row] = await this.sql.query<{ refuse_beyond: boolean }>("SELECT refuse_beyond FROM capacity");
    return row?.refuse_beyond ?? false;
  }

  lock(): Promise<CapacityState> {
    return this.read(`${SELECT} FOR UPDATE`);
  }

  async setRefusing(isRefusing: boolean): Promise<void> {
    await this.sql.query("UPDATE capacity SET refuse_beyond = $1", [isRefusing]);
  }

  async saveMeasured({ pools, resourceNames }: Measured, validUntil: number): Promise<void> {
    await this.sql.query(
      "UPDATE capacity SET measured = $1::jsonb, measured_at = $2, valid_until = $3, problem = NULL",
      [
        JSON.stringify({ pools: pools.map(storedPool), resourceNames }),
        Math.floor(this.now.getTime() / 1000),
        validUntil,
      ],
    );
  }

  async saveProblem(problem: string): Promise<void> {
    await this.sql.query("UPDATE capacity SET problem = $1", [problem]);
  }

  async held(): Promise<readonly HeldUnits[]> {
    const rows = await this.sql.query<HeldRow>(HELD);
    return rows.map(({ cluster_id, labels, resources, units }) => ({
      clusterID: cluster_id,
      labels,
      resources,
      units: Number(units),
    }));
  }

  async measuredOffers(): Promise<readonly string[]> {
    const rows = await this.sql.query<{ offer_id: string }>(
      "SELECT offer_id FROM own_offers WHERE offer ->> 'capacity' = 'MEASURED' AND NOT is_withdrawn ORDER BY offer_id",
    );
    return rows.map(({ offer_id }) => offer_id);
  }

  private async read(query: string): Promise<CapacityState> {
    const [row] = await this.sql.query<CapacityRow>(query);
    if (row === undefined) throw new TypeError("the table capacity has lost its row");
    const { measured } = row;
    return {
      isRefusing: row.refuse_beyond,
      measured: measured && { ...measured, pools: measured.pools.map(poolFrom) },
      measuredAt: row.measured_at === null ? null : Number(row.measured_at),
      validUntil: row.valid_until === null ? null : Number(row.valid_until),
      problem: row.problem,
    };
  }
}

function storedPool(pool: NodePool): StoredPool {
  const { perNode, allocatable, used, usedByPeers } = pool;
  return {
    ...pool,
    perNode: written(perNode),
    allocatable: written(allocatable),
    used: written(used),
    usedByPeers: mapped(usedByPeers, written),
  };
}

function poolFrom(pool: StoredPool): NodePool {
  const { perNode, allocatable, used, usedByPeers } = pool;
  return {
    ...pool,
    perNode: toAmounts(perNode),
    allocatable: toAmounts(allocatable),
    used: toAmounts(used),
    usedByPeers: mapped(usedByPeers, toAmounts),
  };
}

function written(amounts: Amounts): ResourceList {
  return mapped(amounts, (amount) => formatQuantity(amount));
}

function mapped<A, B>(record: Readonly<Record<string, A>>, change: (value: A) => B): Record<string, B> {
  return Object.fromEntries(Object.entries(record).map(([key, value]) => [key, change(value)]));
}
