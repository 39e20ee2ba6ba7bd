import type { FeedEvent } from "@catalog/schema/feed";
import type { OfferFilter } from "@catalog/schema/offer-filter";
import { waitFor } from "@catalog/server/testing/wait-for";

import type { FeedFixture } from "./feed-fixture.js";
import { FeedReplica } from "./feed-replica.js";

/** Whose feed is followed, with which filter, into which replica; a new one unless given. */
export interface FollowOptions {
  readonly filter?: OfferFilter | null;
  readonly into?: FeedReplica;
}

/** Follows the feed into a replica until told to stop. */
export class Follower {
  readonly replica: FeedReplica;
  readonly ended: Promise<void>;
  private readonly iterator: AsyncIterator<FeedEvent>;

  constructor(on: FeedFixture, since: string | null, { filter = null, into = new FeedReplica() }: FollowOptions = {}) {
    this.replica = into;
    this.iterator = on.feed.subscribe({ since, filter });
    this.ended = this.follow();
  }

  async until(condition: (replica: FeedReplica) => boolean): Promise<FeedReplica> {
    const met = waitFor(() => condition(this.replica));
    await Promise.race([met, this.ended.then(() => met)]);
    return this.replica;
  }

  async stop(): Promise<FeedReplica> {
    await this.iterator.return?.();
    await this.ended;
    return this.replica;
  }

  private async follow(): Promise<void> {
    for (let step = await this.iterator.next(); step.done !== true; step = await this.iterator.next()) {
      this.replica.apply(step.value);
    }
  }
}

export const countOf = (replica: FeedReplica, type: string): number =>
  replica.types().filter((one) => one === type).length;

export const isSynced = (replica: FeedReplica): boolean => countOf(replica, "SYNCED") > 0;

/** Reads from `since` until SYNCED is told. */
export async function readUntilSynced(
  on: FeedFixture,
  since: string | null,
  options: FollowOptions = {},
): Promise<FeedReplica> {
  const before = options.into === undefined ? 0 : countOf(options.into, "SYNCED");
  const follower = new Follower(on, since, options);
  await follower.until((replica) => countOf(replica, "SYNCED") > before);
  return follower.stop();
}
