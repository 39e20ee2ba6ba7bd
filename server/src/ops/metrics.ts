import { collectDefaultMetrics, Registry } from "prom-client";

/**
 * A registry for the metrics of one part, with those of the process (CPU, memory, event loop, garbage collection) in it and the
 * label `part` on every sample. Make it once per process.
 */
export function createRegistry(part: string): Registry {
  const registry = new Registry();
  registry.setDefaultLabels({ part });
  collectDefaultMetrics({ register: registry });
  return registry;
}
