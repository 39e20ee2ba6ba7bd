import { monthlyCost, toMicros } from "@catalog/schema/money";
import { unixSeconds, type Clock } from "@catalog/server/clock";
import { planOf, type Contract } from "../../domain/contract.js";
import { bucketsOf, figuresOf, type CostedContract, type FigureRange, type Figures } from "../../domain/figures.js";
import type { OverviewReader } from "./overview-ports.js";

const BATCH = 500;

/** What was earned and spent, computed from the contracts. */
export class FiguresService {
  constructor(
    private readonly reader: Pick<OverviewReader, "costing">,
    private readonly clock: Clock,
  ) {}

  /** Up to now where the range reaches into the future. @throws BAD_USER_INPUT */
  async figures(range: FigureRange): Promise<Figures> {
    bucketsOf(range);
    const now = unixSeconds(this.clock.now());
    const costed: CostedContract[] = [];
    for (let after = "", isMore = true; isMore;) {
      const batch = await this.reader.costing(range.from, after, BATCH);
      costed.push(...batch.flatMap((contract) => costOf(contract, now) ?? []));
      after = batch.at(-1)?.contractID ?? after;
      isMore = batch.length === BATCH;
    }
    return figuresOf(costed, range);
  }
}

function costOf(contract: Contract, now: number): CostedContract | undefined {
  const plan = planOf(contract);
  if (plan === undefined || contract.activatedAt === null) return undefined;
  const { fingerprint, prettyName } = contract.role === "SELLER" ? contract.buyer : contract.seller;
  return {
    role: contract.role,
    fingerprint,
    prettyName,
    currency: plan.planCostCurrency,
    monthlyCost: monthlyCost(toMicros(plan.planCost), plan.planCostPeriod) * BigInt(contract.request.units),
    since: contract.activatedAt,
    until: Math.min(now, contract.endedAt ?? now, contract.validUntil ?? now),
  };
}
