import { lagSpread, type LagSpread } from "../domain/lag-spread.js";
import { pageOf } from "../domain/page.js";
import type {
  ConsoleReader,
  FollowerFigures,
  LogFigures,
  MemberSelection,
  SeenEquivocation,
  WatchedMember,
} from "./console-ports.js";

/** A member with how far it is behind at this replica. */
export interface MemberView extends WatchedMember {
  /** Changes that it has not been sent yet; null where it does not follow the feed at this replica. */
  readonly lag: number | null;
}

/** Figures of the feed. */
export interface FeedFigures extends LogFigures, Omit<FollowerFigures, "behind"> {
  readonly lag: LagSpread;
}

/** What the operator's console shows. */
export class ConsoleService {
  constructor(
    private readonly reader: ConsoleReader,
    private readonly followers: () => FollowerFigures,
  ) {}

  /** Clusters of any standing. @throws LIMIT_EXCEEDED, BAD_USER_INPUT */
  async members(selection: MemberSelection, first: number, after: string | null): Promise<readonly MemberView[]> {
    return this.withLag(await this.reader.members(selection, pageOf(first, after)));
  }

  /** Those of the given fingerprints. */
  async membersAmong(fingerprints: readonly string[]): Promise<readonly MemberView[]> {
    return this.withLag(await this.reader.membersAmong(fingerprints));
  }

  /** See {@link ConsoleReader.states}. */
  states(): Promise<ReadonlyMap<string, string>> {
    return this.reader.states();
  }

  /** Newest first. @throws LIMIT_EXCEEDED, BAD_USER_INPUT */
  async equivocations(first: number, after: string | null): Promise<readonly SeenEquivocation[]> {
    return this.reader.equivocations(pageOf(first, after));
  }

  async figures(): Promise<FeedFigures> {
    const { behind, ...followers } = this.followers();
    return { ...(await this.reader.figures()), ...followers, lag: lagSpread(behind.map(({ changes }) => changes)) };
  }

  private withLag(members: readonly WatchedMember[]): readonly MemberView[] {
    const behind = new Map<string, number>();
    for (const { fingerprint, changes } of this.followers().behind) {
      if (fingerprint !== null) behind.set(fingerprint, Math.max(changes, behind.get(fingerprint) ?? 0));
    }
    return members.map((member) => ({ ...member, lag: behind.get(member.cluster.fingerprint) ?? null }));
  }
}
