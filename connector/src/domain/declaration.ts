import { type OfferInput, offerProblems } from "@catalog/schema/offer";
import type { Problem } from "@catalog/schema/problem";

/** A Broker that a declaration names. */
export interface BrokerEntry {
  /** What to call it here; null as it calls itself. */
  readonly name: string | null;
  /** Its fingerprint, if the declaration says it. */
  readonly brokerID: string | null;
  /** The file that holds the join string, as written; null where `join` says it. */
  readonly joinFile: string | null;
  /** A join string without a secret. */
  readonly join: string | null;
  readonly subscribed: boolean;
  /** Where it is declared, for messages. */
  readonly place: string;
}

/** An offer that a declaration names. */
export interface OfferEntry {
  /** Has an offerID and no `offerProblems`. */
  readonly input: OfferInput & { readonly offerID: string };
  /** Whether an offer of that id which was made by hand is taken over. */
  readonly adopt: boolean;
  readonly place: string;
}

/** What the files say, checked one by one and together. */
export interface DeclarationEntries {
  readonly offers: readonly OfferEntry[];
  readonly brokers: readonly BrokerEntry[];
}

/** One document of a file. */
export interface DeclarationDocument {
  readonly file: string;
  readonly value: unknown;
}

type Entry = Readonly<Record<string, unknown>>;

const PLAN_KEYS = [
  "planID",
  "planName",
  "planCost",
  "planCostCurrency",
  "planCostPeriod",
  "planQuantity",
  "resources",
] as const;
const OFFER_KEYS = [
  "offerID",
  "offerName",
  "offerType",
  "description",
  "status",
  "plans",
  "labels",
  "approval",
  "capacity",
  "noticePeriod",
  "minDuration",
] as const;
const BROKER_KEYS = ["name", "brokerID", "joinFile", "join", "subscribed"];
const FINGERPRINT = /^[\w-]{43}$/;

/**
 * Reads what the documents of declaration files say, each `{ offers: [...], brokers: [...] }`.
 * @returns the entries, and everything that is wrong; where anything is, nothing of it may be applied.
 */
export function readDeclaration(documents: readonly DeclarationDocument[]): {
  readonly entries: DeclarationEntries;
  readonly problems: readonly Problem[];
} {
  const problems: Problem[] = [];
  const offers: OfferEntry[] = [];
  const brokers: BrokerEntry[] = [];
  for (const { file, value } of documents) {
    if (!isEntry(value)) {
      problems.push({ path: file, message: "must be a map with the lists `offers` and `brokers`." });
      continue;
    }
    problems.push(...unknownKeys(value, ["offers", "brokers"], file));
    for (const [place, one] of listOf(value, "offers", file, problems)) offers.push(...readOffer(one, place, problems));
    for (const [place, one] of listOf(value, "brokers", file, problems))
      brokers.push(...readBroker(one, place, problems));
  }
  problems.push(...repeated(offers));
  return { entries: { offers, brokers }, problems };
}

/**
 * An offer as somebody wrote it in a file: numbers among its quantities are read as their texts, and a member that no offer has is a
 * problem, because it would be a mistake that nobody notices.
 */
export function readOfferInput(
  value: unknown,
  path: string,
): { readonly input: OfferInput; readonly problems: Problem[] } {
  if (!isEntry(value))
    return { input: { offerName: "", plans: [] }, problems: [{ path, message: "must be a map, an offer." }] };
  const plans = Array.isArray(value["plans"]) ? value["plans"].map(withTextQuantities) : value["plans"];
  const input = { ...value, plans };
  const inPlans = Array.isArray(plans)
    ? plans.flatMap((plan: unknown, i) => (isEntry(plan) ? unknownKeys(plan, PLAN_KEYS, `${path}.plans[${i}]`) : []))
    : [];
  const problems = [...unknownKeys(value, OFFER_KEYS, path), ...inPlans, ...offerProblems(input).map(below(path))];
  return { input: input as unknown as OfferInput, problems };
}

function readOffer(value: unknown, place: string, problems: Problem[]): OfferEntry[] {
  const { adopt = false, ...rest } = isEntry(value) ? value : {};
  const { input, problems: found } = readOfferInput(isEntry(value) ? rest : value, place);
  const own: Problem[] = [...found];
  if (typeof adopt !== "boolean") own.push({ path: `${place}.adopt`, message: "must be true or false." });
  const { offerID } = input;
  if (isEntry(value) && !offerID)
    own.push({ path: `${place}.offerID`, message: "must be given: it names the offer at the next change too." });
  problems.push(...own);
  return own.length > 0 || !offerID ? [] : [{ input: { ...input, offerID }, adopt: adopt === true, place }];
}

function readBroker(value: unknown, place: string, problems: Problem[]): BrokerEntry[] {
  if (!isEntry(value)) {
    problems.push({ path: place, message: "must be a map with joinFile." });
    return [];
  }
  const own = unknownKeys(value, BROKER_KEYS, place);
  const text = (key: string): string | null => {
    const found = value[key] ?? null;
    if (found === null || (typeof found === "string" && found.trim() !== "")) return found;
    own.push({ path: `${place}.${key}`, message: "must be a text." });
    return null;
  };
  const entry = { name: text("name"), brokerID: text("brokerID"), joinFile: text("joinFile"), join: text("join") };
  const subscribed = value["subscribed"] ?? true;
  if (typeof subscribed !== "boolean") own.push({ path: `${place}.subscribed`, message: "must be true or false." });
  if ((entry.joinFile === null) === (entry.join === null))
    own.push({ path: place, message: "needs either joinFile, or join with a join string that holds no secret." });
  if (entry.brokerID !== null && !FINGERPRINT.test(entry.brokerID))
    own.push({ path: `${place}.brokerID`, message: "must be the Broker's fingerprint of 43 characters." });
  problems.push(...own);
  return own.length > 0 ? [] : [{ ...entry, subscribed: subscribed === true, place }];
}

function repeated(offers: readonly OfferEntry[]): Problem[] {
  const seen = new Map<string, string>();
  return offers.flatMap(({ input: { offerID }, place }) => {
    const first = seen.get(offerID);
    if (first !== undefined)
      return [
        { path: `${place}.offerID`, message: `repeats ${JSON.stringify(offerID)}, which stands at ${first} too.` },
      ];
    seen.set(offerID, place);
    return [];
  });
}

function listOf(
  document: Entry,
  key: string,
  file: string,
  problems: Problem[],
): readonly (readonly [string, unknown])[] {
  const value = document[key] ?? [];
  if (Array.isArray(value)) return value.map((one: unknown, i) => [`${file}: ${key}[${i}]`, one]);
  problems.push({ path: `${file}: ${key}`, message: "must be a list." });
  return [];
}

function unknownKeys(entry: Entry, known: readonly string[], path: string): Problem[] {
  return Object.keys(entry)
    .filter((key) => !known.includes(key))
    .map((key) => ({ path: `${path}.${key}`, message: `is not known here; known are ${known.join(", ")}.` }));
}

function withTextQuantities(plan: unknown): unknown {
  if (!isEntry(plan) || !isEntry(plan["resources"])) return plan;
  const resources = Object.entries(plan["resources"]).map(([name, quantity]) => [
    name,
    typeof quantity === "number" ? String(quantity) : quantity,
  ]);
  return { ...plan, resources: Object.fromEntries(resources) as unknown };
}

function below(path: string): (problem: Problem) => Problem {
  return ({ path: inner, message }) => ({ path: inner === "" ? path : `${path}.${inner}`, message });
}

function isEntry(value: unknown): value is Entry {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
