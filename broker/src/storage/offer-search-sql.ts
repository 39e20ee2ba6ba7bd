import { readFilter, type OfferFilter, type PlanConditions } from "@catalog/schema/offer-filter";
import type { OfferOrder } from "@catalog/schema/offer-order";

import type { OfferPlace } from "../domain/offer-cursor.js";
import { SqlParameters } from "./sql-parameters.js";

/** A statement with its parameters. */
export interface Statement {
  readonly sql: string;
  readonly parameters: readonly unknown[];
}

interface SortColumn {
  readonly expression: string;
  readonly type: "text" | "numeric";
  readonly direction: "ASC" | "DESC";
}

const NAME = { expression: `i.sort_name COLLATE "C"`, type: "text" } as const;
const CURRENCY = { expression: `i.cost_currency COLLATE "C"`, type: "text" } as const;
const COST = { expression: "i.cost_monthly", type: "numeric" } as const;
const CREATED = { expression: "i.created", type: "numeric" } as const;
const AVAILABLE = { expression: "i.available", type: "numeric" } as const;
const ASC = "ASC";
const DESC = "DESC";

/** The columns that hold the sort keys of every order. */
const ORDERS: Readonly<Record<OfferOrder, readonly SortColumn[]>> = {
  NAME_ASC: [{ ...NAME, direction: ASC }],
  NAME_DESC: [{ ...NAME, direction: DESC }],
  COST_ASC: [
    { ...CURRENCY, direction: ASC },
    { ...COST, direction: ASC },
  ],
  COST_DESC: [
    { ...CURRENCY, direction: DESC },
    { ...COST, direction: DESC },
  ],
  CREATED_ASC: [{ ...CREATED, direction: ASC }],
  CREATED_DESC: [{ ...CREATED, direction: DESC }],
  AVAILABLE_DESC: [{ ...AVAILABLE, direction: DESC }],
};

/** Ends every order, upwards, so that no two offers are ever equal. */
const TIES: readonly SortColumn[] = [
  { expression: `i.fingerprint COLLATE "C"`, type: "text", direction: ASC },
  { expression: `i.offer_id COLLATE "C"`, type: "text", direction: ASC },
];

/** Listed offers with the CLUSTER item of their issuer. */
export const LISTED_OFFERS = `catalog_items i JOIN catalog_items c ON c.fingerprint = i.fingerprint AND c.kind = 'CLUSTER' AND NOT c.removed
  WHERE i.kind = 'OFFER' AND NOT i.removed`;

/** What an offer is read from. */
export const OFFER_COLUMNS = "i.jws, i.cluster_id, c.cluster_name, c.stale_since";

/** Offers that match, in order, from behind a place: the same as `offerMatches` and `compareOffers` say. */
export function searchOffers(
  filter: OfferFilter,
  order: OfferOrder,
  first: number,
  after: OfferPlace | null,
): Statement {
  const parameters = new SqlParameters();
  const columns = [...ORDERS[order], ...TIES];
  const conditions = matching(filter, parameters);
  if (after !== null) conditions.push(behind(columns, [...after.key, after.fingerprint, after.offerID], parameters));
  const sorted = columns.map(({ expression, direction }) => `${expression} ${direction}`).join(", ");
  const sql = `SELECT ${OFFER_COLUMNS} FROM ${LISTED_OFFERS}${and(conditions)} ORDER BY ${sorted} LIMIT ${parameters.add(first)}`;
  return { sql, parameters: parameters.values };
}

/** How many offers match. */
export function countOffers(filter: OfferFilter): Statement {
  const parameters = new SqlParameters();
  const sql = `SELECT count(*) FROM ${LISTED_OFFERS}${and(matching(filter, parameters))}`;
  return { sql, parameters: parameters.values };
}

function matching(filter: OfferFilter, parameters: SqlParameters): string[] {
  const { words, offerType, clusterIDs, labels, labelValues, plan } = readFilter(filter);
  const conditions = words.map((word) => {
    const text = parameters.add(word);
    return `(strpos(i.search_text, ${text}) > 0 OR strpos(c.search_text, ${text}) > 0)`;
  });
  if (offerType !== null) conditions.push(`i.offer_type = ${parameters.add(offerType)}`);
  if (clusterIDs !== null) conditions.push(`i.cluster_id = ANY(${parameters.add(clusterIDs)}::text[])`);
  if (labels.length > 0)
    conditions.push(`i.labels @> ${parameters.add(JSON.stringify(Object.fromEntries(labels)))}::jsonb`);
  for (const [key, values] of labelValues)
    conditions.push(`i.labels ->> ${parameters.add(key)} = ANY(${parameters.add(values)}::text[])`);
  if (plan.onlyAvailable) conditions.push("i.on_sale");
  return [...conditions, ...planExists(plan, parameters)];
}

/** One and the same plan has to meet every condition. */
function planExists(plan: PlanConditions, parameters: SqlParameters): string[] {
  const conditions = plan.currencies.map((currency) => `p.currency = ${parameters.add(currency)}`);
  if (plan.maxMonthlyCost !== null)
    conditions.push(`p.cost_monthly <= ${parameters.add(String(plan.maxMonthlyCost))}::numeric`);
  if (plan.minMonthlyCost !== null)
    conditions.push(`p.cost_monthly >= ${parameters.add(String(plan.minMonthlyCost))}::numeric`);
  if (plan.onlyAvailable) conditions.push("p.available > 0");
  for (const [name, amount] of Object.entries(plan.minResources)) {
    conditions.push(
      `coalesce((p.amounts ->> ${parameters.add(name)})::numeric, 0) >= ${parameters.add(String(amount))}::numeric`,
    );
  }
  if (conditions.length === 0) return [];
  return [
    `EXISTS (SELECT FROM catalog_plans p WHERE p.fingerprint = i.fingerprint AND p.offer_id = i.offer_id${and(conditions)})`,
  ];
}

/** Rows that come after the given values: first column beyond, or equal and the rest beyond. */
function behind(
  [column, ...rest]: readonly SortColumn[],
  [value, ...others]: readonly string[],
  parameters: SqlParameters,
): string {
  if (column === undefined) return "false";
  const at = `${parameters.add(value)}::${column.type}`;
  const beyond = `${column.expression} ${column.direction === ASC ? ">" : "<"} ${at}`;
  return rest.length === 0
    ? beyond
    : `(${beyond} OR (${column.expression} = ${at} AND ${behind(rest, others, parameters)}))`;
}

function and(conditions: readonly string[]): string {
  return conditions.map((condition) => ` AND ${condition}`).join("");
}
