import { formatQuantity } from "@catalog/schema/quantity";
import type { Amounts } from "@catalog/schema/resource-list";
import type { KubeObject } from "../kube/kube-api.js";
import { isSameJson } from "./same-json.js";
import { CORDON, CORDONED_BY } from "./tenant-labels.js";

/** A condition of a ResourceSlice. */
export interface SliceCondition {
  readonly type: string;
  readonly status: string;
  readonly reason?: string;
  readonly message?: string;
  readonly lastTransitionTime?: string;
}

/** What is decided about the resources of one slice. */
export type SliceDecision =
  | {
      readonly verdict: "Accepted";
      readonly resources: Amounts;
      readonly nodeLabels: Readonly<Record<string, string>>;
      readonly message: string;
    }
  | { readonly verdict: "Denied"; readonly message: string };

const BINARY = new Set(["memory", "ephemeral-storage"]);
const NANOS = 1_000_000_000n;
const REASONS = { Accepted: "ResourceSliceResourcesAccepted", Denied: "ResourceSliceResourcesDenied" };

/** Kubernetes quantities of a grant: canonical, never negative, pods whole, names in order. */
export function grantedQuantities(amounts: Amounts): Record<string, string> {
  return Object.fromEntries(
    Object.entries(amounts)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([name, amount]) => [name, quantity(name, amount < 0n ? 0n : amount)]),
  );
}

function quantity(name: string, amount: bigint): string {
  if (name === "pods") return formatQuantity(amount - (amount % NANOS), "decimal");
  return formatQuantity(amount, BINARY.has(name) || name.startsWith("hugepages-") ? "binary" : "decimal");
}

/** The conditions of a slice; what is not a condition is left out. */
export function conditionsOf(slice: KubeObject): readonly SliceCondition[] {
  const { conditions } = (slice.status ?? {}) as { conditions?: unknown };
  return Array.isArray(conditions) ? conditions.filter(isCondition) : [];
}

/** The condition of one type. */
export function conditionOf(slice: KubeObject, type: "Authentication" | "Resources"): SliceCondition | undefined {
  return conditionsOf(slice).find((condition) => condition.type === type);
}

function isCondition(value: unknown): value is SliceCondition {
  return typeof value === "object" && value !== null && "type" in value && "status" in value;
}

/**
 * The slice with the decision in its status, ready to be written with its resourceVersion; undefined if it says so already. The list of
 * conditions is replaced as a whole by Kubernetes, so Liqo's own are carried over.
 * @param now RFC 3339 time of the change.
 */
export function withDecision(slice: KubeObject, decision: SliceDecision, now: string): KubeObject | undefined {
  const before = (slice.status ?? {}) as Readonly<Record<string, unknown>>;
  const granted =
    decision.verdict === "Accepted"
      ? {
          resources: grantedQuantities(decision.resources),
          ...(Object.keys(decision.nodeLabels).length > 0 || before["nodeLabels"] !== undefined
            ? { nodeLabels: decision.nodeLabels }
            : {}),
        }
      : {};
  const status = { ...before, ...granted, conditions: merged(slice, decision, now) };
  return isSameJson(before, status) ? undefined : { ...slice, status };
}

function merged(slice: KubeObject, { verdict, message }: SliceDecision, now: string): readonly SliceCondition[] {
  const before = conditionOf(slice, "Resources");
  const isMoved = before?.status !== verdict;
  const resources: SliceCondition = {
    type: "Resources",
    status: verdict,
    reason: REASONS[verdict],
    message,
    lastTransitionTime: isMoved ? now : (before.lastTransitionTime ?? now),
  };
  const conditions = conditionsOf(slice);
  if (before === undefined) return [...conditions, resources];
  return conditions.map((condition) => (condition === before ? resources : condition));
}

/** Keeps new pods off the slice, or lets them in again; a merge patch. */
export function cordonPatch(isCordoned: boolean): object {
  const value = isCordoned ? "true" : null;
  return { metadata: { annotations: { [CORDON]: value, [CORDONED_BY]: value } } };
}
