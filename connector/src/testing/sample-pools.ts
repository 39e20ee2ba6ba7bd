import { type ResourceList, toAmounts } from "@catalog/schema/resource-list";
import type { NodePool } from "../domain/node-pools.js";

/** What a pool of a test has; one node of it has all unless `perNode` says otherwise. */
export interface PoolFacts {
  readonly name?: string;
  readonly labels?: Readonly<Record<string, string>>;
  readonly nodes?: number;
  readonly perNode?: ResourceList;
  readonly used?: ResourceList;
  readonly usedByPeers?: Readonly<Record<string, ResourceList>>;
}

/** A node pool, for tests. `used` is all there, pods of peers included. */
export function samplePool(allocatable: ResourceList, facts: PoolFacts = {}): NodePool {
  const { name = "nodes", labels = {}, nodes = 1, perNode = allocatable, used = {}, usedByPeers = {} } = facts;
  return {
    name,
    labels,
    nodes,
    perNode: toAmounts(perNode),
    allocatable: toAmounts(allocatable),
    used: toAmounts(used),
    usedByPeers: Object.fromEntries(Object.entries(usedByPeers).map(([id, amounts]) => [id, toAmounts(amounts)])),
  };
}
