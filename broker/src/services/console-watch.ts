import { delay } from "@catalog/server/backoff";
import { streamOf } from "@catalog/server/graphql/stream";
import type { Logger } from "@catalog/server/log";

import type { JoinToken } from "../domain/join-token.js";
import type { ReadToken } from "../domain/read-token.js";
import type { ConsoleService, FeedFigures, MemberView } from "./console.service.js";
import type { TokenService } from "./token.service.js";

/** How often the console looks, in ms. */
export interface WatchPeriods {
  readonly members: number;
  readonly figures: number;
  readonly tokens: number;
}

/** Rows that are read at once. */
const CHUNK = 200;

/**
 * What the console follows live. Each operator's page has its own stream, which looks at the database in periods: what it shows is put
 * together from what all replicas write, and nobody pays for it while no page is open.
 */
export class ConsoleWatch {
  constructor(
    private readonly service: ConsoleService,
    private readonly tokens: Pick<TokenService, "newestJoinStrings" | "newestReadTokens">,
    private readonly periods: WatchPeriods,
    private readonly log: Logger,
  ) {}

  /** Each member whose standing, connection or offers have changed since the stream began. */
  members(): AsyncGenerator<MemberView> {
    return streamOf((signal) => this.changedMembers(signal));
  }

  /** The figures of the feed, now and in each period. */
  figures(): AsyncGenerator<FeedFigures> {
    return streamOf((signal) => this.repeatedFigures(signal));
  }

  /** Each join string that was made, used or revoked since the stream began. */
  joinStrings(): AsyncGenerator<JoinToken> {
    return streamOf((signal) => this.changedTokens(() => this.tokens.newestJoinStrings(), signal));
  }

  /** Each read token that was made or revoked since the stream began. */
  readTokens(): AsyncGenerator<ReadToken> {
    return streamOf((signal) => this.changedTokens(() => this.tokens.newestReadTokens(), signal));
  }

  private async *changedTokens<T extends { readonly tokenID: string }>(
    read: () => Promise<readonly T[]>,
    signal: AbortSignal,
  ): AsyncGenerator<T> {
    let known = statesOf((await this.orNothing(read)) ?? []);
    while (!signal.aborted) {
      await delay(this.periods.tokens, signal);
      const now = signal.aborted ? undefined : await this.orNothing(read);
      if (now === undefined) continue;
      const before = known;
      known = statesOf(now);
      // The oldest first, as they happened.
      yield* now.filter((token) => before.get(token.tokenID) !== known.get(token.tokenID)).toReversed();
    }
  }

  private async *changedMembers(signal: AbortSignal): AsyncGenerator<MemberView> {
    let known = await this.orNothing(() => this.service.states());
    while (!signal.aborted) {
      await delay(this.periods.members, signal);
      const now = signal.aborted ? undefined : await this.orNothing(() => this.service.states());
      if (now === undefined) continue;
      const changed = [...now].flatMap(([fingerprint, state]) =>
        known === undefined || known.get(fingerprint) === state ? [] : [fingerprint],
      );
      known = now;
      for (let from = 0; from < changed.length; from += CHUNK) {
        yield* (await this.orNothing(() => this.service.membersAmong(changed.slice(from, from + CHUNK)))) ?? [];
      }
    }
  }

  private async *repeatedFigures(signal: AbortSignal): AsyncGenerator<FeedFigures> {
    while (!signal.aborted) {
      const figures = await this.orNothing(() => this.service.figures());
      if (figures !== undefined) yield figures;
      await delay(this.periods.figures, signal);
    }
  }

  /** Undefined for what cannot be read now: a stream outlives an outage of the database. */
  private async orNothing<T>(read: () => Promise<T>): Promise<T | undefined> {
    try {
      return await read();
    } catch (error) {
      this.log.debug({ err: error }, "the console could not be told anything new");
      return undefined;
    }
  }
}

/** What identifies the present state of each token: equal text, nothing to tell. */
function statesOf(tokens: readonly { readonly tokenID: string }[]): ReadonlyMap<string, string> {
  return new Map(tokens.map((token) => [token.tokenID, JSON.stringify(token)]));
}
