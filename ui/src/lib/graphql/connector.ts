import { initGraphQLTada } from "gql.tada";
import type { introspection } from "./connector.introspection.d.ts";
import type { Scalars } from "./scalars.ts";

/** Types a document against the Connector's admin API. */
export const connectorGraphql = initGraphQLTada<{ introspection: introspection; scalars: Scalars }>();
