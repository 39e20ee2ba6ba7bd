import type { ObservedAnswer } from "@catalog/server/graphql/listener-options";
import { Counter, Gauge, Histogram, type Registry } from "prom-client";

/** What the metrics are read from, at the moment of asking. */
export interface MetricSources {
  /** Clusters by standing; undefined while the database is away. */
  countMembers(): Promise<Readonly<Record<string, number>> | undefined>;
  subscribers(): number;
  groups(): number;
  /** Newest revision that this process knows. */
  revision(): number;
  /** Documents that wait to be written. */
  waitingDocuments(): number;
  memberSockets(): number;
}

/** What the Broker counts, beside what every process counts. */
export class BrokerMetrics {
  private readonly requests: Counter<"method" | "status">;
  private readonly latency: Histogram<"method">;
  private readonly batches: Histogram;

  constructor(registry: Registry, sources: MetricSources) {
    const registers = [registry];
    this.requests = new Counter({
      name: "catalog_http_requests_total",
      help: "HTTP requests answered.",
      labelNames: ["method", "status"],
      registers,
    });
    this.latency = new Histogram({
      name: "catalog_http_request_seconds",
      help: "Time to answer an HTTP request.",
      labelNames: ["method"],
      buckets: [0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1, 3, 10],
      registers,
    });
    this.batches = new Histogram({
      name: "catalog_lane_batch_documents",
      help: "Documents that shared one commit.",
      buckets: [1, 2, 4, 8, 16, 32, 64, 128, 256, 512],
      registers,
    });
    gauge(registry, "catalog_feed_subscribers", "Subscriptions of the feed on this process.", () =>
      sources.subscribers(),
    );
    gauge(registry, "catalog_feed_groups", "Different documents that they subscribed with.", () => sources.groups());
    gauge(registry, "catalog_feed_revision", "Newest revision of the catalog that this process knows.", () =>
      sources.revision(),
    );
    gauge(registry, "catalog_lane_waiting_documents", "Documents that wait to be written.", () =>
      sources.waitingDocuments(),
    );
    gauge(registry, "catalog_member_sockets", "WebSockets of members on this process.", () => sources.memberSockets());
    memberGauge(registry, sources);
  }

  /** Counts one HTTP answer. */
  observe({ method, status, seconds }: ObservedAnswer): void {
    this.requests.inc({ method, status: String(status) });
    this.latency.observe({ method }, seconds);
  }

  /** Counts one commit of the write lane. */
  observeBatch(documents: number): void {
    this.batches.observe(documents);
  }
}

function gauge(registry: Registry, name: string, help: string, read: () => number): void {
  const metric: Gauge = new Gauge({ name, help, registers: [registry], collect: (): void => metric.set(read()) });
}

function memberGauge(registry: Registry, sources: MetricSources): void {
  const metric: Gauge<"status"> = new Gauge({
    name: "catalog_members",
    help: "Clusters by their standing; absent while the database is away.",
    labelNames: ["status"],
    registers: [registry],
    collect: async (): Promise<void> => {
      const counts = await sources.countMembers();
      metric.reset();
      for (const [status, count] of Object.entries(counts ?? {})) metric.set({ status }, count);
    },
  });
}
