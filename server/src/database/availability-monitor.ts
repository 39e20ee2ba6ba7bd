import { Client } from "pg";
import { delay } from "../backoff.js";
import { isDatabaseAway } from "./database-errors.js";

const PROBE_TIMEOUT_MS = 1_000;
const PERIOD_MS = 500;

/** What the monitor found out, told once for every change. */
export interface AvailabilityListener {
  onAway(cause: unknown): void;
  onBack(): void;
}

/**
 * Asks the database twice a second, on a connection of its own, whether it answers, so that requests need not find out one by one.
 * One refusal means away; a silent server is away after two probes in vain (about 2.5 s), because a probe
 * also fails when this process itself was too busy to read the answer.
 */
export class AvailabilityMonitor {
  private client: Client | undefined;
  private isAway = false;
  private misses = 0;
  private readonly stopped = new AbortController();
  private hurry = new AbortController();
  private running: Promise<void> = Promise.resolve();

  constructor(
    private readonly url: string,
    private readonly listener: AvailabilityListener,
  ) {}

  /** False from the moment the database was found away until a probe succeeds. */
  isAvailable(): boolean {
    return !this.isAway;
  }

  start(): void {
    this.running = this.run();
  }

  /** Probes now instead of at the next period; to be called when a query failed. */
  check(): void {
    this.hurry.abort();
  }

  async stop(): Promise<void> {
    this.stopped.abort();
    this.hurry.abort();
    await this.running;
    await this.disconnect();
  }

  private async run(): Promise<void> {
    while (!this.stopped.signal.aborted) {
      await this.probe().then(
        () => this.succeeded(),
        (error: unknown) => this.failed(error),
      );
      await delay(PERIOD_MS, this.hurry.signal);
      this.hurry = new AbortController();
    }
  }

  private async probe(): Promise<void> {
    this.client ??= await this.connect();
    await this.client.query("SELECT 1");
  }

  private async connect(): Promise<Client> {
    const client = new Client({
      connectionString: this.url,
      connectionTimeoutMillis: PROBE_TIMEOUT_MS,
      query_timeout: PROBE_TIMEOUT_MS,
      application_name: "catalog-monitor",
    });
    client.on("error", () => {
      if (this.client === client) this.check(); // an established connection broke; one that never was is reported below
    });
    try {
      await client.connect();
    } catch (error) {
      void client.end().catch(() => undefined); // never connected: there is nothing to close in order
      throw error;
    }
    return client;
  }

  private succeeded(): void {
    this.misses = 0;
    if (!this.isAway || this.stopped.signal.aborted) return;
    this.isAway = false;
    this.listener.onBack();
  }

  private async failed(error: unknown): Promise<void> {
    await this.disconnect();
    this.misses += 1;
    const isSilent = /timeout/i.test(error instanceof Error ? error.message : "");
    if (this.stopped.signal.aborted || this.isAway) return;
    // A connection that ended says nothing yet about the server: the next probe connects anew.
    if (this.misses < 2 && (isSilent || !isRefusal(error))) return this.check();
    this.isAway = true;
    this.listener.onAway(error);
  }

  private async disconnect(): Promise<void> {
    const client = this.client;
    this.client = undefined;
    await Promise.race([client?.end().catch(() => undefined), delay(PROBE_TIMEOUT_MS)]);
  }
}

function isRefusal(error: unknown): boolean {
  const code = error instanceof Error && "code" in error ? error.code : undefined;
  return isDatabaseAway(error) && typeof code === "string" && code !== "57P01" && code !== "ECONNRESET";
}
