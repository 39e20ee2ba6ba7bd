import type { ResourceList as Resources } from "@catalog/schema/resource-list";
import { ResourceList, Timestamp } from "@catalog/server/graphql/scalars";
import { Field, ID, ObjectType } from "type-graphql";
import type { Severity } from "../../../services/diagnostics.service.js";
import { SeverityEnum } from "../enums.js";
import { LiqoType } from "./catalog.type.js";

@ObjectType("ClusterParameters", { description: "What Liqo needs to reach this cluster." })
export abstract class ClusterParametersType {
  @Field(() => String, { description: "Liqo's cluster name." })
  abstract readonly clusterName: string;

  @Field(() => ID, { description: "Liqo's cluster id." })
  abstract readonly clusterID: string;

  @Field(() => String, { nullable: true, description: "Liqo address (Liqo 0.x). Null where there is none." })
  abstract readonly endpoint: string | null;

  @Field(() => String, {
    nullable: true,
    description: "Liqo's token (Liqo 0.x). A secret: who has it can peer with this cluster. Only you see it.",
  })
  abstract readonly token: string | null;
}

@ObjectType("Connector", { description: "This cluster's Connector." })
export abstract class ConnectorType {
  @Field(() => Boolean, { description: "True once initCatalog has given the cluster a name and a contract endpoint." })
  abstract readonly ready: boolean;

  @Field(() => String, { nullable: true, description: "This cluster's name for people. Null before initCatalog." })
  abstract readonly prettyName: string | null;

  @Field(() => String, {
    nullable: true,
    description: "Contract endpoint: where other Connectors reach this one. Null before initCatalog.",
  })
  abstract readonly contractEndpoint: string | null;

  @Field(() => ID, { description: "This cluster's key fingerprint: its identity." })
  abstract readonly fingerprint: string;

  @Field(() => ClusterParametersType, {
    nullable: true,
    description: "What Liqo needs to reach this cluster. Null while the cluster driver does not know it.",
  })
  abstract readonly clusterParameters: ClusterParametersType | null;

  @Field(() => LiqoType, { description: "Which Liqo runs here." })
  abstract readonly liqo: LiqoType;

  @Field(() => Timestamp, { nullable: true, description: "When initCatalog was called first, Unix seconds." })
  abstract readonly created: number | null;

  @Field(() => String, {
    nullable: true,
    description: "This cluster's signed descriptor, as others see it. Null before initCatalog.",
  })
  abstract readonly descriptor: string | null;

  @Field(() => [String], { description: "What needs attention, in words; the query diagnostics says more." })
  abstract readonly warnings: readonly string[];
}

@ObjectType("Diagnosis", { description: "One check of what newcomers get wrong most often." })
export abstract class DiagnosisType {
  @Field(() => ID, { description: "Names the check, for scripts." })
  abstract readonly check: string;

  @Field(() => Boolean, { description: "Whether all is well." })
  abstract readonly ok: boolean;

  @Field(() => SeverityEnum, { description: "How much it matters." })
  abstract readonly severity: Severity;

  @Field(() => String, { description: "What was found." })
  abstract readonly message: string;

  @Field(() => String, { nullable: true, description: "What to do about it. Null where nothing needs to be done." })
  abstract readonly whatToDo: string | null;
}

@ObjectType("ResourceCapacity", { description: "How one resource stands in this cluster, in Kubernetes quantities." })
export abstract class ResourceCapacityType {
  @Field(() => String, { description: "Kubernetes' name of it." })
  abstract readonly resource: string;

  @Field(() => String, { nullable: true, description: "What the nodes have. Null where nobody can tell." })
  abstract readonly allocatable: string | null;

  @Field(() => String, { nullable: true, description: "What is in use on them. Null where nobody can tell." })
  abstract readonly used: string | null;

  @Field(() => String, { description: "What the own offers declare in all." })
  abstract readonly declared: string;

  @Field(() => String, { description: "What contracts hold." })
  abstract readonly sold: string;

  @Field(() => String, { description: "What can still be sold." })
  abstract readonly left: string;
}

@ObjectType("Allowance", {
  description: "What another cluster may use here without a contract, for peerings that existed before.",
})
export abstract class AllowanceType {
  @Field(() => ID, { description: "Liqo's cluster id of the other cluster." })
  abstract readonly clusterID: string;

  @Field(() => Boolean, { description: "True if it may use everything." })
  abstract readonly unlimited: boolean;

  @Field(() => ResourceList, {
    description: "What it may use; empty where unlimited says everything, or nothing is allowed.",
  })
  abstract readonly resources: Resources;
}

@ObjectType("ActivityEntry", { description: "Something that happened here." })
export abstract class ActivityEntryType {
  @Field(() => ID, { description: "Rises with every entry; give it as `before` to read older ones." })
  abstract readonly id: string;

  @Field(() => Timestamp, { description: "When, Unix seconds." })
  abstract readonly at: number;

  @Field(() => String, {
    description: "Who did it: an admin, `peer <fingerprint>`, or `connector` for what happens by itself.",
  })
  abstract readonly actor: string;

  @Field(() => String, { description: "What was done, such as offer.saved or contract.activated." })
  abstract readonly action: string;

  @Field(() => String, { description: "Id of what it was done to." })
  abstract readonly subject: string;

  @Field(() => String, { description: "The same in words." })
  abstract readonly message: string;
}
