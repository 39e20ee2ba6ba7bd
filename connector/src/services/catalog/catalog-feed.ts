import type { CatalogCluster, CatalogOffer } from "@catalog/schema/catalog";
import { sha256Base64url } from "@catalog/schema/documents/base64url";
import type { FeedEventType, FeedKind, FeedOp } from "@catalog/schema/feed";
import {
  canonicalFilter,
  filterProblems,
  matchesRead,
  readFilter,
  type OfferFilter,
  type ReadFilter,
} from "@catalog/schema/offer-filter";
import { InputInvalidError } from "@catalog/schema/problem";
import type { CatalogChange, CatalogItem } from "./catalog-log.js";
import type { CatalogView } from "./catalog-view.js";
import type { Changes } from "../ports.js";

/** Changes that one message carries at most. */
const CHUNK = 200;

/** One change of the merged Catalog in the shape in which a Broker tells it. */
export interface MergedChange {
  readonly revision: number;
  readonly op: FeedOp;
  readonly kind: FeedKind;
  readonly fingerprint: string;
  readonly clusterID: string;
  readonly offerID: string | null;
  readonly staleSince: number | null;
  readonly jws: string | null;
  readonly cluster: CatalogCluster | null;
  readonly offer: CatalogOffer | null;
}

export interface MergedEvent {
  readonly type: FeedEventType;
  readonly cursor: string;
  readonly changes: readonly MergedChange[];
}

/** How a feed is read. */
export interface FeedRequest {
  readonly since: string | null;
  readonly filter: OfferFilter | null;
}

interface ReadRequest {
  readonly since: string | null;
  readonly filter: ReadFilter | null;
  /** Of the filter: a cursor is good for one filter only. */
  readonly hash: string;
}

/** The merged Catalog as a feed. Its revisions live as long as the process: a cursor of an earlier one is answered with RESET. */
export class CatalogFeed {
  /** @param epoch random, new with every process. @param heartbeatMs silence after which a HEARTBEAT is sent. */
  constructor(
    private readonly view: CatalogView,
    private readonly changes: Changes,
    private readonly epoch: string,
    private readonly heartbeatMs: number,
  ) {}

  /** @throws BAD_USER_INPUT for an invalid filter, before the first message. */
  async open(request: FeedRequest, signal: AbortSignal): Promise<AsyncGenerator<MergedEvent>> {
    this.view.requireLoaded();
    const problems = request.filter === null ? [] : filterProblems(request.filter);
    if (problems.length > 0) throw new InputInvalidError(problems);
    const hash = await hashOf(request.filter);
    const filter = request.filter === null ? null : readFilter(request.filter);
    return this.read({ since: request.since, filter, hash }, signal);
  }

  /** A cursor from which the feed of this filter goes on after `revision` of the view's log. */
  async cursorAt(revision: number, filter: OfferFilter | null): Promise<string> {
    return cursorOf(this.epoch, revision, await hashOf(filter));
  }

  private async *read(request: ReadRequest, signal: AbortSignal): AsyncGenerator<MergedEvent> {
    const cursorAt = (revision: number): string => cursorOf(this.epoch, revision, request.hash);
    let revision = this.resume(request.since, request.hash);
    if (revision === undefined || this.view.log.since(revision) === undefined) {
      yield { type: "RESET", cursor: cursorAt(0), changes: [] };
      revision = this.view.log.head;
      yield* this.snapshot(request.filter, revision, cursorAt(0));
    }
    yield { type: "SYNCED", cursor: cursorAt(revision), changes: [] };
    while (!signal.aborted) {
      const changes = this.view.log.since(revision);
      if (changes === undefined) {
        yield { type: "RESET", cursor: cursorAt(0), changes: [] };
        revision = this.view.log.head;
        yield* this.snapshot(request.filter, revision, cursorAt(0));
        yield { type: "SYNCED", cursor: cursorAt(revision), changes: [] };
        continue;
      }
      for (let at = 0; at < changes.length; at += CHUNK) {
        const chunk = changes.slice(at, at + CHUNK);
        revision = chunk.at(-1)?.revision ?? revision;
        const told = chunk.flatMap((change) => tell(change, request.filter) ?? []);
        if (told.length > 0) yield { type: "ITEMS", cursor: cursorAt(revision), changes: told };
      }
      if (this.view.log.head !== revision) continue;
      if (!(await this.isWoken(signal))) yield { type: "HEARTBEAT", cursor: cursorAt(revision), changes: [] };
    }
  }

  private *snapshot(filter: ReadFilter | null, revision: number, cursor: string): Generator<MergedEvent> {
    const items: CatalogItem[] = [
      ...[...this.view.allClusters()].map((cluster): CatalogItem => ({ kind: "CLUSTER", cluster })),
      ...[...this.view.allOffers()].map((offer): CatalogItem => ({ kind: "OFFER", offer })),
    ].filter((item) => isWanted(item, filter));
    for (let at = 0; at < items.length; at += CHUNK) {
      yield { type: "ITEMS", cursor, changes: items.slice(at, at + CHUNK).map((item) => upsert(revision, item)) };
    }
  }

  private resume(since: string | null, hash: string): number | undefined {
    if (since === null) return undefined;
    const [epoch, revision, filter] = Buffer.from(since, "base64url").toString("utf8").split(" ");
    if (epoch !== this.epoch || filter !== hash || !/^\d{1,15}$/.test(revision ?? "") || revision === "0")
      return undefined;
    return Number(revision);
  }

  /** Waits for a change; false after `heartbeatMs` without one. Aborting counts as one. */
  private isWoken(signal: AbortSignal): Promise<boolean> {
    return new Promise((resolve) => {
      const finish = (isWoken: boolean): void => {
        clearTimeout(timer);
        stop();
        signal.removeEventListener("abort", aborted);
        resolve(isWoken);
      };
      const aborted = (): void => finish(true);
      const timer = setTimeout(() => finish(false), this.heartbeatMs);
      const stop = this.changes.on("catalog", () => finish(true));
      signal.addEventListener("abort", aborted, { once: true });
      if (signal.aborted) finish(true);
    });
  }
}

const EVERYTHING = canonicalFilter({});

/** A filter that asks for nothing is the same as none. */
async function hashOf(filter: OfferFilter | null): Promise<string> {
  const canonical = canonicalFilter(filter ?? {});
  return canonical === EVERYTHING ? "" : (await sha256Base64url(canonical)).slice(0, 16);
}

function cursorOf(epoch: string, revision: number, hash: string): string {
  return Buffer.from(`${epoch} ${revision} ${hash}`).toString("base64url");
}

/** A change as a reader with this filter sees it; undefined if it is nothing to it. */
function tell({ revision, before, after }: CatalogChange, filter: ReadFilter | null): MergedChange | undefined {
  if (after !== null && isWanted(after, filter)) return upsert(revision, after);
  return before !== null && isWanted(before, filter) ? removal(revision, before) : undefined;
}

/** A filter chooses among offers, and among clusters by their cluster id alone. */
function isWanted(item: CatalogItem, filter: ReadFilter | null): boolean {
  if (filter === null) return true;
  if (item.kind === "OFFER") return matchesRead(item.offer, filter);
  return filter.clusterIDs === null || filter.clusterIDs.includes(item.cluster.clusterID);
}

function upsert(revision: number, item: CatalogItem): MergedChange {
  const { kind } = item;
  const subject = kind === "CLUSTER" ? item.cluster : item.offer;
  const { fingerprint, clusterID, staleSince, jws } = subject;
  return {
    revision,
    op: "UPSERT",
    kind,
    fingerprint,
    clusterID,
    offerID: kind === "OFFER" ? item.offer.offerID : null,
    staleSince,
    jws,
    cluster: kind === "CLUSTER" ? item.cluster : null,
    offer: kind === "OFFER" ? item.offer : null,
  };
}

function removal(revision: number, item: CatalogItem): MergedChange {
  return { ...upsert(revision, item), op: "REMOVE", staleSince: null, jws: null, cluster: null, offer: null };
}
