import { ApolloServer, type ApolloServerPlugin } from "@apollo/server";
import {
  ApolloServerPluginCacheControlDisabled,
  ApolloServerPluginLandingPageDisabled,
} from "@apollo/server/plugin/disabled";
import { CatalogError } from "@catalog/schema/errors";
import { OperationTypeNode, type GraphQLSchema } from "graphql";
import type { Logger } from "pino";
import { httpStatusOf, toPublicError } from "./error-mapper.js";
import type { ListenerLimits } from "./listener-options.js";
import { queryLimitRules } from "./query-limits.js";

/** What every context of Apollo carries here. */
export interface ApolloContext {
  readonly requestId: string;
}

/** Statuses that tell about the request rather than about the object it names; see {@link statusOf}. */
const REQUEST_STATUSES: ReadonlySet<number> = new Set([401, 413, 429, 500, 503]);

/** The HTTP side of GraphQL: Apollo Server with our limits, our error format and nothing that calls out. */
export function createApollo<C extends ApolloContext>(
  schema: GraphQLSchema,
  limits: ListenerLimits,
  log: Logger,
): ApolloServer<C> {
  return new ApolloServer<C>({
    schema,
    introspection: true,
    csrfPrevention: true,
    allowBatchedHttpRequests: false,
    includeStacktraceInErrorResponses: false,
    stopOnTerminationSignals: false,
    persistedQueries: false,
    parseOptions: { maxTokens: limits.query.tokens },
    validationRules: queryLimitRules(limits.query),
    logger: log,
    plugins: [
      // By default it wraps every resolver, which halves throughput, to compute a header that nobody reads.
      ApolloServerPluginCacheControlDisabled(),
      ApolloServerPluginLandingPageDisabled(),
      publicErrors(log),
    ],
  });
}

function publicErrors<C extends ApolloContext>(log: Logger): ApolloServerPlugin<C> {
  return {
    requestDidStart: async () => ({
      didResolveOperation: async ({ operation }) => {
        if (operation?.operation === OperationTypeNode.SUBSCRIPTION) {
          throw new CatalogError("BAD_USER_INPUT", "subscriptions are served over WebSocket (graphql-transport-ws)");
        }
      },
      willSendResponse: async ({ response, errors, contextValue }) => {
        if (errors === undefined || response.body.kind !== "single") return;
        const result = response.body.singleResult;
        const shown = errors.map((error) => toPublicError(error, contextValue.requestId, log));
        result.errors = shown;
        response.http.status = statusOf(shown[0]?.extensions.code, result.data);
      },
    }),
  };
}

/**
 * The status of an answer with errors. What never ran has the status of its first error; what ran is 200, as GraphQL
 * clients expect, unless nothing came out because of the caller's standing or the server's condition.
 */
function statusOf(code: string | undefined, data: unknown): number {
  const status = httpStatusOf(code ?? "INTERNAL_SERVER_ERROR");
  if (data === undefined) return status;
  return data === null && REQUEST_STATUSES.has(status) ? status : 200;
}
