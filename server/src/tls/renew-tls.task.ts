import type { Logger } from "pino";
import { delay } from "../backoff.js";
import type { Clock } from "../clock.js";
import { loadTls, type TlsMaterial, type TlsSource } from "./tls-material.js";

/** What a listener's certificate comes from and goes to. */
export interface RenewTlsOptions {
  readonly source: TlsSource;
  /** What is served now. */
  readonly current: TlsMaterial;
  renewed(tls: TlsMaterial): void;
  readonly log: Logger;
  /** Default one hour. */
  readonly periodMs?: number;
}

/** Looks regularly whether the certificate has been replaced, or has to be, and hands over the new one. */
export class RenewTls {
  readonly name = "renew-tls";
  private current: TlsMaterial;

  constructor(
    private readonly options: RenewTlsOptions,
    private readonly clock: Clock,
  ) {
    this.current = options.current;
  }

  async run(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      await delay(this.options.periodMs ?? 3_600_000, signal);
      if (!signal.aborted) await this.look();
    }
  }

  /** A certificate that cannot be read is no reason to stop serving the one that works. */
  private async look(): Promise<void> {
    const { source, log } = this.options;
    try {
      const found = await loadTls(source, this.clock.now());
      if (found === undefined || found.cert === this.current.cert) return;
      this.options.renewed(found);
      this.current = found;
      log.info({ spki: found.spki }, "TLS certificate renewed");
    } catch (error) {
      log.error({ err: error }, "TLS certificate could not be renewed; the old one stays in use");
    }
  }
}
