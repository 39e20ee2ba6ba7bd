import { allowedActions } from "@catalog/schema/contract";
import { stockOf, type CatalogOffer } from "@catalog/schema/catalog";
import { isErrorCode, type ErrorCode } from "@catalog/schema/errors";
import { fromMicros, toMicros } from "@catalog/schema/money";
import { formatQuantity } from "@catalog/schema/quantity";
import { scaleAmounts, toAmounts, type ResourceList } from "@catalog/schema/resource-list";
import type { Plan } from "@catalog/schema/offer";
import type { Equivocation } from "@catalog/schema/replica-message";
import { isInForce, planOf, type Contract, type TimelineEntry } from "../../domain/contract.js";
import type { BrokerState } from "../../services/brokers/broker.service.js";
import type { OfferPage, ProviderCluster } from "../../services/catalog/catalog.service.js";
import type { MergedEvent } from "../../services/catalog/catalog-feed.js";
import type { MyOffer } from "../../services/offers/offer.service.js";
import type { ClusterStanding } from "../../services/catalog/trust.service.js";
import type { BrokerType } from "./types/broker.type.js";
import type { CatalogEventType, CatalogType, OfferConnectionType } from "./types/catalog.type.js";
import type { ContractMoneyType, ContractStepType, ContractType } from "./types/contract.type.js";
import type { MyOfferType, OfferType } from "./types/offer.type.js";
import type { EquivocationType, KnownClusterType } from "./types/trust.type.js";

/** An offer of the Catalog with what is left of each plan. */
export function offerShape(offer: CatalogOffer): OfferType {
  return { ...offer, plans: offer.plans.map((plan) => ({ ...plan, available: stockOf(offer, plan.planID) })) };
}

export function catalogShape({ cluster, offers }: ProviderCluster): CatalogType {
  return { ...cluster, token: null, offers: offers.map(offerShape) };
}

export function offerPageShape({ edges, hasNextPage, totalCount, feedCursor }: OfferPage): OfferConnectionType {
  const shaped = edges.map(({ cursor, node }) => ({ cursor, node: offerShape(node) }));
  const pageInfo = { hasNextPage, endCursor: edges.at(-1)?.cursor ?? null };
  return { edges: shaped, nodes: shaped.map(({ node }) => node), pageInfo, totalCount, feedCursor };
}

export function catalogEventShape({ type, cursor, changes }: MergedEvent): CatalogEventType {
  const shaped = changes.map((change) => ({ ...change, offer: change.offer && offerShape(change.offer) }));
  return { type, cursor, changes: shaped };
}

export function myOfferShape({ offer, rev, termsRev, jws, isWithdrawn, isDeclared, stock }: MyOffer): MyOfferType {
  const byPlan = new Map(stock.map((one) => [one.planID, one]));
  const plans = offer.plans.map((plan) => {
    const { available = 0, held = 0, overcommitted = 0 } = byPlan.get(plan.planID) ?? {};
    return { ...plan, available, held, overcommitted };
  });
  return { ...offer, plans, rev, termsRev, jws, withdrawn: isWithdrawn, declared: isDeclared };
}

/** @param now the moment for which `lag` is told. */
export function brokerShape({ broker, health }: BrokerState, now: Date, isRegistered = true): BrokerType {
  const seconds = (date: Date | null): number | null => date && Math.floor(date.getTime() / 1000);
  return {
    brokerID: broker.brokerID,
    brokerName: broker.brokerName,
    brokerEndpoint: broker.brokerEndpoint,
    registered: isRegistered,
    subscribed: broker.isSubscribed,
    declared: broker.isDeclared,
    connected: health.isConnected,
    membership: broker.membership,
    pending: broker.membership === "PENDING",
    registeredAt: broker.registeredAt,
    connectedAt: health.isConnected ? seconds(health.connectedAt) : null,
    syncedAt: broker.syncedAt,
    lag: health.lastMessageAt && Math.max(0, Math.floor((now.getTime() - health.lastMessageAt.getTime()) / 1000)),
    lastError: health.lastError,
    lastErrorAt: seconds(health.lastErrorAt),
    announcedAt: seconds(health.announcedAt),
    publishError: health.publishError,
    refusedDocuments: health.refusedDocuments,
    lastRefusal: health.lastRefusal,
  };
}

/** A contract but for its timeline, which is read when it is asked for. @param now Unix seconds. */
export function contractShape(contract: Contract, now: number): Omit<ContractType, "timeline"> {
  const plan = planOf(contract) ?? null;
  const { request, documents, isBreach, isReleasedByForce, isOverdue, ...known } = contract;
  return {
    ...known,
    ...documents,
    enabled: isInForce(contract, now),
    allowedActions: allowedActions(contract.role, contract.state),
    buyerID: contract.buyer.clusterID,
    buyerFingerprint: contract.buyer.fingerprint,
    offerID: request.offerID,
    planID: request.planID,
    units: request.units,
    plan,
    resources: plan === null ? {} : resourcesOf(plan.resources, request.units),
    money: plan && moneyOf(plan, request.units),
    breach: isBreach,
    releasedByForce: isReleasedByForce,
    overdue: isOverdue,
    code: codeOf(contract.code),
  };
}

/** One step of a contract's history. */
export function stepShape({ state, at, actor, code, message }: TimelineEntry): ContractStepType {
  return { state, at, actor, code: codeOf(code), message };
}

/** A code that a newer Connector may have given and that is not known here is a refusal all the same. */
function codeOf(code: string | null): ErrorCode | null {
  return code === null || isErrorCode(code) ? code : "REJECTED_BY_SELLER";
}

export function clusterStandingShape({
  pin,
  descriptor,
  trusted,
  isListed,
  listedBy,
}: ClusterStanding): KnownClusterType {
  const { clusterName, clusterPrettyName, clusterContractEndpoint } = descriptor;
  return {
    fingerprint: pin.fingerprint,
    clusterID: pin.clusterID,
    clusterName,
    clusterPrettyName,
    clusterContractEndpoint,
    holdsClusterID: pin.isHolder,
    trusted: trusted !== null,
    trustedAt: trusted?.trustedAt ?? null,
    note: trusted?.note ?? null,
    listed: isListed,
    brokerIDs: listedBy,
    source: pin.source,
    pinnedAt: pin.pinnedAt,
    descriptor: pin.jws,
  };
}

export function equivocationShape({ offerID, firstJws, secondJws, ...known }: Equivocation): EquivocationType {
  return { ...known, offerID: offerID === "" ? null : offerID, first: firstJws, second: secondJws };
}

/** All units together, under Kubernetes' names. */
function resourcesOf(perUnit: ResourceList, units: number): ResourceList {
  const amounts = scaleAmounts(toAmounts(perUnit), units);
  const isBinary = (name: string): boolean => name === "memory" || name.includes("storage");
  return Object.fromEntries(
    Object.entries(amounts).map(([name, amount]) => [
      name,
      formatQuantity(amount, isBinary(name) ? "binary" : "decimal"),
    ]),
  );
}

function moneyOf({ planCost, planCostCurrency, planCostPeriod }: Plan, units: number): ContractMoneyType {
  const total = fromMicros(toMicros(planCost) * BigInt(units));
  return { cost: planCost, currency: planCostCurrency, period: planCostPeriod, total };
}
