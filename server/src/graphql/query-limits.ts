import { ApolloArmor } from "@escape.tech/graphql-armor";
import { GraphQLError, type ValidationContext, type ValidationRule } from "graphql";
import type { QueryLimits } from "./listener-options.js";

/** Validation rules that refuse documents which ask for too much, with QUERY_TOO_COMPLEX; for HTTP and WebSocket alike. */
export function queryLimitRules(limits: QueryLimits): ValidationRule[] {
  const report = {
    propagateOnRejection: false,
    onReject: [
      (context: ValidationContext | null, error: GraphQLError) =>
        context?.reportError(
          new GraphQLError(error.message.replace("Syntax Error: ", ""), { extensions: { code: "QUERY_TOO_COMPLEX" } }),
        ),
    ],
  };
  const armor = new ApolloArmor({
    maxDepth: { n: limits.depth, ...report },
    maxAliases: { n: limits.aliases, ...report },
    maxDirectives: { n: limits.directives, ...report },
    costLimit: { maxCost: limits.cost, ...report },
    maxTokens: { enabled: false }, // graphql's own parser counts tokens, on both transports.
    blockFieldSuggestion: { enabled: false },
  });
  return armor.protect().validationRules;
}
