import { delay } from "@catalog/server/backoff";
import { streamOf } from "@catalog/server/graphql/stream";
import type { Logger } from "@catalog/server/log";

import type { ConsoleService, FeedFigures, MemberView } from "./console.service.js";

/** How often the console looks, in ms. */
export interface WatchPeriods {
  readonly members: number;
  readonly figures: number;
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
