import { formatQuantity } from "@catalog/schema/quantity";
import type { Amounts, ResourceList } from "@catalog/schema/resource-list";
import type { EndRehearsal } from "../../domain/end-rehearsal.js";
import type { EndRehearsalType } from "./types/rehearsal.type.js";

/** A rehearsal as the admin API shows it. */
export function rehearsalShape({ isLooked, pods, inUse, remaining, excess, ...rest }: EndRehearsal): EndRehearsalType {
  return {
    ...rest,
    looked: isLooked,
    inUse: listOf(inUse),
    remaining: listOf(remaining),
    excess: listOf(excess),
    pods: { ...pods, items: pods.items.map((pod) => ({ ...pod, requests: listOf(pod.requests) })) },
  };
}

function listOf(amounts: Amounts): ResourceList {
  const isBinary = (name: string): boolean =>
    name === "memory" || name.endsWith("storage") || name.startsWith("hugepages-");
  return Object.fromEntries(
    Object.entries(amounts).map(([name, amount]) => [
      name,
      formatQuantity(amount, isBinary(name) ? "binary" : "decimal"),
    ]),
  );
}
