import { type Offloading, type OffloadingFacts, type OffloadingShape, standingOf } from "../../domain/offloading.js";
import { peeringIDOf } from "../peerings/peering-task.js";
import type { NamespaceTask, OffloadingTarget } from "./offloading-ports.js";
import type { OffloadingUnit } from "./offloading-store.js";

/** What an object is made of for which nothing is wanted: it is only removed. */
const ANY_SHAPE: OffloadingShape = { strategy: "LOCAL_AND_REMOTE", mapping: "DEFAULT_NAME", remoteNamespace: null };

/** What a driver is asked to bring about for a namespace at `now` (Unix seconds). */
export function namespaceTask(namespace: string, facts: readonly OffloadingFacts[], now: number): NamespaceTask {
  const wanted = facts.filter((one) => standingOf(one, now) === "WANTED");
  return { namespace, shape: wanted[0]?.offloading ?? ANY_SHAPE, targets: wanted.map(targetOf) };
}

export function targetOf({ contract }: Pick<OffloadingFacts, "contract">): OffloadingTarget {
  const { contractID, seller, offer } = contract;
  const { clusterID: providerID, prettyName: providerName } = seller;
  return { contractID, providerID, providerName, labels: offer?.labels ?? {} };
}

/** Everything about one namespace, locked until the commit. */
export async function readNamespace(unit: OffloadingUnit, namespace: string): Promise<readonly OffloadingFacts[]> {
  const wanted = new Set((await unit.peerings.list()).filter((one) => one.isWanted).map((one) => one.peeringID));
  const facts: OffloadingFacts[] = [];
  for (const offloading of await unit.offloadings.ofNamespace(namespace)) {
    const contract = await unit.contracts.get(offloading.contractID);
    if (contract === undefined) continue;
    facts.push({ offloading, contract, isPeeringWanted: wanted.has(peeringIDOf(contract)) });
  }
  return facts;
}

/** Names one offloading; no namespace has a slash in its name. */
export function offloadingID({ contractID, namespace }: Pick<Offloading, "contractID" | "namespace">): string {
  return `${namespace}/${contractID}`;
}
