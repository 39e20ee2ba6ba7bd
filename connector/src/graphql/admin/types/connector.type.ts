import type { ResourceList as Resources } from "@catalog/schema/resource-list";
import { ResourceList, Timestamp } from "@catalog/server/graphql/scalars";
import { Field, ID, InputType, ObjectType } from "type-graphql";
import type { ActivityFilter } from "../../../services/contracts/ledger-ports.js";
import type { Severity } from "../../../services/cluster/diagnosis.js";
import { SeverityEnum } from "../enums.js";
import { LiqoType } from "./catalog.type.js";

@ObjectType("ClusterParameters", { description: "What Liqo needs to reach this cluster." })
export class ClusterParametersType {
  @Field(() => String, { description: "Liqo's cluster name." })
  readonly clusterName!: string;

  @Field(() => ID, { description: "Liqo's cluster id." })
  readonly clusterID!: string;

  @Field(() => String, { nullable: true, description: "Liqo address (Liqo 0.x). Null where there is none." })
  readonly endpoint!: string | null;

  @Field(() => String, {
    nullable: true,
    description: "Liqo's token (Liqo 0.x). A secret: who has it can peer with this cluster. Only you see it.",
  })
  readonly token!: string | null;
}

@ObjectType("Connector", { description: "This cluster's Connector." })
export class ConnectorType {
  @Field(() => Boolean, { description: "True once initCatalog has given the cluster a name and a contract endpoint." })
  readonly ready!: boolean;

  @Field(() => String, { nullable: true, description: "This cluster's name for people. Null before initCatalog." })
  readonly prettyName!: string | null;

  @Field(() => String, {
    nullable: true,
    description: "Contract endpoint: where other Connectors reach this one. Null before initCatalog.",
  })
  readonly contractEndpoint!: string | null;

  @Field(() => ID, { description: "This cluster's key fingerprint: its identity." })
  readonly fingerprint!: string;

  @Field(() => ClusterParametersType, {
    nullable: true,
    description: "What Liqo needs to reach this cluster. Null while the cluster driver does not know it.",
  })
  readonly clusterParameters!: ClusterParametersType | null;

  @Field(() => LiqoType, { description: "Which Liqo runs here." })
  readonly liqo!: LiqoType;

  @Field(() => Timestamp, { nullable: true, description: "When initCatalog was called first, Unix seconds." })
  readonly created!: number | null;

  @Field(() => String, {
    nullable: true,
    description: "This cluster's signed descriptor, as others see it. Null before initCatalog.",
  })
  readonly descriptor!: string | null;

  @Field(() => [String], { description: "What needs attention, in words; the query diagnostics says more." })
  readonly warnings!: readonly string[];
}

@ObjectType("Diagnosis", { description: "One check of what newcomers get wrong most often." })
export class DiagnosisType {
  @Field(() => ID, { description: "Names the check, for scripts." })
  readonly check!: string;

  @Field(() => Boolean, { description: "Whether all is well." })
  readonly ok!: boolean;

  @Field(() => SeverityEnum, { description: "How much it matters." })
  readonly severity!: Severity;

  @Field(() => String, { description: "What was found." })
  readonly message!: string;

  @Field(() => String, { nullable: true, description: "What to do about it. Null where nothing needs to be done." })
  readonly whatToDo!: string | null;
}

@ObjectType("Allowance", {
  description: "What another cluster may use here without a contract, for peerings that existed before.",
})
export class AllowanceType {
  @Field(() => ID, { description: "Liqo's cluster id of the other cluster." })
  readonly clusterID!: string;

  @Field(() => Boolean, { description: "True if it may use everything." })
  readonly unlimited!: boolean;

  @Field(() => ResourceList, {
    description: "What it may use; empty where unlimited says everything, or nothing is allowed.",
  })
  readonly resources!: Resources;

  @Field(() => Boolean, {
    description:
      "False for a cluster that peered here before and of which you have not said anything: it keeps what it has until setAllowance says otherwise.",
  })
  readonly decided!: boolean;
}

@InputType("ActivityFilter", {
  description: "Which entries of the activity list; every condition that is given counts.",
})
export class ActivityFilterType implements ActivityFilter {
  @Field(() => String, { nullable: true, description: "A part of the message, in any case; at most 256 characters." })
  readonly text?: string | null;

  @Field(() => String, { nullable: true, description: "Who did it begins with this, such as admin, script or peer." })
  readonly actor?: string | null;

  @Field(() => String, {
    nullable: true,
    description: "What was done begins with this, such as contract. or offer.saved.",
  })
  readonly action?: string | null;

  @Field(() => String, { nullable: true, description: "Id of exactly what it was done to." })
  readonly subject?: string | null;
}

@ObjectType("ActivityEntry", { description: "Something that happened here." })
export class ActivityEntryType {
  @Field(() => ID, { description: "Rises with every entry; give it as `before` to read older ones." })
  readonly id!: string;

  @Field(() => Timestamp, { description: "When, Unix seconds." })
  readonly at!: number;

  @Field(() => String, {
    description: "Who did it: an admin, `peer <fingerprint>`, or `connector` for what happens by itself.",
  })
  readonly actor!: string;

  @Field(() => String, { description: "What was done, such as offer.saved or contract.activated." })
  readonly action!: string;

  @Field(() => String, { description: "Id of what it was done to." })
  readonly subject!: string;

  @Field(() => String, { description: "The same in words." })
  readonly message!: string;
}
