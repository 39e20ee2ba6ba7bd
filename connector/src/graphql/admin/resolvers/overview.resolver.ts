import { Timestamp } from "@catalog/server/graphql/scalars";
import { Arg, Query, Resolver, Root, Subscription, type SubscribeResolverData } from "type-graphql";
import type { FigureBucket, Figures } from "../../../domain/figures.js";
import type { AttentionItem } from "../../../services/overview/attention-list.js";
import type { Federation } from "../../../services/overview/federation.js";
import type { FiguresService } from "../../../services/overview/figures.service.js";
import type { OverviewService } from "../../../services/overview/overview.service.js";
import type { AdminContext } from "../context.js";
import { FigureBucketEnum } from "../overview-enums.js";
import { AttentionType, FederationType, FiguresType } from "../types/overview.type.js";

@Resolver()
export class OverviewResolver {
  constructor(
    private readonly overview: OverviewService,
    private readonly accounts: FiguresService,
  ) {}

  @Query(() => [AttentionType], {
    description:
      "What somebody should look at, the most urgent first: requests that wait, failed peerings, contracts that end soon, Brokers that are away, and what the diagnostics find. At most 50 of each kind.",
  })
  async attention(): Promise<readonly AttentionItem[]> {
    return this.overview.attention();
  }

  @Query(() => FiguresType, {
    description: "Income and spend in a stretch of time, in all, by other cluster and over time.",
  })
  figures(
    @Arg("from", () => Timestamp, { description: "Its beginning, Unix seconds." }) from: number,
    @Arg("to", () => Timestamp, { description: "Its end, Unix seconds; at most 400 buckets later." }) to: number,
    @Arg("bucket", () => FigureBucketEnum, { defaultValue: "DAY", description: "How it is cut." }) bucket: FigureBucket,
  ): Promise<Figures> {
    return this.accounts.figures({ from, to, bucket });
  }

  @Query(() => FederationType, {
    description: "The map: this cluster, its Brokers, and with whom contracts are in force.",
  })
  federation(): Promise<Federation> {
    return this.overview.federation();
  }

  @Subscription(() => [AttentionType], {
    name: "attention",
    description: "The list of what somebody should look at: now, and whenever it has changed.",
    subscribe: ({ context }: SubscribeResolverData<unknown, object, AdminContext>) => context.streams.attention(),
  })
  changedAttention(@Root() items: readonly AttentionItem[]): AttentionType[] {
    return [...items];
  }
}
