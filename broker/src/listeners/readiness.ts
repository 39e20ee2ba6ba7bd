import { Backoff, delay } from "@catalog/server/backoff";
import { databaseUnavailable, isDatabaseAway } from "@catalog/server/database/database-errors";
import type { ProbeReport } from "@catalog/server/ops/ops-listener";
import { CatalogError } from "@catalog/schema/errors";

/** What the Broker waits for. */
interface AwaitedDatabase {
  available(): boolean;
  /** Rejects if the database never can be used. */
  ready(): Promise<void>;
}

/** Says whether requests can be served: the database is there, and was found to be this Broker's. */
export class Readiness {
  private isEstablished = false;
  private isDraining = false;
  private readonly stopping = new AbortController();

  constructor(private readonly database: AwaitedDatabase) {}

  /** Waits for the database and binds it to this Broker. Rejects with what makes that impossible, such as another identity. */
  async establish(identity: { establish(): Promise<void> }): Promise<void> {
    const backoff = new Backoff(200, 2_000);
    while (!this.isEstablished && !this.stopping.signal.aborted) {
      try {
        await this.database.ready();
        await identity.establish();
        this.isEstablished = true;
      } catch (error) {
        if (!isAway(error)) throw error;
        await delay(backoff.next(), this.stopping.signal);
      }
    }
  }

  isReady(): boolean {
    return this.isEstablished && this.database.available() && !this.stopping.signal.aborted;
  }

  /** Throws UNAVAILABLE unless requests can be served. */
  requireReady(): void {
    if (!this.isReady()) throw databaseUnavailable();
  }

  /** For /readyz. */
  report(): ProbeReport {
    const database = this.database.available() ? "ok" : "away";
    const identity = this.isEstablished ? "ok" : "not checked yet";
    const process = this.stopping.signal.aborted ? "stopping" : this.isDraining ? "draining" : "ok";
    return { ok: this.isReady() && !this.isDraining, checks: { database, identity, process } };
  }

  /** From now on requests are to be sent elsewhere; those that come are still served. */
  drain(): void {
    this.isDraining = true;
  }

  /** From now on nothing is ready. */
  stop(): void {
    this.stopping.abort();
  }
}

function isAway(error: unknown): boolean {
  return isDatabaseAway(error) || (error instanceof CatalogError && error.code === "UNAVAILABLE");
}
