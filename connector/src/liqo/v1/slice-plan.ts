import { amountOf, type Amounts } from "@catalog/schema/resource-list";
import type { KubeObject } from "../kube/kube-api.js";
import { conditionOf, type SliceDecision } from "../forge/slice-status.js";
import { CORDON, CORDONED_BY, ORIGIN, REPLICATION } from "../forge/tenant-labels.js";
import { sliceUserOf } from "../forge/tenant-names.js";
import { askedAmounts, clippedNames, isNothing, shareGrant, type SliceAsk } from "./share-grant.js";
import { lagsBehind, roomNow, type SliceClaim } from "./slice-room.js";

/** Everything that decides about the slices of one customer. */
export interface SliceObservation {
  /** Liqo's id of this cluster. */
  readonly ownID: string;
  /** The class that is sold here. */
  readonly className: string;
  /** The customer's id, from the Tenants of its namespaces, never from a slice. */
  readonly consumerID: string;
  /** Every Tenant of the namespaces in which the slices are. */
  readonly tenants: readonly KubeObject[];
  readonly slices: readonly KubeObject[];
  /** Quotas in the same namespaces: one outlives its slice until Kubernetes has collected it, and holds what it says till then. */
  readonly quotas: readonly KubeObject[];
  readonly grant: Amounts;
  readonly nodeLabels: Readonly<Record<string, string>>;
}

/** What is to be done about one slice. */
export interface SliceStep {
  readonly slice: KubeObject;
  readonly decision: SliceDecision;
  /** Set or take off our cordon; undefined leaves it as it is. */
  readonly cordon: boolean | undefined;
}

const FOLLOWS = "More follows as soon as Liqo has taken it back from this cluster's other slices.";

/** Fields of a slice's spec that count here. */
interface SliceSpec {
  readonly class?: unknown;
  readonly providerClusterID?: unknown;
  readonly resources?: unknown;
}

/** Fields of a Tenant's spec that count here. */
interface TenantSpec {
  readonly clusterID?: unknown;
  readonly tenantCondition?: unknown;
}

/** The customer of whom a namespace is; undefined if no Tenant says so, or several disagree. */
export function consumerOf(tenants: readonly KubeObject[], namespace: string): string | undefined {
  const ids = new Set(
    tenants
      .filter(({ metadata }) => metadata.namespace === namespace)
      .map((tenant) => specOf<TenantSpec>(tenant).clusterID),
  );
  const [id] = ids;
  return ids.size === 1 && typeof id === "string" && id !== "" ? id : undefined;
}

/** Whether this slice is a customer's wish to be judged here: of our class, not one of our own purchases. */
export function isCustomerSlice(slice: KubeObject, ownID: string, className: string): boolean {
  const spec = specOf<SliceSpec>(slice);
  return spec.class === className && !isOwnPurchase(slice, ownID);
}

/** A slice that this cluster replicates to a provider. A label alone does not make it one: a peer could put that on its own. */
export function isOwnPurchase(slice: KubeObject, ownID: string): boolean {
  const { labels } = slice.metadata;
  const spec = specOf<SliceSpec>(slice);
  return (
    labels?.[REPLICATION] === "true" &&
    labels[ORIGIN] === undefined &&
    typeof spec.providerClusterID === "string" &&
    spec.providerClusterID !== ownID
  );
}

/** What is to be done about the slices of one customer. */
export interface SlicePlan {
  /**
   * The decision about every slice that is ours to decide now; slices that wait for Liqo, or whose Tenant is not active, are left alone, and so
   * are new ones for which there is room only once Liqo has taken it back from others.
   */
  readonly steps: readonly SliceStep[];
  /** Quotas, as `namespace/name`, that Liqo has still to lower before every slice can have its share; none if nothing waits for them. */
  readonly awaitedQuotas: readonly string[];
}

/** Plans with everything that was observed. Pure. */
export function planSlices(observation: SliceObservation): SlicePlan {
  const claims = claimsOf(observation);
  const steps = claims.flatMap(({ slice, share, room }): SliceStep[] => {
    if (!isDecidable(slice, observation)) return [];
    if (isNothing(room) && !isNothing(share) && !hadGrant(slice)) return [];
    return [{ slice, decision: decide(slice, room, share, observation), cordon: cordonOf(slice, room) }];
  });
  const isWaiting = claims.some(({ share, room }) => isLess(room, share));
  const lagging = claims.filter(lagsBehind).map(({ slice }) => quotaKey(slice, observation.consumerID));
  return { steps, awaitedQuotas: isWaiting ? lagging : [] };
}

/** One slice, with what it is to have and what of it there is room for now. */
interface SliceShare extends SliceClaim {
  readonly slice: KubeObject;
  readonly room: Amounts;
}

function claimsOf(observation: SliceObservation): readonly SliceShare[] {
  const { quotas, consumerID, ownID, className } = observation;
  // Those on their way out too: their Quota stands until they are gone.
  const slices = observation.slices.filter((slice) => isCustomerSlice(slice, ownID, className)).sort(byAge);
  const enforced = new Map(quotas.map((quota) => [keyOf(quota.metadata), askedAmounts(askOf(quota))]));
  const grant = available(observation);
  const shares = shareGrant(grant, slices.map(askOf));
  const claims = slices.map((slice, index) => ({
    slice,
    share: shares[index] ?? {},
    granted: grantedOf(slice),
    enforced: enforced.get(quotaKey(slice, consumerID)) ?? {},
  }));
  const rooms = roomNow(grant, claims);
  return claims.map((claim, index) => ({ ...claim, room: rooms[index] ?? {} }));
}

function keyOf({ namespace, name }: KubeObject["metadata"]): string {
  return `${namespace}/${name}`;
}

function quotaKey({ metadata }: KubeObject, consumerID: string): string {
  return keyOf({ ...metadata, name: sliceUserOf(metadata.name, consumerID) });
}

function isLess(some: Amounts, all: Amounts): boolean {
  return Object.entries(all).some(([name, amount]) => amountOf(some, name) < amount);
}

/** The grant without what Quotas hold of which the slice is gone: a customer that makes slices anew does not get it twice. */
function available({ grant, quotas, slices, consumerID }: SliceObservation): Amounts {
  const present = new Set(slices.map((slice) => quotaKey(slice, consumerID)));
  const held = quotas
    .filter(({ metadata }) => !present.has(keyOf(metadata)))
    .map((quota) => askedAmounts(askOf(quota)));
  const left = (name: string, amount: bigint): bigint =>
    held.reduce((rest, amounts) => rest - amountOf(amounts, name), amount);
  return Object.fromEntries(Object.entries(grant).map(([name, amount]) => [name, left(name, amount)]));
}

/** Whether a slice gets more of anything than its status says now. */
export function grows({ slice, decision }: SliceStep): boolean {
  if (decision.verdict === "Denied") return false;
  const before = grantedOf(slice);
  return Object.entries(decision.resources).some(([name, amount]) => amount > amountOf(before, name));
}

/** What a slice's status says. */
function grantedOf(slice: KubeObject): Amounts {
  const { resources } = (slice.status ?? {}) as { resources?: unknown };
  return askedAmounts(typeof resources === "object" && resources !== null ? (resources as SliceAsk) : {});
}

/** Older slices first, so that a new one never takes from one that runs. */
function byAge(a: KubeObject, b: KubeObject): number {
  const key = ({ metadata }: KubeObject): string =>
    `${metadata.creationTimestamp ?? ""} ${metadata.namespace ?? ""} ${metadata.name}`;
  return key(a) < key(b) ? -1 : 1;
}

function isDecidable(slice: KubeObject, { tenants, consumerID }: SliceObservation): boolean {
  if (conditionOf(slice, "Authentication")?.status !== "Accepted") return false;
  const own = tenants.filter(({ metadata }) => metadata.namespace === slice.metadata.namespace);
  return (
    own.length > 0 &&
    own.every((tenant) => {
      const spec = specOf<TenantSpec>(tenant);
      const isActive = (spec.tenantCondition ?? "Active") === "Active";
      return isActive && spec.clusterID === consumerID && tenant.metadata.deletionTimestamp === undefined;
    })
  );
}

function decide(
  slice: KubeObject,
  room: Amounts,
  share: Amounts,
  { nodeLabels, grant }: SliceObservation,
): SliceDecision {
  if (!isNothing(room))
    return { verdict: "Accepted", resources: room, nodeLabels, message: whatIsGiven(slice, room, share) };
  if (hadGrant(slice)) {
    const resources = Object.fromEntries(Object.keys(room).map((name) => [name, 0n]));
    return { verdict: "Accepted", resources, nodeLabels: {}, message: isNothing(share) ? whyNothing(grant) : FOLLOWS };
  }
  return { verdict: "Denied", message: whyNothing(grant) };
}

/** A slice that was ever granted something keeps a Quota that only explicit zeros lower. */
function hadGrant(slice: KubeObject): boolean {
  const { resources } = (slice.status ?? {}) as { resources?: unknown };
  const isNamed = typeof resources === "object" && resources !== null && Object.keys(resources).length > 0;
  return isNamed || conditionOf(slice, "Resources")?.status === "Accepted";
}

function whatIsGiven(slice: KubeObject, room: Amounts, share: Amounts): string {
  if (isLess(room, share)) return FOLLOWS;
  const clipped = clippedNames(askOf(slice), share);
  if (clipped.length === 0) return "Granted as bought.";
  return `Granted as bought; less than asked for of ${clipped.slice(0, 10).join(", ")}.`.slice(0, 1_000);
}

function whyNothing(grant: Amounts): string {
  return isNothing(grant)
    ? "Nothing is sold to this cluster now: there is no active contract. Buy an offer in the Catalog, or ask the provider."
    : "What was bought is taken by this cluster's other slices, or this slice asks for nothing that was bought.";
}

function cordonOf(slice: KubeObject, share: Amounts): boolean | undefined {
  const { annotations } = slice.metadata;
  if (!isNothing(share)) return annotations?.[CORDONED_BY] === undefined ? undefined : false;
  return hadGrant(slice) && annotations?.[CORDON] !== "true" ? true : undefined;
}

function askOf(slice: KubeObject): SliceAsk {
  const { resources } = specOf<SliceSpec>(slice);
  return typeof resources === "object" && resources !== null ? (resources as SliceAsk) : {};
}

function specOf<T extends object>(object: KubeObject): Partial<T> {
  return typeof object.spec === "object" && object.spec !== null ? object.spec : {};
}
