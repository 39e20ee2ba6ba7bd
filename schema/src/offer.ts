import {
  choiceProblems,
  ID_LENGTH,
  idProblems,
  integerProblems,
  isObject,
  LAYOUT,
  nameProblems,
  optional,
  textProblems,
  type Fields,
} from "./field-checks.js";
import { COST_PERIODS, isCurrency, MoneyInvalidError, toMicros, type CostPeriod } from "./money.js";
import type { Problem } from "./problem.js";
import { canonicalName, isQualifiedName, resourceListProblems, type ResourceList } from "./resource-list.js";

/** A price for a bundle of resources, and how many of that bundle exist. */
export interface Plan {
  readonly planID: string;
  readonly planName: string;
  /** Price of one unit for one period, at most 6 decimals. */
  readonly planCost: number;
  /** ISO 4217. */
  readonly planCostCurrency: string;
  readonly planCostPeriod: CostPeriod;
  /** How many units of the plan exist, sold ones included. */
  readonly planQuantity: number;
  /** What one unit gives. */
  readonly resources: ResourceList;
}

/** AUTO: whoever is first gets it. MANUAL: the provider's admin approves each request. */
export const APPROVALS = ["AUTO", "MANUAL"] as const;
export type Approval = (typeof APPROVALS)[number];

/** MEASURED: what nodes show now. DECLARED: what the admin says, for pools that grow on demand. */
export const CAPACITIES = ["DECLARED", "MEASURED"] as const;
export type Capacity = (typeof CAPACITIES)[number];

/** What a provider sells. */
export interface Offer {
  readonly offerID: string;
  readonly offerName: string;
  readonly offerType: string;
  readonly description: string;
  readonly clusterPrettyName: string;
  /** Unix seconds. */
  readonly created: number;
  /** On sale. */
  readonly status: boolean;
  readonly plans: readonly Plan[];
  /** Free key → value: region, zone, GPU model, certifications. */
  readonly labels: Readonly<Record<string, string>>;
  readonly approval: Approval;
  readonly capacity: Capacity;
  /** How long before the end the provider has to say so, seconds. */
  readonly noticePeriod: number | null;
  /** The shortest contract that is sold, seconds. */
  readonly minDuration: number | null;
}

/** A plan as an admin writes it; an absent planID is made from its place in the list. */
export interface PlanInput {
  readonly planID?: string | null;
  readonly planName?: string | null;
  readonly planCost: number;
  readonly planCostCurrency: string;
  readonly planCostPeriod: CostPeriod;
  readonly planQuantity: number;
  readonly resources: ResourceList;
}

/** An offer as an admin writes it; what is absent or null takes the default of `offerFrom`. */
export interface OfferInput {
  readonly offerID?: string | null;
  readonly offerName: string;
  readonly offerType?: string | null;
  readonly description?: string | null;
  readonly status?: boolean | null;
  readonly plans: readonly PlanInput[];
  readonly labels?: Readonly<Record<string, string>> | null;
  readonly approval?: Approval | null;
  readonly capacity?: Capacity | null;
  readonly noticePeriod?: number | null;
  readonly minDuration?: number | null;
}

/** The bounds of an offer. */
export const OFFER_LIMITS = {
  /** Bytes of the signed document. */
  documentBytes: 32_768,
  plans: 50,
  planQuantity: 1_000_000,
  labels: 32,
  labelValueLength: 256,
  idLength: ID_LENGTH,
  nameLength: 128,
  typeLength: 63,
  descriptionLength: 4096,
  /** Ten years, in seconds. */
  durationSeconds: 315_360_000,
} as const;

/**
 * Whether a buyer of `a` would get something else from `b`: decides `termsRev`. Everything is terms but whether it is on
 * sale, how many there are, when it was made and the cluster's pretty name. The order of plans is no term.
 */
export function termsDiffer(a: Offer, b: Offer): boolean {
  return termsText(a) !== termsText(b);
}

function termsText(offer: Offer): string {
  const plans = [...offer.plans].sort((a, b) => compareText(a.planID, b.planID)).map(planTerms);
  const { offerID, offerName, offerType, description, approval, capacity, noticePeriod, minDuration } = offer;
  const head = [offerID, offerName, offerType, description, approval, capacity, noticePeriod, minDuration];
  return JSON.stringify([head, sortedEntries(offer.labels), plans]);
}

function planTerms(plan: Plan): unknown[] {
  const { planID, planName, planCost, planCostCurrency, planCostPeriod, resources } = plan;
  const named = Object.entries(resources).map(([name, quantity]): [string, string] => [canonicalName(name), quantity]);
  return [planID, planName, planCost, planCostCurrency, planCostPeriod, named.sort(([a], [b]) => compareText(a, b))];
}

function sortedEntries(record: Readonly<Record<string, string>>): [string, string][] {
  return Object.entries(record).sort(([a], [b]) => compareText(a, b));
}

function compareText(a: string, b: string): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}

/**
 * Everything that is wrong with an offer as an admin writes it, whatever its runtime type; empty if it can be sold. Members
 * that an offer does not have are ignored, absent and null ones take their default.
 */
export function offerProblems(input: unknown): Problem[] {
  if (!isObject(input)) return [{ path: "", message: "The offer must be an object." }];
  const problems = [...headProblems(input), ...plansProblems(input["plans"]), ...labelProblems(input["labels"])];
  return problems.length > 0 ? problems : sizeProblems(input);
}

/** Everything that is wrong with an offer as a signed document carries it: nothing may be left to a default. */
export function completeOfferProblems(offer: unknown): Problem[] {
  if (!isObject(offer)) return offerProblems(offer);
  const required = ["offerID", "offerType", "description", "status", "labels", "approval", "capacity"];
  const plans = Array.isArray(offer["plans"]) ? offer["plans"].slice(0, OFFER_LIMITS.plans) : [];
  return [
    ...required.flatMap((name) => missing(offer[name], name)),
    ...plans.flatMap((plan: unknown, i) =>
      isObject(plan) ? ["planID", "planName"].flatMap((name) => missing(plan[name], `plans[${i}].${name}`)) : [],
    ),
    ...textProblems(offer["clusterPrettyName"], "clusterPrettyName", OFFER_LIMITS.nameLength),
    ...integerProblems(offer["created"], "created", Number.MAX_SAFE_INTEGER),
    ...offerProblems(offer),
  ];
}

function missing(value: unknown, path: string): Problem[] {
  return value === undefined || value === null ? [{ path, message: "is missing." }] : [];
}

function headProblems(input: Fields): Problem[] {
  return [
    ...optional(input["offerID"], "offerID", idProblems),
    ...nameProblems(input["offerName"], "offerName", OFFER_LIMITS.nameLength),
    ...optional(input["offerType"], "offerType", (value, path) => nameProblems(value, path, OFFER_LIMITS.typeLength)),
    ...optional(input["description"], "description", (value, path) =>
      textProblems(value, path, OFFER_LIMITS.descriptionLength, LAYOUT),
    ),
    ...optional(input["status"], "status", (value, path) =>
      typeof value === "boolean" ? [] : [{ path, message: "must be true (on sale) or false (paused)." }],
    ),
    ...optional(input["approval"], "approval", (value, path) => choiceProblems(value, path, APPROVALS)),
    ...optional(input["capacity"], "capacity", (value, path) => choiceProblems(value, path, CAPACITIES)),
    ...optional(input["noticePeriod"], "noticePeriod", durationProblems),
    ...optional(input["minDuration"], "minDuration", durationProblems),
  ];
}

function plansProblems(plans: unknown): Problem[] {
  const path = "plans";
  if (!Array.isArray(plans)) return [{ path, message: "must be a list of plans." }];
  if (plans.length === 0) return [{ path, message: "must hold at least one plan." }];
  const excess =
    plans.length > OFFER_LIMITS.plans ? [{ path, message: `holds more than ${OFFER_LIMITS.plans} plans.` }] : [];
  const seen = new Set<unknown>();
  return plans.slice(0, OFFER_LIMITS.plans).reduce<Problem[]>((problems, plan: unknown, i) => {
    problems.push(...planProblems(plan, `${path}[${i}]`, seen));
    return problems;
  }, excess);
}

function planProblems(plan: unknown, path: string, seen: Set<unknown>): Problem[] {
  if (!isObject(plan)) return [{ path, message: "must be a plan." }];
  return [
    ...optional(plan["planID"], `${path}.planID`, idProblems),
    ...duplicateProblems(plan["planID"], `${path}.planID`, seen),
    ...optional(plan["planName"], `${path}.planName`, (value, at) => nameProblems(value, at, OFFER_LIMITS.nameLength)),
    ...costProblems(plan["planCost"], `${path}.planCost`),
    ...currencyProblems(plan["planCostCurrency"], `${path}.planCostCurrency`),
    ...choiceProblems(plan["planCostPeriod"], `${path}.planCostPeriod`, COST_PERIODS),
    ...integerProblems(plan["planQuantity"], `${path}.planQuantity`, OFFER_LIMITS.planQuantity),
    ...planResourceProblems(plan["resources"], `${path}.resources`),
  ];
}

function duplicateProblems(planID: unknown, path: string, seen: Set<unknown>): Problem[] {
  if (planID === undefined || planID === null) return [];
  if (seen.has(planID)) return [{ path, message: "is the id of another plan of this offer." }];
  seen.add(planID);
  return [];
}

function planResourceProblems(resources: unknown, path: string): Problem[] {
  const problems = resourceListProblems(resources, path);
  if (problems.length > 0 || !isObject(resources) || Object.keys(resources).length > 0) return problems;
  return [{ path, message: "must name at least one resource." }];
}

function costProblems(cost: unknown, path: string): Problem[] {
  if (typeof cost !== "number") return [{ path, message: "must be a number." }];
  try {
    toMicros(cost);
    return [];
  } catch (error) {
    if (error instanceof MoneyInvalidError) return [{ path, message: error.message }];
    throw error;
  }
}

function currencyProblems(currency: unknown, path: string): Problem[] {
  const known = typeof currency === "string" && isCurrency(currency);
  return known ? [] : [{ path, message: "must be the ISO 4217 code of a currency in use, such as EUR." }];
}

function labelProblems(labels: unknown): Problem[] {
  const path = "labels";
  if (labels === undefined || labels === null) return [];
  if (!isObject(labels)) return [{ path, message: "must be an object from key to text." }];
  const entries = Object.entries(labels);
  if (entries.length > OFFER_LIMITS.labels)
    return [{ path, message: `holds more than ${OFFER_LIMITS.labels} labels.` }];
  return entries.flatMap(([key, value]) => {
    const at = `${path}.${key.slice(0, 80)}`;
    const keyProblems = isQualifiedName(key)
      ? []
      : [{ path: at, message: "is not a label key, such as region or example.com/zone." }];
    return [...keyProblems, ...textProblems(value, at, OFFER_LIMITS.labelValueLength)];
  });
}

function durationProblems(value: unknown, path: string): Problem[] {
  return integerProblems(value, path, OFFER_LIMITS.durationSeconds, " seconds");
}

/** What a signed document holds beside the offer: header, issuer, numbers, pretty name, creation time, signature. */
const ENVELOPE_BYTES = 1536;

function sizeProblems(input: Fields): Problem[] {
  const plans = Array.isArray(input["plans"]) ? input["plans"].length : 0;
  const stockBytes = plans * (OFFER_LIMITS.idLength + 12);
  const bytes = new TextEncoder().encode(JSON.stringify(knownMembers(input))).length;
  const estimate = Math.ceil(((bytes + stockBytes) * 4) / 3) + ENVELOPE_BYTES;
  if (estimate <= OFFER_LIMITS.documentBytes) return [];
  const message = `The offer is too large: signed it may have ${OFFER_LIMITS.documentBytes} bytes, this has about ${estimate}.`;
  return [{ path: "", message }];
}

/** The members that end up in the document; what else an input carries may be of any size and shape. */
function knownMembers(input: Fields): unknown {
  const { offerID, offerName, offerType, description, labels, plans } = input;
  const known = (Array.isArray(plans) ? plans : []).filter(isObject).map((plan) => {
    const { planID, planName, planCost, planCostCurrency, planCostPeriod, planQuantity, resources } = plan;
    return { planID, planName, planCost, planCostCurrency, planCostPeriod, planQuantity, resources };
  });
  return { offerID, offerName, offerType, description, labels, plans: known };
}
