import { COST_PERIODS } from "@catalog/schema/money";
import { InvalidArgumentError, Option } from "commander";
import type { AdminApi } from "../api/admin-api.js";
import { FACETS, SEARCH } from "../api/documents.js";
import type { OfferView } from "../api/views.js";
import type { CliContext, Family } from "../context.js";
import { count, pair, several } from "../numbers.js";
import { amounts, type Column } from "../output.js";

const ORDERS = {
  name: "NAME_ASC",
  "-name": "NAME_DESC",
  cost: "COST_ASC",
  "-cost": "COST_DESC",
  created: "CREATED_ASC",
  "-created": "CREATED_DESC",
  available: "AVAILABLE_DESC",
} as const;
const PAGE = 200;

interface Cost {
  readonly amount: number;
  readonly currency: string;
  readonly period: string;
}

interface SearchOptions {
  readonly type?: string;
  readonly label?: Readonly<Record<string, string>>;
  readonly cluster?: readonly string[];
  readonly currency?: string;
  readonly minCost?: Cost;
  readonly maxCost?: Cost;
  readonly min?: Readonly<Record<string, string>>;
  readonly available?: boolean;
  readonly sort: keyof typeof ORDERS;
  readonly limit: number;
  readonly facets?: boolean;
}

/** A plan of an offer: what one line of the table shows. */
interface Line {
  readonly offer: OfferView;
  readonly plan: OfferView["plans"][number];
}

const COLUMNS: readonly Column<Line>[] = [
  ["provider", ({ offer }) => offer.clusterPrettyName],
  ["cluster id", ({ offer }) => offer.clusterID],
  ["offer", ({ offer }) => offer.offerID],
  ["plan", ({ plan }) => plan.planID],
  ["cost", ({ plan }) => `${plan.planCost} ${plan.planCostCurrency}/${plan.planCostPeriod}`],
  ["left", ({ offer, plan }) => (offer.status ? plan.available : "paused")],
  ["one unit", ({ plan }) => amounts(plan.resources)],
  ["note", ({ offer }) => noteOf(offer)],
];

/** What other clusters sell. */
export const addSearch: Family = (program, context) => {
  program
    .command("search")
    .summary("find offers of other clusters")
    .description(
      "Find offers of other clusters in this cluster's own copy of the Catalog. Conditions on price and resources are met by one and the same plan.",
    )
    .argument("[words...]", "words that must all occur, in names, type, description or labels")
    .option("--type <type>", "exactly this type of offer")
    .option("--label <name=value>", "a label with this value; may be repeated", pair)
    .option("--cluster <clusterID>", "offers of this cluster; may be repeated", several)
    .option("--currency <code>", "currency of the price, such as EUR")
    .option("--min-cost <cost>", "the least that one unit may cost, such as 10EUR/month", cost)
    .option("--max-cost <cost>", "the most that one unit may cost, such as 80EUR/month", cost)
    .option("--min <resource=quantity>", "what one unit must give at least; may be repeated", pair)
    .option("--available", "only what can be bought now")
    .addOption(new Option("--sort <order>", "order").choices(Object.keys(ORDERS)).default("name"))
    .option("--limit <count>", "how many offers at most", count, 50)
    .option("--facets", "by what the offers that fit can be told apart, instead of the offers")
    .addHelpText(
      "after",
      "\nExamples:\n  catalog search gpu --min nvidia.com/gpu=1 --max-cost 900EUR/month --sort cost\n  catalog search --label region=eu-south --available -o json\n  catalog search --facets",
    )
    .action(async (words: readonly string[], options: SearchOptions) => {
      const filter = filterOf(words, options);
      const api = await context.api();
      if (options.facets === true) return showFacets(context, api, filter);
      const { offers, total } = await found(api, filter, options);
      const output = context.output();
      if (output.format !== "table") return output.list(offers, []);
      output.list(
        offers.flatMap((offer) => offer.plans.map((plan) => ({ offer, plan }))),
        COLUMNS,
      );
      if (total > offers.length) output.progress(`${offers.length} of ${total} offers; --limit shows more`);
    });
};

function cost(text: string): Cost {
  const [, amount, currency, period] = /^(\d+(?:\.\d{1,6})?)([A-Z]{3})\/([a-z]+)$/.exec(text) ?? [];
  if (amount === undefined || currency === undefined || !COST_PERIODS.some((one) => one === period))
    throw new InvalidArgumentError(
      `It must be an amount such as 10.50EUR/month; periods are ${COST_PERIODS.join(", ")}.`,
    );
  return { amount: Number(amount), currency, period: period ?? "" };
}

function filterOf(words: readonly string[], options: SearchOptions): object | null {
  const filter = {
    text: words.length === 0 ? undefined : words.join(" "),
    offerType: options.type,
    labels: options.label,
    clusterIDs: options.cluster,
    currency: options.currency,
    minCost: options.minCost,
    maxCost: options.maxCost,
    minResources: options.min,
    onlyAvailable: options.available,
  };
  return Object.values(filter).every((one) => one === undefined) ? null : filter;
}

async function found(
  api: AdminApi,
  filter: object | null,
  { sort, limit }: SearchOptions,
): Promise<{ readonly offers: readonly OfferView[]; readonly total: number }> {
  const offers: OfferView[] = [];
  let after: string | null = null;
  for (;;) {
    const first = Math.min(PAGE, limit - offers.length);
    const {
      offers: page,
    }: {
      offers: { nodes: OfferView[]; totalCount: number; pageInfo: { hasNextPage: boolean; endCursor: string | null } };
    } = await api.request(SEARCH, { first, after, filter, orderBy: ORDERS[sort] });
    offers.push(...page.nodes);
    if (!page.pageInfo.hasNextPage || offers.length >= limit) return { offers, total: page.totalCount };
    after = page.pageInfo.endCursor;
  }
}

async function showFacets(context: CliContext, api: AdminApi, filter: object | null): Promise<void> {
  const { offerFacets } = await api.request(FACETS, { filter });
  const output = context.output();
  if (output.format !== "table") return output.one(offerFacets, []);
  const { types, currencies, resources, labels } = offerFacets;
  const facets = [
    ...types.map((one) => ({ facet: "type", ...one })),
    ...currencies.map((one) => ({ facet: "currency", ...one })),
    ...resources.map((one) => ({ facet: "resource", ...one })),
    ...labels.flatMap(({ label, values }) => values.map((one) => ({ facet: `label ${label}`, ...one }))),
  ];
  output.list(facets, [
    ["by", ({ facet }) => facet],
    ["value", ({ value }) => value],
    ["offers", (one) => one.count],
  ]);
}

function noteOf({ staleSince, peerable }: OfferView): string | null {
  if (staleSince !== null) return "provider not seen lately";
  return peerable.ok ? null : "cannot peer with this cluster";
}
