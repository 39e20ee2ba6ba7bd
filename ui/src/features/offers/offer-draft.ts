import { type Approval, type Capacity, type OfferInput, offerProblems, type PlanInput } from "@catalog/schema/offer";
import type { CostPeriod } from "@catalog/schema/money";
import { capitalised } from "../../lib/format/words.ts";
import { listOf, type ResourceRow, rowsOf } from "../../lib/parts/resource-rows.ts";
import { readDuration, writeDuration } from "./duration-text.ts";

/** A plan while it is edited. */
export interface PlanDraft {
  /** Stays the same while the plan moves in the list. */
  readonly key: number;
  planID: string;
  planName: string;
  planCost: number | undefined;
  planCostCurrency: string;
  planCostPeriod: CostPeriod;
  planQuantity: number | undefined;
  resources: ResourceRow[];
}

/** An offer while it is edited: everything as it was typed. */
export interface OfferDraft {
  /** Empty for an offer whose id the server chooses. */
  offerID: string;
  offerName: string;
  offerType: string;
  description: string;
  labels: { key: string; value: string }[];
  approval: Approval;
  capacity: Capacity;
  noticePeriod: string;
  minDuration: string;
  plans: PlanDraft[];
}

/** What a draft can be made of: an own offer, a suggestion, an imported one. */
type Writable<T> = { readonly [K in keyof T]?: T[K] | null | undefined };
export type DraftSource = Writable<Omit<OfferInput, "plans">> & {
  readonly plans?: readonly Writable<PlanInput>[] | null | undefined;
};

/** What a new plan has unless another one is copied. */
const USUAL_RESOURCES = ["cpu", "memory"] as const;

let lastKey = 0;

/** A draft of an offer, with empty fields for what it lacks. */
export function draftOf(source: DraftSource): OfferDraft {
  const plans = source.plans ?? [];
  return {
    offerID: source.offerID ?? "",
    offerName: source.offerName ?? "",
    offerType: source.offerType ?? "",
    description: source.description ?? "",
    labels: Object.entries(source.labels ?? {}).map(([key, value]) => ({ key, value })),
    approval: source.approval ?? "AUTO",
    capacity: source.capacity ?? "DECLARED",
    noticePeriod: writeDuration(source.noticePeriod),
    minDuration: writeDuration(source.minDuration),
    plans: plans.length > 0 ? plans.map((plan) => planOf(plan)) : [planOf({})],
  };
}

/** A draft of a plan. */
export function planOf(plan: Writable<PlanInput>): PlanDraft {
  lastKey += 1;
  return {
    key: lastKey,
    planID: plan.planID ?? "",
    planName: plan.planName ?? "",
    planCost: plan.planCost ?? undefined,
    planCostCurrency: plan.planCostCurrency ?? "EUR",
    planCostPeriod: plan.planCostPeriod ?? "hour",
    planQuantity: plan.planQuantity ?? undefined,
    resources: rowsOf(plan.resources ?? {}, plan.resources ? [] : USUAL_RESOURCES),
  };
}

/** The same plan as another one: without its id, which names the first. */
export function copyOf(plan: PlanDraft): PlanDraft {
  lastKey += 1;
  const planName = plan.planName === "" ? "" : `${plan.planName} (copy)`;
  return { ...plan, key: lastKey, planID: "", planName, resources: plan.resources.map((row) => ({ ...row })) };
}

/** What the draft says, as `saveOffer` takes it. What is missing or cannot be read is left to {@link problemsOf}. */
export function inputOf(draft: OfferDraft): OfferInput {
  return {
    offerID: orNull(draft.offerID),
    offerName: draft.offerName.trim(),
    offerType: orNull(draft.offerType),
    description: draft.description,
    labels: Object.fromEntries(labelsOf(draft)),
    approval: draft.approval,
    capacity: draft.capacity,
    noticePeriod: readDuration(draft.noticePeriod) ?? null,
    minDuration: readDuration(draft.minDuration) ?? null,
    plans: draft.plans.map(planInput),
  };
}

/** Everything that is wrong: path of the field, such as `plans[0].planCost`, → what. The server's own rules. */
export function problemsOf(draft: OfferDraft): ReadonlyMap<string, string> {
  const problems = new Map<string, string>();
  for (const { path, message } of offerProblems(inputOf(draft))) {
    if (!problems.has(path)) problems.set(path, capitalised(message));
  }
  for (const field of ["noticePeriod", "minDuration"] as const) {
    if (readDuration(draft[field]) === undefined) problems.set(field, "Write a length such as 90m, 12h or 30d.");
  }
  const keys = draft.labels.map(({ key }) => key.trim());
  for (const [n, { key, value }] of draft.labels.entries()) {
    const name = key.trim();
    if (name === "" && value.trim() !== "") problems.set(`labels[${n}]`, "Give it a name.");
    if (name !== "" && keys.indexOf(name) < n) problems.set(`labels[${n}]`, "Stands there already.");
    const known = problems.get(`labels.${name.slice(0, 80)}`);
    if (name !== "" && known !== undefined && !problems.has(`labels[${n}]`)) problems.set(`labels[${n}]`, known);
  }
  return problems;
}

function planInput(plan: PlanDraft): PlanInput {
  return {
    planID: orNull(plan.planID),
    planName: orNull(plan.planName),
    // The rules say what is wrong with a number that is not there.
    planCost: plan.planCost as number,
    planCostCurrency: plan.planCostCurrency.trim().toUpperCase(),
    planCostPeriod: plan.planCostPeriod,
    planQuantity: plan.planQuantity as number,
    resources: listOf(plan.resources),
  };
}

function labelsOf({ labels }: OfferDraft): [string, string][] {
  return labels.map(({ key, value }): [string, string] => [key.trim(), value.trim()]).filter(([key]) => key !== "");
}

function orNull(text: string): string | null {
  return text.trim() === "" ? null : text.trim();
}
