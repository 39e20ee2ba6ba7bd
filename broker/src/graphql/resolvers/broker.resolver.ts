import { Ctx, Query, Resolver } from "type-graphql";

import type { BrokerInfo, BrokerInfoService } from "../../services/broker-info.service.js";
import type { BrokerContext } from "../context.js";
import { BrokerInfoType, ViewerType } from "../types/broker.type.js";

@Resolver(() => BrokerInfoType)
export class BrokerResolver {
  constructor(private readonly broker: BrokerInfoService) {}

  @Query(() => BrokerInfoType, { name: "broker", description: "Who this Broker is. Readable by anybody." })
  describe(): Promise<BrokerInfo> {
    return this.broker.describe();
  }
}

@Resolver(() => ViewerType)
export class ViewerResolver {
  @Query(() => ViewerType, { description: "As whom the Broker knows the caller. Readable by anybody." })
  viewer(@Ctx() context: BrokerContext): Partial<ViewerType> {
    return context.viewer;
  }
}
