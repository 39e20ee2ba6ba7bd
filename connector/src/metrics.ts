import { parseQuantity, UNIT } from "@catalog/schema/quantity";
import { Gauge, type Registry } from "prom-client";
import type { Database } from "@catalog/server/database/database";
import type { Liqo } from "./compose/compose-liqo.js";
import type { Brokers, Replica } from "./compose/compose-catalog.js";
import type { CapacityService } from "./services/cluster/capacity.service.js";

/** What is measured. */
export interface MeasuredParts {
  readonly database: Pick<Database, "available">;
  readonly replica: Pick<Replica, "view" | "health">;
  readonly brokers: Pick<Brokers, "brokers">;
  readonly liqo: Pick<Liqo, "cluster">;
  readonly ledger: { readonly capacity: Pick<CapacityService, "resources"> };
}

/** Adds the Connector's own metrics; each is read when Prometheus asks. */
export function registerMetrics(
  registry: Registry,
  { database, replica, brokers, liqo, ledger }: MeasuredParts,
  plugin: { readonly subscriberCount: number },
): void {
  const gauge = (name: string, help: string, read: () => number): void => {
    const made: Gauge = new Gauge({ name, help, registers: [registry], collect: () => made.set(read()) });
  };
  gauge("catalog_database_available", "1 while PostgreSQL answers.", () => Number(database.available()));
  gauge("catalog_clusters", "Clusters in the merged Catalog.", () => count(replica.view.allClusters()));
  gauge("catalog_offers", "Offers in the merged Catalog.", () => count(replica.view.allOffers()));
  gauge("catalog_liqo_subscribers", "Liqo controllers that listen to the gRPC plugin.", () => plugin.subscriberCount);
  gauge("catalog_cluster_risks", "Ways in which a peer could take more than it bought.", () => {
    return liqo.cluster.safety().risks.length;
  });
  gauge("catalog_selling_allowed", "0 while no sold contract becomes active because of such risks.", () =>
    Number(liqo.cluster.safety().isSellingAllowed),
  );
  registerBrokerMetrics(registry, replica, brokers);
  registerCapacityMetrics(registry, ledger.capacity);
}

/** From the last measurement: Prometheus does not cause one. */
function registerCapacityMetrics(registry: Registry, capacity: Pick<CapacityService, "resources">): void {
  const gauges = CAPACITY_METRICS.map(([name, help, field]) => ({
    field,
    made: new Gauge({ name, help, labelNames: ["resource"], registers: [registry] }),
  }));
  const known: Gauge = new Gauge({
    name: "catalog_capacity_known",
    help: "1 while it is known what the cluster has; MEASURED offers sell nothing otherwise.",
    registers: [registry],
    collect: async () => {
      const resources = await capacity.resources().catch(() => []);
      known.set(Number(resources.some(({ allocatable }) => allocatable !== null)));
      for (const { made, field } of gauges) {
        made.reset();
        for (const one of resources) {
          const quantity = one[field];
          if (quantity !== null) made.set({ resource: one.resource }, unitsOf(quantity));
        }
      }
    },
  });
}

const CAPACITY_METRICS = [
  ["catalog_capacity_allocatable", "What the nodes that take new pods have.", "allocatable"],
  ["catalog_capacity_used", "What the pods on them ask for.", "used"],
  ["catalog_capacity_sold", "What contracts hold.", "sold"],
  ["catalog_capacity_overcommitted", "What contracts hold beyond what exists.", "overcommitted"],
  ["catalog_capacity_overdeclared", "What would be missing if all that is on offer were sold.", "overdeclared"],
] as const;

/** Cores, bytes, pieces. */
function unitsOf(quantity: string): number {
  return Number(parseQuantity(quantity)) / Number(UNIT);
}

function registerBrokerMetrics(
  registry: Registry,
  { health }: MeasuredParts["replica"],
  { brokers }: MeasuredParts["brokers"],
): void {
  const labelNames = ["broker"] as const;
  const connected = new Gauge({
    name: "catalog_broker_connected",
    help: "1 while the connection to the Broker stands.",
    labelNames,
    registers: [registry],
  });
  const refused = new Gauge({
    name: "catalog_broker_refused_documents",
    help: "Documents from the Broker that were refused since the start.",
    labelNames,
    registers: [registry],
    collect: async () => {
      const all = await brokers.list().catch(() => []);
      connected.reset();
      refused.reset();
      for (const { broker } of all) {
        const state = health.of(broker.brokerID);
        connected.set({ broker: broker.brokerID }, Number(state.isConnected));
        refused.set({ broker: broker.brokerID }, state.refusedDocuments);
      }
    },
  });
}

function count(items: Iterable<unknown>): number {
  let total = 0;
  for (const _ of items) total += 1;
  return total;
}
