import { initGraphQLTada } from "gql.tada";
import type { introspection } from "./broker.introspection.d.ts";
import type { Scalars } from "./scalars.ts";

/** Types a document against the Broker's API. */
export const brokerGraphql = initGraphQLTada<{ introspection: introspection; scalars: Scalars }>();
