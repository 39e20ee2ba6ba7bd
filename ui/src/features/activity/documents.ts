import type { ResultOf, VariablesOf } from "gql.tada";
import { connectorGraphql } from "../../lib/graphql/connector.ts";

const ENTRY = connectorGraphql(`
  fragment ActivityRow on ActivityEntry @_unmask { id at actor action subject message }
`);

export const ACTIVITY = connectorGraphql(
  `query Activity($first: Int!, $before: ID, $filter: ActivityFilter) {
    activity(first: $first, before: $before, filter: $filter) { ...ActivityRow }
  }`,
  [ENTRY],
);
export const ACTIVITY_HEARD = connectorGraphql(`subscription ActivityHeard { activity { ...ActivityRow } }`, [ENTRY]);

export type ActivityRow = ResultOf<typeof ENTRY>;
export type ActivityFilter = NonNullable<VariablesOf<typeof ACTIVITY>["filter"]>;
