import { type Amounts, addAmounts, canonicalName, scaleAmounts, toAmounts } from "@catalog/schema/resource-list";
import { type Contract, planOf } from "./contract.js";

/** How sold resources become what Liqo is told. */
export interface GrantSettings {
  /** Our name → the name that Kubernetes uses; a name that is not in it is the same in both. */
  readonly resourceNames: Readonly<Record<string, string>>;
  /** Pods that an active contract allows when its plan names none. */
  readonly podsPerContract: number;
}

export const GRANT_DEFAULTS: GrantSettings = {
  resourceNames: { storage: "ephemeral-storage", gpu: "nvidia.com/gpu" },
  podsPerContract: 110,
};

/** What Liqo is told of even if nothing of it was ever sold. */
const ALWAYS = ["cpu", "memory", "pods"];
const UNIT = 1_000_000_000n;

/** What a peer may have without a contract, as far as the grant is concerned. */
export interface AllowedBeside {
  readonly isUnlimited: boolean;
  readonly resources: Readonly<Record<string, string>>;
  readonly namesEver: readonly string[];
}

/** Everything that decides the grant of one cluster. */
export interface GrantBasis {
  /** Contracts in force that were sold to it. */
  readonly contracts: readonly Contract[];
  readonly allowance: AllowedBeside | undefined;
  /** Names of every resource it was ever sold. */
  readonly namesEverSold: readonly string[];
}

/** Sum of units × resources of the contracts and the allowance, under Kubernetes' names; zero for every name ever granted that is not granted now. Pods are whole. */
export function grantOf(basis: GrantBasis, settings: GrantSettings): Amounts {
  const { allowance } = basis;
  const names = [
    ...ALWAYS,
    ...[...basis.namesEverSold, ...(allowance?.namesEver ?? [])].map((name) => kubernetesName(name, settings)),
  ];
  let sum: Amounts = Object.fromEntries(names.map((name) => [name, 0n]));
  for (const contract of basis.contracts) sum = addAmounts(sum, soldIn(contract, settings));
  if (allowance?.isUnlimited === true)
    return Object.fromEntries(Object.keys(sum).map((name) => [name, unlimited(name)]));
  if (allowance !== undefined) sum = addAmounts(sum, kubernetesAmounts(allowance.resources, settings));
  return { ...sum, pods: ((sum["pods"] ?? 0n) / UNIT) * UNIT };
}

/** What one contract gives to its buyer. */
export function soldIn(contract: Contract, settings: GrantSettings): Amounts {
  const amounts = scaleAmounts(kubernetesAmounts(planOf(contract)?.resources ?? {}, settings), contract.request.units);
  return Object.hasOwn(amounts, "pods") ? amounts : { ...amounts, pods: BigInt(settings.podsPerContract) * UNIT };
}

/** The amounts of a list under the names that Kubernetes uses. Names that become one are added. */
export function kubernetesAmounts(
  resources: Readonly<Record<string, string>>,
  settings: Pick<GrantSettings, "resourceNames">,
): Amounts {
  let sum: Amounts = {};
  for (const [name, amount] of Object.entries(toAmounts(resources)))
    sum = addAmounts(sum, { [kubernetesName(name, settings)]: amount });
  return sum;
}

function kubernetesName(name: string, settings: Pick<GrantSettings, "resourceNames">): string {
  const canonical = canonicalName(name);
  return Object.hasOwn(settings.resourceNames, canonical)
    ? (settings.resourceNames[canonical] ?? canonical)
    : canonical;
}

/** More than any cluster has, and still a quantity: one Pi of bytes, a million of anything else. */
function unlimited(name: string): bigint {
  return name === "memory" || name.endsWith("storage") ? 2n ** 50n * UNIT : 1_000_000n * UNIT;
}
