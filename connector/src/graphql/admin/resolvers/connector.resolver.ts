import type { ResourceList as Resources } from "@catalog/schema/resource-list";
import { ResourceList } from "@catalog/server/graphql/scalars";
import {
  Arg,
  Ctx,
  FieldResolver,
  ID,
  Int,
  Mutation,
  Query,
  Resolver,
  Root,
  Subscription,
  type SubscribeResolverData,
} from "type-graphql";
import { pageOf } from "../../../domain/page.js";
import type { ActivityService } from "../../../services/cluster/activity.service.js";
import type { AllowanceService } from "../../../services/cluster/allowance.service.js";
import type { ConnectorService, ConnectorView } from "../../../services/cluster/connector.service.js";
import type { Diagnosis } from "../../../services/cluster/diagnosis.js";
import type { DiagnosticsService } from "../../../services/cluster/diagnostics.service.js";
import type { ActivityEntry, ActivityFilter, Allowance } from "../../../services/contracts/ledger-ports.js";
import type { AdminContext } from "../context.js";
import {
  ActivityEntryType,
  ActivityFilterType,
  AllowanceType,
  ConnectorType,
  DiagnosisType,
} from "../types/connector.type.js";

const PRETTY_NAME = { description: "This cluster's name for people, 1 to 128 characters on one line." };
const CONTRACT_ENDPOINT = {
  description:
    "Address at which other Connectors reach port 6003 of this one, such as https://catalog.example.org:6003. Not that of this admin API.",
};

@Resolver(() => ConnectorType)
export class ConnectorResolver {
  constructor(
    private readonly connectors: ConnectorService,
    private readonly diagnosis: DiagnosticsService,
  ) {}

  @Query(() => ConnectorType, {
    description: "This cluster's Connector: who it is, where others reach it, what needs attention.",
  })
  connector(): Promise<ConnectorView> {
    return this.connectors.view();
  }

  @Query(() => [DiagnosisType], {
    description:
      "Checks of what newcomers get wrong most often, each with what to do; what is wrong first. Asks connected Brokers whether they reach the contract endpoint, at most once a minute.",
  })
  async diagnostics(): Promise<readonly Diagnosis[]> {
    return this.diagnosis.diagnose();
  }

  @Mutation(() => ConnectorType, {
    description:
      "Give the cluster its name and its contract endpoint: needed before anything is published or bought. Repeated, it changes both.",
  })
  initCatalog(
    @Ctx() { viewer }: AdminContext,
    @Arg("prettyName", () => String, PRETTY_NAME) prettyName: string,
    @Arg("contractEndpoint", () => String, CONTRACT_ENDPOINT) contractEndpoint: string,
  ): Promise<ConnectorView> {
    return this.connectors.initialise({ prettyName, contractEndpoint }, viewer.actor);
  }

  @Mutation(() => ConnectorType, { description: "Change the cluster's name for people, in all its offers too." })
  setClusterPrettyName(
    @Ctx() { viewer }: AdminContext,
    @Arg("prettyName", () => String, PRETTY_NAME) prettyName: string,
  ): Promise<ConnectorView> {
    return this.connectors.setPrettyName(prettyName, viewer.actor);
  }

  @Mutation(() => ConnectorType, { description: "Change the address at which other Connectors reach this one." })
  setContractEndpoint(
    @Ctx() { viewer }: AdminContext,
    @Arg("contractEndpoint", () => String, CONTRACT_ENDPOINT) contractEndpoint: string,
  ): Promise<ConnectorView> {
    return this.connectors.setContractEndpoint(contractEndpoint, viewer.actor);
  }

  @Subscription(() => ConnectorType, {
    name: "connector",
    description: "This cluster's Connector, whenever its name, address or Liqo has changed.",
    subscribe: ({ context }: SubscribeResolverData<unknown, object, AdminContext>) => context.streams.connector(),
  })
  changedConnector(@Root() view: ConnectorView): ConnectorView {
    return view;
  }

  @FieldResolver(() => [String])
  warnings(): Promise<readonly string[]> {
    return this.diagnosis.warnings();
  }
}

@Resolver()
export class OperationsResolver {
  constructor(
    private readonly allowances: AllowanceService,
    private readonly log: ActivityService,
  ) {}

  @Query(() => [AllowanceType], { description: "What other clusters may use here without a contract, by cluster id." })
  async allowedClusters(
    @Arg("first", () => Int, { defaultValue: 50, description: "How many at most, 1 to 200." }) first: number,
    @Arg("after", () => ID, { nullable: true, description: "Cluster id of the last one that was read." })
    after: string | null,
    @Arg("decided", () => Boolean, {
      nullable: true,
      description: "False: only those that peered here before and wait for your decision. Null: all.",
    })
    decided: boolean | null,
  ): Promise<AllowanceType[]> {
    const page = pageOf(first, after);
    const known = (await this.allowances.list()).map(allowanceShape);
    const all = known.filter((one) => decided === null || decided === undefined || one.decided === decided);
    const begin = page.after === null ? 0 : all.findIndex(({ clusterID }) => clusterID === page.after) + 1;
    return all.slice(begin, begin + page.first);
  }

  @Mutation(() => AllowanceType, {
    description:
      "Say what another cluster may use here without a contract, for a peering that existed before. It replaces what was said before; neither resources nor unlimited takes it away.",
  })
  async setAllowance(
    @Ctx() { viewer }: AdminContext,
    @Arg("clusterID", () => ID, { description: "Liqo's cluster id of the other cluster." }) clusterID: string,
    @Arg("resources", () => ResourceList, { nullable: true, description: "What it may use." })
    resources: Resources | null,
    @Arg("unlimited", () => Boolean, { nullable: true, description: "True: everything." }) unlimited: boolean | null,
  ): Promise<AllowanceType> {
    return allowanceShape(await this.allowances.set({ clusterID, resources, isUnlimited: unlimited }, viewer.actor));
  }

  @Query(() => [ActivityEntryType], { description: "What happened here and who did it, newest first." })
  async activity(
    @Arg("first", () => Int, { defaultValue: 50, description: "How many at most, 1 to 200." }) first: number,
    @Arg("before", () => ID, { nullable: true, description: "Id of the last one that was read." })
    before: string | null,
    @Arg("filter", () => ActivityFilterType, { nullable: true, description: "Which ones. Null: all." })
    filter: ActivityFilter | null,
  ): Promise<readonly ActivityEntry[]> {
    const page = pageOf(first, before);
    return this.log.list(page.first, page.after ?? undefined, filter ?? {});
  }

  @Subscription(() => ActivityEntryType, {
    name: "activity",
    description: "Each new entry of the activity list.",
    subscribe: ({ context }: SubscribeResolverData<unknown, object, AdminContext>) => context.streams.activity(),
  })
  newEntry(@Root() entry: ActivityEntry): ActivityEntryType {
    return entry;
  }
}

function allowanceShape({ clusterID, isUnlimited, resources, isDecided }: Allowance): AllowanceType {
  return { clusterID, unlimited: isUnlimited, resources, decided: isDecided };
}
