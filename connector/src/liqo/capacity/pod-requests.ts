import { type Amounts, addAmounts, toAmounts } from "@catalog/schema/resource-list";
import { largest } from "../../domain/node-pools.js";

interface Container {
  readonly resources?: { readonly requests?: Readonly<Record<string, string>> };
  readonly restartPolicy?: string;
}

/** A pod as far as the scheduler's arithmetic looks at it. */
export interface PodForCapacity {
  readonly metadata?: { readonly labels?: Readonly<Record<string, string>> };
  readonly spec?: {
    readonly nodeName?: string;
    readonly containers?: readonly Container[];
    readonly initContainers?: readonly Container[];
    readonly overhead?: Readonly<Record<string, string>>;
    readonly resources?: { readonly requests?: Readonly<Record<string, string>> };
  };
  readonly status?: { readonly phase?: string };
}

/** Liqo says with these where a pod comes from: 1.x, and before. */
const ORIGIN_LABELS = ["offloading.liqo.io/origin", "virtualkubelet.liqo.io/origin"];

/** Liqo's id of the cluster that has offloaded the pod to here; undefined for an own one. */
export function originOf({ metadata }: PodForCapacity): string | undefined {
  const labels = metadata?.labels ?? {};
  return ORIGIN_LABELS.map((key) => (Object.hasOwn(labels, key) ? labels[key] : undefined)).find(
    (origin) => origin !== undefined && origin !== "",
  );
}

/** Whether the pod still takes its resources: one that has finished does not. */
export function isTaking(pod: PodForCapacity): boolean {
  const phase = pod.status?.phase;
  return phase !== "Succeeded" && phase !== "Failed";
}

/**
 * What the scheduler counts for a pod, as `kubectl describe node` shows it where the pod as a whole asks for nothing: all containers and sidecars together, or the largest moment of
 * initialisation where that is more (an init container beside the sidecars started before it), what the pod as a whole asks for instead where
 * it says so, and its overhead. One pod takes one of `pods`. Source: Kubernetes, "Sidecar Containers" and "Pod Overhead".
 */
export function podRequests(pod: PodForCapacity): Amounts {
  const { containers = [], initContainers = [], overhead = {}, resources } = pod.spec ?? {};
  let sidecars: Amounts = {};
  let initialising: Amounts = {};
  for (const container of initContainers) {
    const requests = requestsOf(container);
    if (container.restartPolicy === "Always") {
      sidecars = addAmounts(sidecars, requests);
      initialising = largest(initialising, sidecars);
    } else {
      initialising = largest(initialising, addAmounts(sidecars, requests));
    }
  }
  const running = containers.map(requestsOf).reduce(addAmounts, sidecars);
  const counted = { ...largest(running, initialising), ...forThePod(resources?.requests ?? {}) };
  return addAmounts(addAmounts(counted, toAmounts(overhead)), toAmounts({ pods: "1" }));
}

/** A pod as a whole can ask for these only; what else stands there the scheduler passes over. */
function forThePod(requests: Readonly<Record<string, string>>): Amounts {
  const counts = (name: string): boolean => name === "cpu" || name === "memory" || name.startsWith("hugepages-");
  return Object.fromEntries(Object.entries(toAmounts(requests)).filter(([name]) => counts(name)));
}

function requestsOf(container: Container): Amounts {
  return toAmounts(container.resources?.requests ?? {});
}
