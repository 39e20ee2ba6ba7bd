import { type Problem, requireNoProblems } from "@catalog/schema/problem";
import { type ResourceList, resourceListProblems } from "@catalog/schema/resource-list";
import type { Allowance, LedgerUnit, Transact } from "../contracts/ledger-ports.js";

/** What a peer may have without a contract: resources, or everything; neither takes an allowance away. */
export interface AllowanceInput {
  readonly clusterID: string;
  readonly resources?: ResourceList | null;
  readonly isUnlimited?: boolean | null;
}

const CLUSTER_ID = /^[A-Za-z0-9](?:[A-Za-z0-9._-]{0,251}[A-Za-z0-9])?$/;

/** What the admin gives to peers by hand, for peerings that exist without a contract. */
export class AllowanceService {
  constructor(private readonly transact: Transact<LedgerUnit>) {}

  /** Replaces the allowance of a cluster; what was undecided is decided by it. @throws BAD_USER_INPUT. */
  async set(input: AllowanceInput, actor: string): Promise<Allowance> {
    requireNoProblems(allowanceProblems(input));
    const resources = input.resources ?? {};
    const isUnlimited = input.isUnlimited ?? false;
    return this.transact(async (unit) => {
      const before = await unit.allowances.find(input.clusterID);
      const namesEver = [...new Set([...(before?.namesEver ?? []), ...Object.keys(resources)])].sort();
      const after = { clusterID: input.clusterID, isUnlimited, resources, namesEver, isDecided: true };
      await unit.allowances.save(after);
      const message = `Cluster ${input.clusterID} may have ${isUnlimited ? "everything" : JSON.stringify(resources)} beside its contracts`;
      await unit.activity.add({ actor, action: "allowance.set", subject: input.clusterID, message });
      unit.changed("grant", input.clusterID);
      return after;
    });
  }

  /** Every allowance that was ever given, by cluster id. */
  list(): Promise<readonly Allowance[]> {
    return this.transact((unit) => unit.allowances.list());
  }
}

function allowanceProblems(input: AllowanceInput): Problem[] {
  const isNamed = CLUSTER_ID.test(input.clusterID);
  const isBoth = input.isUnlimited === true && Object.keys(input.resources ?? {}).length > 0;
  return [
    ...(isNamed ? [] : [{ path: "clusterID", message: "must be the id that Liqo gave the cluster." }]),
    ...(isBoth ? [{ path: "resources", message: "must be left out when everything is allowed." }] : []),
    ...resourceListProblems(input.resources ?? {}, "resources"),
  ];
}
