import { amountOf, type Amounts } from "@catalog/schema/resource-list";

/** One slice among those that share a grant. */
export interface SliceClaim {
  /** What it is to have in the end, by name; the shares of all together are never more than the grant. */
  readonly share: Amounts;
  /** What its status says now. */
  readonly granted: Amounts;
  /** What its Quota says now, which is what Kubernetes enforces; empty without one. */
  readonly enforced: Amounts;
}

/**
 * What each slice may have now. One that gets less gets it at once; one that gets more only as far as there is room beside what the others
 * have, are to have and, by their Quotas, may still use: so neither the slices nor the Quotas of a customer ever add up to more than its grant.
 *
 * - nothing is less than the smaller of share and status, nor more than the share;
 * - once no Quota says more than its slice's share, everybody has its share.
 *
 * @param grant what all may have together, without what Quotas hold whose slice is gone.
 */
export function roomNow(grant: Amounts, claims: readonly SliceClaim[]): readonly Amounts[] {
  const taken = claims.map(takenBy);
  const left = new Map(Object.entries(grant));
  for (const one of taken) for (const [name, amount] of one) left.set(name, (left.get(name) ?? 0n) - amount);
  return claims.map((claim, index) =>
    Object.fromEntries(
      Object.entries(claim.share).map(([name, share]) => {
        const before = amountOf(claim.granted, name);
        if (share <= before) return [name, share];
        const room = (left.get(name) ?? 0n) + (taken[index]?.get(name) ?? 0n);
        return [name, larger(before, room < share ? room : share)];
      }),
    ),
  );
}

/** Whether a slice's Quota says more than the slice is to have: Liqo has still to lower it. */
export function lagsBehind({ share, enforced }: SliceClaim): boolean {
  return Object.entries(enforced).some(([name, amount]) => amount > amountOf(share, name));
}

/** Of each resource the most that a slice has, is to have or may still use. */
function takenBy({ share, granted, enforced }: SliceClaim): ReadonlyMap<string, bigint> {
  const most = new Map<string, bigint>();
  for (const amounts of [share, granted, enforced])
    for (const [name, amount] of Object.entries(amounts)) most.set(name, larger(most.get(name) ?? 0n, amount));
  return most;
}

function larger(a: bigint, b: bigint): bigint {
  return a > b ? a : b;
}
