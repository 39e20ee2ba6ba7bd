import "reflect-metadata";
import type { GraphQLSchema } from "graphql";
import { buildSchema, type ContainerType } from "type-graphql";

import { authorize } from "./context.js";
import { BrokerResolver, ViewerResolver } from "./resolvers/broker.resolver.js";
import {
  CatalogResolver,
  ClusterResolver,
  OfferConnectionResolver,
  OfferResolver,
} from "./resolvers/catalog.resolver.js";
import { ConsoleResolver } from "./resolvers/console.resolver.js";
import { EnrolmentResolver } from "./resolvers/enrolment.resolver.js";
import { FeedResolver } from "./resolvers/feed.resolver.js";
import { ClusterAdmissionResolver, TokenResolver } from "./resolvers/operator.resolver.js";
import { PublishingResolver } from "./resolvers/publishing.resolver.js";

const RESOLVERS = [
  BrokerResolver,
  CatalogResolver,
  ClusterAdmissionResolver,
  ClusterResolver,
  ConsoleResolver,
  EnrolmentResolver,
  FeedResolver,
  OfferConnectionResolver,
  OfferResolver,
  PublishingResolver,
  TokenResolver,
  ViewerResolver,
] as const;

/** The resolvers of the Broker by class; all of {@link RESOLVERS} to serve the schema, none to print it. */
export type ResolverContainer = ReadonlyMap<unknown, object>;

/** The Broker's GraphQL schema. */
export function buildBrokerSchema(resolvers: ResolverContainer): Promise<GraphQLSchema> {
  const container: ContainerType = {
    get: (someClass: unknown) => {
      const resolver = resolvers.get(someClass);
      if (resolver === undefined) throw new Error(`no instance of the resolver ${String(someClass)}`);
      return resolver;
    },
  };
  return buildSchema({
    resolvers: [...RESOLVERS],
    container,
    authChecker: authorize,
    validate: false,
    orphanedTypes: [],
    pubSub: { publish: refuse, subscribe: refuse },
  });
}

/** Subscriptions read the feed; TypeGraphQL demands an event bus all the same. */
function refuse(): never {
  throw new Error("there is no event bus: a subscription needs its own subscribe function");
}
