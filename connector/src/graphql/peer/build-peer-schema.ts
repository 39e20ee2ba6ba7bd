import "reflect-metadata";
import type { GraphQLSchema } from "graphql";
import { buildSchema } from "type-graphql";
import { NegotiationResolver } from "./negotiation.resolver.js";

/**
 * The schema of the contract endpoint.
 * @param resolver what serves it; none to print the schema only.
 */
export function buildPeerSchema(resolver?: NegotiationResolver): Promise<GraphQLSchema> {
  return buildSchema({
    resolvers: [NegotiationResolver],
    container: { get: () => resolver },
    validate: false,
    orphanedTypes: [],
  });
}
