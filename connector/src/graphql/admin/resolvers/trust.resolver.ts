import {
  Arg,
  Ctx,
  ID,
  Int,
  Mutation,
  Query,
  Resolver,
  Root,
  Subscription,
  type SubscribeResolverData,
} from "type-graphql";
import type { ClusterStanding, TrustService } from "../../../services/catalog/trust.service.js";
import type { AdminContext } from "../context.js";
import { clusterStandingShape, equivocationShape } from "../shapes.js";
import { EquivocationType, KnownClusterType } from "../types/trust.type.js";

@Resolver()
export class TrustResolver {
  constructor(private readonly trust: TrustService) {}

  @Query(() => [KnownClusterType], {
    description:
      "Every other cluster whose identity is known here, by cluster id; also those that the Catalog no longer lists, and those that are hidden because another one holds their cluster id.",
  })
  knownClusters(
    @Arg("first", () => Int, { defaultValue: 50, description: "How many at most, 1 to 200." }) first: number,
    @Arg("after", () => ID, { nullable: true, description: "Fingerprint of the last one that was read." })
    after: string | null,
  ): KnownClusterType[] {
    return this.trust.known(first, after ?? null).map(clusterStandingShape);
  }

  @Query(() => [EquivocationType], {
    description: "Clusters that were caught signing two different documents with the same number, newest first.",
  })
  async equivocations(): Promise<EquivocationType[]> {
    return (await this.trust.equivocations()).map(equivocationShape);
  }

  @Mutation(() => KnownClusterType, {
    description:
      "Trust a cluster by hand: it may buy here, and be bought from by its fingerprint, although no Broker lists it. Where two clusters claim one cluster id, this decides for the one you name. Compare the fingerprint with its admin over a channel that you trust.",
  })
  async trustCluster(
    @Ctx() { viewer }: AdminContext,
    @Arg("fingerprint", () => ID, { description: "Its key fingerprint, 43 characters." }) fingerprint: string,
    @Arg("contractEndpoint", () => String, {
      nullable: true,
      description: "Where its descriptor is fetched; needed for a cluster that is not known here yet.",
    })
    contractEndpoint: string | null,
    @Arg("note", () => String, { nullable: true, description: "A note for yourself." }) note: string | null,
  ): Promise<KnownClusterType> {
    return clusterStandingShape(
      await this.trust.trust(
        { fingerprint, contractEndpoint: contractEndpoint ?? null, note: note ?? null },
        viewer.actor,
      ),
    );
  }

  @Mutation(() => KnownClusterType, {
    description: "Take that back. What a Broker lists stays listed, running contracts are not touched.",
  })
  async untrustCluster(
    @Ctx() { viewer }: AdminContext,
    @Arg("fingerprint", () => ID, { description: "Its key fingerprint." }) fingerprint: string,
  ): Promise<KnownClusterType> {
    return clusterStandingShape(await this.trust.untrust(fingerprint, viewer.actor));
  }

  @Subscription(() => KnownClusterType, {
    name: "knownClusters",
    description: "Each other cluster that became known, or that is listed, trusted or signed otherwise than before.",
    subscribe: ({ context }: SubscribeResolverData<unknown, object, AdminContext>) => context.streams.knownClusters(),
  })
  changedCluster(@Root() standing: ClusterStanding): KnownClusterType {
    return clusterStandingShape(standing);
  }
}
