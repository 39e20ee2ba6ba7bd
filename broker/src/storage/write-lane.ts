import { CatalogError } from "@catalog/schema/errors";
import type { Logger } from "@catalog/server/log";
import pg from "pg";

import type { ItemDocument } from "../domain/item-document.js";
import type { Judgement } from "../domain/publication.js";
import type { DocumentSink } from "../services/catalog-ports.js";
import { FEED_CHANNEL, LOCK_HEAD } from "./feed-sql.js";
import { putDocuments, type PutLimits } from "./put-documents.js";

const { DatabaseError } = pg;

/** Lends connections; throws UNAVAILABLE while there are none. */
export interface Connections {
  withConnection<T>(work: (client: pg.PoolClient) => Promise<T>): Promise<T>;
}

/** Bounds of the lane. */
export interface LaneLimits extends PutLimits {
  /** Documents that share one commit. */
  readonly batchSize: number;
  /** Documents that may wait before OVERLOADED. */
  readonly queueLength: number;
}

interface Waiting {
  readonly key: string;
  readonly document: ItemDocument;
  resolve(judgement: Judgement): void;
  reject(error: unknown): void;
}

/** What the data itself causes: a value out of range, a broken constraint. */
const DATA_ERROR = /^(22|23)/;
const ATTEMPTS = 3;

/**
 * The one way by which offers enter the catalog. Documents wait in this process and are committed together, many per
 * transaction, in one statement; each has its own outcome. An outcome that was told is durable. Several processes may
 * write: the lock of the head row puts their batches in one order.
 */
export class WriteLane implements DocumentSink {
  private queue: Waiting[] = [];
  private isRunning = false;

  /** @param onCommitted told the head revision after every commit that moved it, and how many documents shared it, before the outcomes are. */
  constructor(
    private readonly connections: Connections,
    private readonly limits: LaneLimits,
    private readonly log: Logger,
    private readonly onCommitted: (revision: number, documents: number) => void,
  ) {}

  /** Puts one verified document; resolves once its outcome is committed. Rejects with OVERLOADED, UNAVAILABLE or DOCUMENT_INVALID. */
  put(document: ItemDocument): Promise<Judgement> {
    if (this.queue.length >= this.limits.queueLength) {
      return Promise.reject(
        new CatalogError("OVERLOADED", "Too many documents are waiting to be written; retry in a moment."),
      );
    }
    return new Promise((resolve, reject) => {
      const key = `${document.kind} ${document.fingerprint} ${document.offer_id}`;
      this.queue.push({ key, document, resolve, reject });
      this.wake();
    });
  }

  /** Documents that wait now. */
  get length(): number {
    return this.queue.length;
  }

  private wake(): void {
    if (this.isRunning) return;
    this.isRunning = true;
    // One turn of the event loop, so that everything of the present one shares the first commit.
    setImmediate(() => void this.drain());
  }

  private async drain(): Promise<void> {
    while (this.queue.length > 0) await this.settle(this.nextBatch());
    this.isRunning = false;
  }

  /** The longest waiting documents, sorted, no two of one item: the later of two waits for the next batch. */
  private nextBatch(): readonly Waiting[] {
    const batch = new Map<string, Waiting>();
    const rest: Waiting[] = [];
    for (const waiting of this.queue) {
      if (batch.size < this.limits.batchSize && !batch.has(waiting.key)) batch.set(waiting.key, waiting);
      else rest.push(waiting);
    }
    this.queue = rest;
    return [...batch.values()].sort((a, b) => (a.key < b.key ? -1 : 1));
  }

  /** Commits a batch and tells every outcome; never rejects. If the batch as a whole is refused, each document is tried alone. */
  private async settle(batch: readonly Waiting[]): Promise<void> {
    try {
      const judgements = await this.commitWithRetry(batch);
      batch.forEach((waiting, n) => {
        const judgement = judgements[n];
        if (judgement === undefined) waiting.reject(new Error("The statement told no outcome for a document."));
        else waiting.resolve(judgement);
      });
    } catch (error) {
      if (batch.length > 1 && !isRetriable(error)) for (const waiting of batch) await this.settle([waiting]);
      else for (const waiting of batch) waiting.reject(publicError(error));
    }
  }

  private async commitWithRetry(batch: readonly Waiting[]): Promise<readonly Judgement[]> {
    for (let attempt = 1; ; attempt += 1) {
      try {
        return await this.commit(batch);
      } catch (error) {
        if (!isRetriable(error) || attempt === ATTEMPTS) throw error;
        // Writing again what was committed after all is harmless: the same number with the same bytes is "same".
        this.log.warn({ err: error, documents: batch.length, attempt }, "a batch of documents is written again");
      }
    }
  }

  private commit(batch: readonly Waiting[]): Promise<readonly Judgement[]> {
    return this.connections.withConnection(async (client) => {
      try {
        return await this.transact(client, batch);
      } catch (error) {
        // If the rollback fails too, the connection is broken, and its owner learns that from the first error.
        await client.query("ROLLBACK").catch(() => undefined);
        throw error;
      }
    });
  }

  private async transact(client: pg.PoolClient, batch: readonly Waiting[]): Promise<readonly Judgement[]> {
    await client.query(`BEGIN ISOLATION LEVEL READ COMMITTED; ${LOCK_HEAD}`);
    const { judgements, head } = await putDocuments(
      async <Row>(sql: string, parameters: readonly unknown[]) =>
        (await client.query({ name: "catalog-put-documents", text: sql, values: [...parameters] })).rows as Row[],
      batch.map(({ document }) => document),
      this.limits,
    );
    await client.query(head === null ? "COMMIT" : `NOTIFY ${FEED_CHANNEL}, '${BigInt(head)}'; COMMIT`);
    if (head !== null) this.onCommitted(Number(head), batch.length);
    return judgements;
  }
}

/** UNAVAILABLE stands for a connection that broke and for a lost race against another transaction. */
function isRetriable(error: unknown): boolean {
  return error instanceof CatalogError && error.code === "UNAVAILABLE";
}

function publicError(error: unknown): unknown {
  const isOfData = error instanceof DatabaseError && DATA_ERROR.test(error.code ?? "");
  return isOfData ? new CatalogError("DOCUMENT_INVALID", "The document holds a value that cannot be stored.") : error;
}
