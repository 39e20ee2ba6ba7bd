import { CONTRACT_STATES, type ContractAction, type ContractRole, type ContractState } from "@catalog/schema/contract";
import { ERROR_CODES, isErrorCode, type ErrorCode } from "@catalog/schema/errors";
import type { FeedEventType, FeedKind, FeedOp } from "@catalog/schema/feed";
import { COST_PERIODS, type CostPeriod } from "@catalog/schema/money";
import { APPROVALS, CAPACITIES, type Approval, type Capacity } from "@catalog/schema/offer";
import { OFFER_ORDERS, type OfferOrder } from "@catalog/schema/offer-order";
import type { PinSource } from "@catalog/schema/replica-identity";
import { registerEnumType } from "type-graphql";
import { SEVERITIES, type Severity } from "../../services/cluster/diagnosis.js";

type Enum<Value extends string> = Readonly<Record<Value, Value>>;

const ERROR_NAMES = Object.keys(ERROR_CODES).filter(isErrorCode);

function meaningOf(name: ErrorCode): string {
  const { definitive, description } = ERROR_CODES[name];
  return `${description} ${definitive ? "Definitive." : "Transient."}`;
}

/** A GraphQL enum of the words of a type, each explained. */
export function enumOf<Value extends string>(
  name: string,
  description: string,
  values: readonly Value[],
  meanings: Readonly<Record<Value, string>>,
): Enum<Value> {
  const object = Object.fromEntries(values.map((value) => [value, value])) as Enum<Value>;
  const entries = values.map((value): [Value, { description: string }] => [value, { description: meanings[value] }]);
  registerEnumType(object, {
    name,
    description,
    valuesConfig: Object.fromEntries(entries) as Record<Value, { description: string }>,
  });
  return object;
}

export const CostPeriodEnum = enumOf<CostPeriod>("CostPeriod", "The period that a price pays for.", COST_PERIODS, {
  hour: "An hour.",
  day: "A day of 24 hours.",
  week: "A week of 7 days.",
  month: "A month: the twelfth part of a year.",
  year: "A year of 365 days.",
});

export const ApprovalEnum = enumOf<Approval>("Approval", "Who decides on a request to buy.", APPROVALS, {
  AUTO: "Nobody: whoever is first gets it while units are left.",
  MANUAL: "The provider's admin approves or rejects each request.",
});

export const CapacityEnum = enumOf<Capacity>("Capacity", "What the quantity of an offer rests on.", CAPACITIES, {
  DECLARED: "On the provider's word; it may be more than the nodes show now, because pools can grow on demand.",
  MEASURED: "On what the provider's nodes show.",
});

export const OfferOrderEnum = enumOf<OfferOrder>(
  "OfferOrder",
  "The order of a list of offers. What is equal in it follows by key fingerprint and offer id.",
  OFFER_ORDERS,
  {
    NAME_ASC: "By name.",
    NAME_DESC: "By name, from the end.",
    COST_ASC: "By currency, then by the cheapest plan's cost per month.",
    COST_DESC: "The other way round.",
    CREATED_ASC: "The oldest first.",
    CREATED_DESC: "The newest first.",
    AVAILABLE_DESC: "The one with the most units left first.",
  },
);

export const FeedEventTypeEnum = enumOf<FeedEventType>(
  "CatalogEventType",
  "What a message of the catalog subscription means.",
  ["RESET", "ITEMS", "SYNCED", "HEARTBEAT"],
  {
    RESET: "Everything follows from the beginning; what has not been seen again at SYNCED is gone.",
    ITEMS: "Items have changed.",
    SYNCED: "Everything up to now has been told; from here on changes come as they happen.",
    HEARTBEAT: "Nothing has changed for a while.",
  },
);

export const FeedOpEnum = enumOf<FeedOp>("ChangeOp", "What happened to an item.", ["UPSERT", "REMOVE"], {
  UPSERT: "It is new or has changed.",
  REMOVE: "It is not in the Catalog any more, or no longer fits the filter.",
});

export const FeedKindEnum = enumOf<FeedKind>("ItemKind", "What an item of the Catalog is.", ["CLUSTER", "OFFER"], {
  CLUSTER: "A cluster.",
  OFFER: "An offer of a cluster.",
});

export const ContractStateEnum = enumOf<ContractState>("ContractState", "Where a contract stands.", CONTRACT_STATES, {
  REQUESTED: "The customer has decided to buy; the provider has not answered yet.",
  PENDING_APPROVAL: "The provider's admin has to decide. Nothing is held meanwhile.",
  RESERVED: "The provider holds the units and has frozen the terms.",
  CONFIRMING: "The customer has signed; the provider has not confirmed that yet.",
  CONFIRMED: "Both have signed.",
  ACTIVE: "In force: the customer may use what it bought.",
  REJECTED: "The provider has refused; code and message say why.",
  EXPIRED: "A deadline has passed, or the agreed end has come.",
  TERMINATED: "One of the two has ended it.",
  RENEWED: "A successor has taken its place.",
});

export const ContractRoleEnum = enumOf<ContractRole>(
  "ContractRole",
  "Which side of a contract this cluster is.",
  ["BUYER", "SELLER"],
  {
    BUYER: "The customer.",
    SELLER: "The provider.",
  },
);

export const ContractActionEnum = enumOf<ContractAction>(
  "ContractAction",
  "What the admin of this cluster can do with a contract now.",
  ["APPROVE", "REJECT", "TERMINATE"],
  {
    APPROVE: "approveContract: take the units from stock and reserve them for the customer.",
    REJECT: "rejectContract: refuse the request.",
    TERMINATE: "terminateContract: end it.",
  },
);

export const ErrorCodeEnum = enumOf<ErrorCode>(
  "ErrorCode",
  "What went wrong: the value of extensions.code of every error, over HTTP and WebSocket alike. extensions.definitive is true where repeating the same request is of no use.",
  ERROR_NAMES,
  Object.fromEntries(ERROR_NAMES.map((name) => [name, meaningOf(name)])) as Record<ErrorCode, string>,
);

export const MembershipEnum = enumOf<"PENDING" | "ADMITTED">(
  "BrokerMembership",
  "How this cluster stands with a Broker.",
  ["PENDING", "ADMITTED"],
  {
    PENDING: "Its operator has not admitted this cluster yet; asked again until it has.",
    ADMITTED: "This cluster is a member.",
  },
);

export const PinSourceEnum = enumOf<PinSource>(
  "PinSource",
  "How another cluster's identity became known here.",
  ["BROKER", "ADMIN"],
  {
    BROKER: "A Broker listed it.",
    ADMIN: "The admin of this cluster has trusted it by hand.",
  },
);

export const SeverityEnum = enumOf<Severity>("Severity", "How much a finding matters.", SEVERITIES, {
  INFO: "Good to know.",
  WARNING: "Something works less well than it could, or will fail for others.",
  ERROR: "Something that this cluster is for does not work.",
});
