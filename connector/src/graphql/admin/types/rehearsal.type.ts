import type { ResourceList as Resources } from "@catalog/schema/resource-list";
import type { ContractRole } from "@catalog/schema/contract";
import { ResourceList } from "@catalog/server/graphql/scalars";
import { Field, ID, Int, ObjectType } from "type-graphql";
import { ContractRoleEnum } from "../enums.js";

@ObjectType("RehearsedPod", { description: "A pod on bought or sold resources." })
export class RehearsedPodType {
  @Field(() => String, { description: "Its namespace." })
  readonly namespace!: string;

  @Field(() => String, { description: "Its name." })
  readonly name!: string;

  @Field(() => String, {
    description: "The node: Liqo's virtual one at the customer, a node of its own at the provider.",
  })
  readonly node!: string;

  @Field(() => ResourceList, { description: "What the scheduler counts for it." })
  readonly requests!: Resources;
}

@ObjectType("RehearsedVolume", { description: "A PersistentVolumeClaim whose data is at the provider." })
export class RehearsedVolumeType {
  @Field(() => String, { description: "Its namespace." })
  readonly namespace!: string;

  @Field(() => String, { description: "Its name." })
  readonly name!: string;

  @Field(() => String, { nullable: true, description: "Its storage class; null if it names none." })
  readonly storageClass!: string | null;

  @Field(() => String, { nullable: true, description: "What it claims, a Kubernetes quantity." })
  readonly size!: string | null;
}

@ObjectType("RehearsedService", { description: "A service with endpoints on the provider's resources." })
export class RehearsedServiceType {
  @Field(() => String, { description: "Its namespace." })
  readonly namespace!: string;

  @Field(() => String, { description: "Its name." })
  readonly name!: string;

  @Field(() => Int, { description: "Endpoints at the provider, which would go." })
  readonly endpoints!: number;

  @Field(() => Int, { description: "Endpoints elsewhere, which would stay." })
  readonly otherEndpoints!: number;
}

@ObjectType("RehearsedNamespace", { description: "A namespace that is offloaded through the contract." })
export class RehearsedNamespaceType {
  @Field(() => String, { description: "Its name." })
  readonly namespace!: string;

  @Field(() => [ID], { description: "Other contracts that it is offloaded through; empty: it would come home." })
  readonly otherContractIDs!: readonly string[];
}

const TOTAL = { description: "How many there are in all." };
const ITEMS = { description: "The first 100, by namespace and name." };

@ObjectType("RehearsedPods", { description: "Pods, and how many." })
export class RehearsedPodsType {
  @Field(() => Int, TOTAL)
  readonly total!: number;

  @Field(() => [RehearsedPodType], ITEMS)
  readonly items!: readonly RehearsedPodType[];
}

@ObjectType("RehearsedVolumes", { description: "Volumes, and how many." })
export class RehearsedVolumesType {
  @Field(() => Int, TOTAL)
  readonly total!: number;

  @Field(() => [RehearsedVolumeType], ITEMS)
  readonly items!: readonly RehearsedVolumeType[];
}

@ObjectType("RehearsedServices", { description: "Services, and how many." })
export class RehearsedServicesType {
  @Field(() => Int, TOTAL)
  readonly total!: number;

  @Field(() => [RehearsedServiceType], ITEMS)
  readonly items!: readonly RehearsedServiceType[];
}

@ObjectType("RehearsedNamespaces", { description: "Namespaces, and how many." })
export class RehearsedNamespacesType {
  @Field(() => Int, TOTAL)
  readonly total!: number;

  @Field(() => [RehearsedNamespaceType], ITEMS)
  readonly items!: readonly RehearsedNamespaceType[];
}

@ObjectType("EndRehearsal", {
  description:
    "What would be left or lost if a contract ended now, read from the cluster; nothing is changed. As the customer: what runs at the provider. As the provider: the customer's pods, as far as they are seen here.",
})
export class EndRehearsalType {
  @Field(() => ID, { description: "The contract." })
  readonly contractID!: string;

  @Field(() => ContractRoleEnum, { description: "Which side this cluster is." })
  readonly role!: ContractRole;

  @Field(() => Boolean, {
    description:
      "False where this Connector cannot look into the cluster (LIQO_MODE=manual): the lists of pods, volumes and services say nothing then.",
  })
  readonly looked!: boolean;

  @Field(() => String, { description: "The outcome in one sentence." })
  readonly message!: string;

  @Field(() => String, { nullable: true, description: "What to do before the end; null if nothing." })
  readonly whatToDo!: string | null;

  @Field(() => [ID], {
    description:
      "Other contracts in force with the same party: while there is one, the peering and what runs on it stay.",
  })
  readonly otherContractIDs!: readonly string[];

  @Field(() => ResourceList, { description: "What the pods ask for now, under all contracts with that party." })
  readonly inUse!: Resources;

  @Field(() => ResourceList, { description: "What the other contracts give." })
  readonly remaining!: Resources;

  @Field(() => ResourceList, { description: "What is asked for beyond that; empty if everything fits." })
  readonly excess!: Resources;

  @Field(() => RehearsedPodsType, { description: "Pods on the resources." })
  readonly pods!: RehearsedPodsType;

  @Field(() => RehearsedVolumesType, { description: "Volumes there. Customer only." })
  readonly volumes!: RehearsedVolumesType;

  @Field(() => RehearsedServicesType, { description: "Services with endpoints there. Customer only." })
  readonly services!: RehearsedServicesType;

  @Field(() => RehearsedNamespacesType, { description: "Namespaces offloaded through this contract." })
  readonly namespaces!: RehearsedNamespacesType;
}
