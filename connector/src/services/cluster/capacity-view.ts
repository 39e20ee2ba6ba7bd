import { scaleAmounts } from "@catalog/schema/resource-list";
import type { KnownCapacity } from "../../domain/capacity.js";
import type { CapacityView } from "../../domain/capacity-rules.js";
import { type Contract, planOf } from "../../domain/contract.js";
import { seconds } from "../../domain/contract-change.js";
import { kubernetesAmounts } from "../../domain/grant.js";
import type { Commitment } from "../../domain/node-pools.js";
import { capacityRefusal } from "../../domain/sale-capacity.js";
import type { Refusal } from "../../domain/sale.js";
import type { LedgerUnit } from "../contracts/ledger-ports.js";
import type { CapacityState } from "./capacity-ports.js";

/** What is known of the capacity, with what this transaction sees of contracts and allowances. */
export async function capacityView(unit: LedgerUnit): Promise<CapacityView> {
  return viewOf(unit, await unit.capacity.state());
}

/**
 * Why a request must not be granted although its plan has units left: there would not be enough in the cluster for them, and the offer is
 * MEASURED or the admin wants nothing sold beyond it. Sales to which that applies follow each other until the commit.
 */
export async function requestCapacityRefusal(unit: LedgerUnit, contract: Contract): Promise<Refusal | undefined> {
  const { offer, request } = contract;
  const plan = planOf(contract);
  if (offer === null || plan === undefined) return undefined;
  if (offer.capacity !== "MEASURED" && !(await unit.capacity.isRefusing())) return undefined;
  const { known } = await viewOf(unit, await unit.capacity.lock());
  return capacityRefusal(request, offer, plan, known);
}

async function viewOf(unit: LedgerUnit, state: CapacityState): Promise<CapacityView> {
  const { isRefusing, problem } = state;
  const known = await knownIn(unit, state);
  return { isRefusing, known, problem: problem ?? "it has not been measured yet." };
}

/** Null once the last measurement is too old. */
async function knownIn(unit: LedgerUnit, { measured, validUntil }: CapacityState): Promise<KnownCapacity | null> {
  if (measured === null || validUntil === null || validUntil <= seconds(unit.now)) return null;
  return { ...measured, commitments: await commitmentsOf(unit, measured) };
}

/** What other clusters were sold or are allowed. Who may use everything is counted with what it uses. */
async function commitmentsOf(
  unit: LedgerUnit,
  names: Pick<KnownCapacity, "resourceNames">,
): Promise<readonly Commitment[]> {
  const sold = (await unit.capacity.held()).map(({ clusterID, labels, resources, units }) => ({
    clusterID,
    labels,
    amounts: scaleAmounts(kubernetesAmounts(resources, names), units),
  }));
  const allowed = (await unit.allowances.list())
    .filter(({ isUnlimited }) => !isUnlimited)
    .map(({ clusterID, resources }) => ({
      clusterID,
      labels: {},
      amounts: kubernetesAmounts(resources, names),
    }));
  return [...sold, ...allowed];
}
