import type { ResultOf } from "gql.tada";
import { connectorGraphql } from "../../lib/graphql/connector.ts";

export const FIGURES = connectorGraphql(`
  query Figures($from: Timestamp!, $to: Timestamp!, $bucket: FigureBucket!) {
    figures(from: $from, to: $to, bucket: $bucket) {
      from to bucket
      totals { currency income spend }
      byPeer { fingerprint prettyName currency income spend }
      series { from to currency income spend }
    }
  }
`);

export type Figures = ResultOf<typeof FIGURES>["figures"];
