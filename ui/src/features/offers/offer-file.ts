import { COST_PERIODS } from "@catalog/schema/money";
import { APPROVALS, CAPACITIES, type OfferInput, offerProblems, type PlanInput } from "@catalog/schema/offer";
import type { DraftSource } from "./offer-draft.ts";

/** An offer of a file, or why it has none. */
export type Imported =
  | { readonly kind: "offer"; readonly offer: DraftSource; readonly problems: readonly string[] }
  | { readonly kind: "wrong"; readonly problem: string };

/** More than any offer needs: what is larger is not even read. */
const MOST_CHARACTERS = 200_000;

/** Reads one field; undefined for what cannot stand there. */
type Reader = (value: unknown) => unknown;

const asText: Reader = (value) => (typeof value === "number" || typeof value === "string" ? String(value) : undefined);
const asNumber: Reader = (value) => (typeof value === "number" ? value : undefined);
const asFlag: Reader = (value) => (typeof value === "boolean" ? value : undefined);
const asOneOf =
  (choices: readonly string[]): Reader =>
  (value) =>
    choices.find((choice) => choice === value);
/** YAML reads `cpu: 2` as a number; a quantity is a text. */
const asTexts: Reader = (value) =>
  isRecord(value)
    ? Object.fromEntries(Object.entries(value).map(([name, one]) => [name, asText(one) ?? ""] as const))
    : undefined;

/** The fields that a file may have; whatever else stands there, such as stock, is not an offer's to say. */
const OFFER_FIELDS: Readonly<Record<string, Reader>> = {
  offerID: asText,
  offerName: asText,
  offerType: asText,
  description: asText,
  status: asFlag,
  labels: asTexts,
  approval: asOneOf(APPROVALS),
  capacity: asOneOf(CAPACITIES),
  noticePeriod: asNumber,
  minDuration: asNumber,
};
const PLAN_FIELDS: Readonly<Record<string, Reader>> = {
  planID: asText,
  planName: asText,
  planCost: asNumber,
  planCostCurrency: asText,
  planCostPeriod: asOneOf(COST_PERIODS),
  planQuantity: asNumber,
  resources: asTexts,
};

/** Reads YAML, of which JSON is a part. The parser is loaded when it is needed. */
export async function readOfferFile(text: string): Promise<Imported> {
  if (text.length > MOST_CHARACTERS) return { kind: "wrong", problem: "The file is too large to be one offer." };
  const { parse } = await import("yaml");
  let value: unknown;
  try {
    value = parse(text, { maxAliasCount: 0 });
  } catch (error) {
    return { kind: "wrong", problem: error instanceof Error ? error.message : String(error) };
  }
  if (!isRecord(value))
    return { kind: "wrong", problem: "The file holds no offer: an object with offerName and plans." };
  const plans = Array.isArray(value["plans"]) ? value["plans"] : [];
  const withTexts = plans.map((plan: unknown) =>
    isRecord(plan) && isRecord(plan["resources"]) ? { ...plan, resources: asTexts(plan["resources"]) } : plan,
  );
  const problems = offerProblems({ ...value, plans: Array.isArray(value["plans"]) ? withTexts : value["plans"] });
  // An offer with problems is shown in the editor all the same: there each stands at its field.
  return {
    kind: "offer",
    offer: {
      ...(read(value, OFFER_FIELDS) as DraftSource),
      plans: plans.filter(isRecord).map((plan): Partial<PlanInput> => read(plan, PLAN_FIELDS)),
    },
    problems: problems.map(({ path, message }) => (path === "" ? message : `${path} ${message}`)),
  };
}

/** An offer as a file that can be read back. */
export async function writeOfferFile(offer: OfferInput, form: "yaml" | "json"): Promise<string> {
  const kept = Object.fromEntries(Object.entries(offer).filter(([, value]) => value !== null && value !== undefined));
  if (form === "json") return `${JSON.stringify(kept, undefined, 2)}\n`;
  const { stringify } = await import("yaml");
  return stringify(kept);
}

function read(
  value: Readonly<Record<string, unknown>>,
  fields: Readonly<Record<string, Reader>>,
): Record<string, unknown> {
  const found = Object.entries(fields).map(([name, reader]) => [name, reader(value[name])] as const);
  return Object.fromEntries(found.filter(([, one]) => one !== undefined));
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
