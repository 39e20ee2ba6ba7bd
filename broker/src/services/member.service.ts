import { isFingerprint } from "../domain/identifiers.js";
import { ClusterNotFoundError } from "../domain/member-errors.js";
import { approved, departed, requireFreeClusterId, revoked, type Member } from "../domain/member.js";
import type { MemberStorage, Now, Work } from "./ports.js";

/** Who is a member, and the end of it. */
export class MemberService {
  constructor(
    private readonly storage: MemberStorage,
    private readonly now: Now,
  ) {}

  /** The cluster of this identity, whatever its standing. */
  find(fingerprint: string): Promise<Member | undefined> {
    return this.storage.read.members.find(fingerprint);
  }

  /** Admits a waiting or revoked cluster. Throws CLUSTER_NOT_FOUND or CLUSTER_ID_TAKEN. Twice = once. */
  approve(fingerprint: string): Promise<Member> {
    return this.storage.transact(async (work) => {
      const before = await lockKnown(work, fingerprint);
      const after = approved(before, this.seconds());
      if (after === before) return before;
      requireFreeClusterId(after, await work.members.holderOf(after.clusterID));
      await work.members.save(after);
      await work.items.upsertCluster(after);
      return after;
    });
  }

  /** Shuts a cluster out: its items leave the catalog, its sockets close on every replica, its cluster id is free again. Twice = once. */
  revoke(fingerprint: string): Promise<Member> {
    return this.storage.transact(async (work) => this.end(work, await lockKnown(work, fingerprint), revoked));
  }

  /** Ends the caller's membership; its items leave the catalog, its cluster id stays reserved for it. Twice = once. */
  async leave(fingerprint: string): Promise<boolean> {
    await this.storage.transact(async (work) => this.end(work, await lockKnown(work, fingerprint), departed));
    return true;
  }

  private async end(work: Work, before: Member, decide: typeof revoked): Promise<Member> {
    const after = decide(before, this.seconds());
    if (after === before) return before;
    await work.members.save(after);
    await work.items.removeMember(after.fingerprint);
    await work.announceEnd();
    return after;
  }

  private seconds(): number {
    return Math.floor(this.now().getTime() / 1000);
  }
}

async function lockKnown(work: Work, fingerprint: string): Promise<Member> {
  const member = isFingerprint(fingerprint) ? await work.members.lock(fingerprint) : undefined;
  if (member === undefined) throw new ClusterNotFoundError(fingerprint);
  return member;
}
