import { Arg, Ctx, ID, Mutation, Query, Resolver, Root, Subscription, type SubscribeResolverData } from "type-graphql";
import type { Clock } from "@catalog/server/clock";
import type { BrokerService } from "../../../services/brokers/broker.service.js";
import type { AdminContext } from "../context.js";
import { brokerShape } from "../shapes.js";
import type { BrokerChange } from "../streams.js";
import { BrokerType } from "../types/broker.type.js";

@Resolver()
export class BrokerResolver {
  constructor(
    private readonly brokerService: BrokerService,
    private readonly clock: Clock,
  ) {}

  @Query(() => [BrokerType], { description: "The Brokers that this cluster is registered with, by name." })
  async brokers(): Promise<BrokerType[]> {
    return (await this.brokerService.list()).map((state) => brokerShape(state, this.clock.now()));
  }

  @Mutation(() => BrokerType, {
    description:
      "Join the Broker that a join string names: see its Catalog, and be seen in it. A Broker that has to approve you first is asked until it has.",
  })
  async registerBroker(
    @Ctx() { viewer }: AdminContext,
    @Arg("join", () => String, { description: "The join string of the Broker's operator: catalog-join:…" })
    join: string,
    @Arg("name", () => String, { nullable: true, description: "What to call it here. Null: as it calls itself." })
    name: string | null,
  ): Promise<BrokerType> {
    return brokerShape(await this.brokerService.register(join, name ?? null, viewer.actor), this.clock.now());
  }

  @Mutation(() => BrokerType, {
    description: "Leave a Broker. What only it lists disappears here; contracts are not touched.",
  })
  async unregisterBroker(
    @Ctx() { viewer }: AdminContext,
    @Arg("brokerID", () => ID, { description: "Id of the Broker." }) brokerID: string,
  ): Promise<BrokerType> {
    return brokerShape(await this.brokerService.unregister(brokerID, viewer.actor), this.clock.now(), false);
  }

  @Mutation(() => BrokerType, {
    description:
      "Stop following and publishing to a Broker for a while without leaving it, or go on. While it is off, what only it lists is not shown here, and your offers go grey there.",
  })
  async setBrokerSubscription(
    @Ctx() { viewer }: AdminContext,
    @Arg("brokerID", () => ID, { description: "Id of the Broker." }) brokerID: string,
    @Arg("subscribed", () => Boolean, { description: "True to follow it." }) subscribed: boolean,
  ): Promise<BrokerType> {
    return brokerShape(await this.brokerService.setSubscription(brokerID, subscribed, viewer.actor), this.clock.now());
  }

  @Subscription(() => BrokerType, {
    name: "brokers",
    description: "Each Broker whose registration or state has changed, as it is now.",
    subscribe: ({ context }: SubscribeResolverData<unknown, object, AdminContext>) => context.streams.brokers(),
  })
  changedBroker(@Root() change: BrokerChange): BrokerType {
    return brokerShape(change, this.clock.now(), change.isRegistered);
  }
}
