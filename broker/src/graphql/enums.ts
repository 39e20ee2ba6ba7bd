import { APPROVALS, CAPACITIES, type Approval, type Capacity } from "@catalog/schema/offer";
import { COST_PERIODS, type CostPeriod } from "@catalog/schema/money";
import type { FeedEventType, FeedKind, FeedOp } from "@catalog/schema/feed";
import { ERROR_CODES, type ErrorCode } from "@catalog/schema/errors";
import { OFFER_ORDERS, type OfferOrder } from "@catalog/schema/offer-order";
import { registerEnumType } from "type-graphql";

import { ENROLMENT_MODES, MEMBER_STATUSES, type EnrolmentMode, type MemberStatus } from "../domain/member.js";
import type { Viewer } from "../domain/viewer.js";

type Enum<Value extends string> = Readonly<Record<Value, Value>>;

function enumOf<Value extends string>(
  name: string,
  description: string,
  values: readonly Value[],
  descriptions: Readonly<Record<Value, string>>,
): Enum<Value> {
  const object = Object.fromEntries(values.map((value) => [value, value])) as Enum<Value>;
  const valuesConfig = Object.fromEntries(values.map((value) => [value, { description: descriptions[value] }]));
  registerEnumType(object, { name, description, valuesConfig: valuesConfig as Record<Value, { description: string }> });
  return object;
}

export const CostPeriodEnum = enumOf<CostPeriod>("CostPeriod", "The time that a price pays for.", COST_PERIODS, {
  hour: "One hour.",
  day: "24 hours.",
  week: "7 days.",
  month: "One twelfth of a year of 365 days.",
  year: "365 days.",
});

export const ApprovalEnum = enumOf<Approval>("Approval", "How a provider answers a request to buy.", APPROVALS, {
  AUTO: "At once, first come, first served.",
  MANUAL: "The provider's admin decides on each request.",
});

export const CapacityEnum = enumOf<Capacity>("Capacity", "What the offered capacity rests on.", CAPACITIES, {
  DECLARED: "The provider's word; it may exceed what nodes show now, as with node pools that grow on demand.",
  MEASURED: "What the provider's nodes can allocate.",
});

export const OfferOrderEnum = enumOf<OfferOrder>(
  "OfferOrder",
  "Order of a list of offers. Equal ones always follow by key fingerprint and offer id, so that pages never overlap.",
  OFFER_ORDERS,
  {
    NAME_ASC: "By offer name.",
    NAME_DESC: "By offer name, backwards.",
    COST_ASC: "By currency, then by the cheapest plan's price per month.",
    COST_DESC: "COST_ASC backwards: currency too.",
    CREATED_ASC: "Oldest first.",
    CREATED_DESC: "Newest first.",
    AVAILABLE_DESC: "Most units left first.",
  },
);

export const MemberStatusEnum = enumOf<MemberStatus>(
  "ClusterStatus",
  "Where a cluster stands with this Broker.",
  MEMBER_STATUSES,
  {
    PENDING: "Waits for the operator's approval.",
    ADMITTED: "Is a member.",
    LEFT: "Has left; its cluster id stays reserved for its identity.",
    REVOKED: "Was shut out by the operator; its cluster id is free.",
  },
);

export const EnrolmentModeEnum = enumOf<EnrolmentMode>(
  "EnrolmentMode",
  "How a Broker lets clusters in.",
  ENROLMENT_MODES,
  {
    TOKEN: "With a join string only.",
    APPROVAL: "With a join string, or by the operator's approval of the key fingerprint.",
    OPEN: "Whoever asks. For demonstrations.",
  },
);

export type ViewerKind = Viewer["kind"];
export const ViewerKindEnum = enumOf<ViewerKind>(
  "ViewerKind",
  "As whom the Broker knows the caller.",
  ["ANONYMOUS", "APPLICANT", "MEMBER", "READER", "OPERATOR"],
  {
    ANONYMOUS: "The request said nothing about who sends it.",
    APPLICANT: "A proven cluster identity that is not a member now.",
    MEMBER: "An admitted cluster, by its request proof.",
    READER: "A holder of a read token.",
    OPERATOR: "The operator, by the admin token.",
  },
);

export const EnrolmentStatusEnum = enumOf<"PENDING" | "ADMITTED">(
  "EnrolmentStatus",
  "Where a cluster stands after it has asked to join.",
  ["PENDING", "ADMITTED"],
  { PENDING: "The operator has to approve its key fingerprint.", ADMITTED: "It is a member." },
);

export const FeedEventTypeEnum = enumOf<FeedEventType>(
  "CatalogEventType",
  "What a message of the catalog feed means.",
  ["RESET", "ITEMS", "SYNCED", "HEARTBEAT"],
  {
    RESET: "A complete snapshot follows. Forget what it does not repeat, but only at the next SYNCED.",
    ITEMS: "Changes to apply, in order of their revisions.",
    SYNCED: "Everything that existed when the subscription began has been sent; live changes follow.",
    HEARTBEAT: "Nothing has changed for a while.",
  },
);

export const FeedOpEnum = enumOf<FeedOp>("ChangeOp", "What happened to an item.", ["UPSERT", "REMOVE"], {
  UPSERT: "It is new or has changed.",
  REMOVE: "It is not listed any more, or no longer fits the filter.",
});

export const FeedKindEnum = enumOf<FeedKind>("ItemKind", "What an item of the catalog is.", ["CLUSTER", "OFFER"], {
  CLUSTER: "A member of the Broker.",
  OFFER: "An offer of a member.",
});

const ERROR_NAMES = Object.keys(ERROR_CODES) as ErrorCode[];

export const ErrorCodeEnum = enumOf<ErrorCode>(
  "ErrorCode",
  "Why something was refused: `extensions.code` of every error. `extensions.definitive` is false where repeating the request may help.",
  ERROR_NAMES,
  Object.fromEntries(ERROR_NAMES.map((code) => [code, described(code)])) as Record<ErrorCode, string>,
);

function described(code: ErrorCode): string {
  const { description, definitive } = ERROR_CODES[code];
  return `${description} ${definitive ? "Definitive." : "Transient."}`;
}
