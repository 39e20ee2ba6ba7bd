import type { Diagnosis, Facts } from "./diagnosis.js";

const CHECK = "capacity";

/** What is sold or offered beyond what the cluster has, and what cannot be sold because nobody knows. */
export function capacityChecks({ capacity }: Facts): readonly Diagnosis[] {
  if (capacity === null) return [];
  const { unknownBecause, overcommitted, overdeclared, refuseBeyondCapacity, hasMeasuredOffers } = capacity;
  if (unknownBecause !== null) return hasMeasuredOffers || refuseBeyondCapacity ? [unknown(unknownBecause)] : [];
  if (overcommitted.length > 0)
    return [
      warning(
        `More is sold than the nodes have beside your own pods: ${overcommitted.join(", ")} too much.`,
        "Add nodes, stop own pods or end contracts. Where nodes are added on demand this can be as it should be.",
      ),
    ];
  if (overdeclared.length > 0)
    return [
      warning(
        `If everything that is on offer were sold, ${overdeclared.join(", ")} would be missing.`,
        "Lower the quantities of DECLARED offers, make them MEASURED, or call setCapacityPolicy(refuseBeyondCapacity: true) to sell no more than there is. Where nodes are added on demand this can be as it should be.",
      ),
    ];
  return [
    { check: CHECK, ok: true, severity: "INFO", message: "The cluster has what is sold and offered.", whatToDo: null },
  ];
}

function unknown(reason: string): Diagnosis {
  return warning(
    `What the cluster has left is not known: ${reason} Nothing is sold on it meanwhile.`,
    "Check that the Connector reaches the API server and may list nodes and pods, or sell DECLARED offers without setCapacityPolicy.",
  );
}

function warning(message: string, whatToDo: string): Diagnosis {
  return { check: CHECK, ok: false, severity: "WARNING", message, whatToDo };
}
