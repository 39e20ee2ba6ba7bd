import type { Host, OffloadingRow } from "./documents.ts";

type Strategy = OffloadingRow["strategy"];
type Mapping = OffloadingRow["mapping"];

/** Where the pods of a namespace run, in a few words and in a sentence. */
export const STRATEGIES: readonly { value: Strategy; text: string; about: string }[] = [
  {
    value: "LOCAL_AND_REMOTE",
    text: "Here and there",
    about: "New pods run wherever the scheduler finds room: on your own nodes or on what was bought.",
  },
  {
    value: "REMOTE",
    text: "There only",
    about: "New pods run on what was bought, and wait while it has no room.",
  },
  {
    value: "LOCAL",
    text: "Here only",
    about: "Pods stay here; the provider knows the namespace and its services, so that pods there can reach them.",
  },
];

/** How a namespace is called at the provider. */
export const MAPPINGS: readonly { value: Mapping; text: string; about: string }[] = [
  {
    value: "DEFAULT_NAME",
    text: "A name of its own",
    about: "Its name with something of this cluster appended, so that it meets no other.",
  },
  {
    value: "ENFORCE_SAME_NAME",
    text: "The same name",
    about: "Fails where the provider has a namespace of that name.",
  },
  { value: "SELECTED_NAME", text: "A name that you choose", about: "For Liqo 0.10 and newer." },
];

/** What people call a strategy. */
export function sayStrategy(strategy: Strategy): string {
  return STRATEGIES.find(({ value }) => value === strategy)?.text ?? strategy;
}

/** What a contract that namespaces run on is called. */
export function hostName({ offer, plan, seller }: Pick<Host, "offer" | "plan" | "seller">): string {
  return `${offer?.offerName ?? ""} · ${plan?.planName ?? ""} (${seller.prettyName})`;
}

const DAY = 86_400;

/** Whether a contract ends within a day or a week: when it is time to think of what runs on it. Times in Unix seconds. */
export function endingWithin(validUntil: number | null, now: number): "day" | "week" | undefined {
  if (validUntil === null || validUntil - now > 7 * DAY) return undefined;
  return validUntil - now > DAY ? "week" : "day";
}

/** What a namespace of Kubernetes may be called: a DNS label (RFC 1123). */
const NAME = /^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/;

/** Why a text cannot be the name of a namespace; undefined if it can, or if nothing has been typed yet. */
export function namespaceProblem(text: string): string | undefined {
  if (text === "" || NAME.test(text)) return undefined;
  return "Lower-case letters, digits and dashes, at most 63, beginning and ending with a letter or digit.";
}
