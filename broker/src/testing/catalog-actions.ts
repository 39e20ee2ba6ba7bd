import { CompactionRepository, type Retention } from "../storage/compaction.repository.js";
import type { TransactionalDatabase } from "../storage/queryable.js";
import { createCluster, type ClusterFixture } from "./cluster-fixture.js";
import { admit, type FeedFixture } from "./feed-fixture.js";
import type { FeedReplica } from "./feed-replica.js";
import { FEED_SETTINGS } from "./feed-settings.js";

/** What members and time do to a catalog. Every document gets a number above all before it. */
export class CatalogActions {
  // Above the numbers of descriptors, which fixtures take from the clock, and within the ten minutes that are allowed.
  private rev = Date.now() + 120_000;

  constructor(
    private readonly sql: TransactionalDatabase,
    private readonly broker: () => FeedFixture,
  ) {}

  async member(): Promise<ClusterFixture> {
    const cluster = await createCluster();
    await admit(this.broker().members, cluster);
    return cluster;
  }

  /** Publishes an offer at a process and returns its document. Throws if it is refused. */
  async publish(
    cluster: ClusterFixture,
    offer: Parameters<ClusterFixture["offer"]>[0],
    on = this.broker(),
  ): Promise<string> {
    const jws = await cluster.offer(offer, { rev: (this.rev += 1) });
    const { results } = await on.publishing.publish(cluster, [jws]);
    if (results[0]?.accepted !== true) throw new Error(`the offer was refused: ${results[0]?.code}`);
    return jws;
  }

  async withdraw(cluster: ClusterFixture, offerID: string): Promise<void> {
    const { results } = await this.broker().publishing.withdraw(cluster, [
      await cluster.withdrawal(offerID, (this.rev += 1)),
    ]);
    if (results[0]?.accepted !== true) throw new Error(`the withdrawal was refused: ${results[0]?.code}`);
  }

  async remove(cluster: ClusterFixture): Promise<void> {
    await this.broker().members.transact((work) => work.items.removeMember(cluster.fingerprint));
  }

  /** Forgets once, with other periods than usual. */
  async compact(changes: Partial<Retention>): Promise<void> {
    await new CompactionRepository(this.sql, { ...FEED_SETTINGS.retention, ...changes }).compact();
  }

  /** What is listed, as {@link FeedReplica.documents} shows it. */
  async table(): Promise<ReturnType<FeedReplica["documents"]>> {
    const rows = await this.sql.query<{ fingerprint: string; offer_id: string; jws: string }>(
      "SELECT fingerprint, offer_id, jws FROM catalog_items WHERE NOT removed",
    );
    return rows
      .map((row) => [`${row.fingerprint} ${row.offer_id}`, row.jws] as const)
      .sort(([a], [b]) => (a < b ? -1 : 1));
  }
}
