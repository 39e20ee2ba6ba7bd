import "reflect-metadata";
import type { GraphQLSchema } from "graphql";
import { buildSchema } from "type-graphql";
import { NegotiationResolver } from "./negotiation.resolver.js";
import { PeeringResolver } from "./peering.resolver.js";

/**
 * The schema of the contract endpoint.
 * @param resolvers what serves it; none to print the schema only.
 */
export function buildPeerSchema(...resolvers: readonly object[]): Promise<GraphQLSchema> {
  const made = new Map<unknown, object>(resolvers.map((one) => [one.constructor, one]));
  return buildSchema({
    resolvers: [NegotiationResolver, PeeringResolver],
    container: { get: (resolver) => made.get(resolver) },
    validate: false,
    orphanedTypes: [],
  });
}
