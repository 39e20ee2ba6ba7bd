import type { Remains } from "./remains.js";
import type { PeeringTask } from "../../services/peerings/peering-ports.js";
import type { Amounts } from "@catalog/schema/resource-list";
import { amountOf } from "@catalog/schema/resource-list";
import { nonceSecret, type ConnectorAccount } from "../forge/handshake.js";
import { conditionOf } from "../forge/slice-status.js";
import { DRAINED_BY, isOurs } from "../forge/tenant-labels.js";
import type { KubeObject } from "../kube/kube-api.js";
import { PROVIDER_HALF_REMOVED } from "./network-stages.js";
import { placeOf, placeStages } from "./place-stages.js";
import { askedAmounts } from "./share-grant.js";
import {
  fieldsOf,
  planOf,
  refOf,
  removal,
  shown,
  type KubeAction,
  type Plan,
  type Stage,
  type Waits,
} from "./stages.js";
import { buysHere, placeRemoved, removing } from "./take-down-stages.js";
import { isOfAnother, shownConditions, type TenantView } from "./tenant-view.js";

/** What the provider's driver keeps between two runs. */
export interface ProviderMemory {
  readonly waits: Waits;
  /** The customer has said that its side is down. */
  readonly isPeerDown: boolean;
  /** Whether the customer wants the networks connected; null while it has not said so. */
  readonly hasNetwork: boolean | null;
  /** Unix ms since when no contract is in force. */
  readonly endingSince: number | null;
}

export type ProviderAction = KubeAction | { readonly do: "remember"; readonly memory: Partial<ProviderMemory> };

/** Everything that decides about the provider's side of one peering. */
export interface ProviderSeen {
  readonly task: PeeringTask;
  readonly view: TenantView;
  /** What Liqo has still to take away; nothing while a contract is in force. */
  readonly remains: Remains;
  readonly memory: ProviderMemory;
  readonly account: ConnectorAccount | null;
  /** What Liqo's Events say is wrong with the Tenant; undefined if nothing. */
  readonly tenantProblem: string | undefined;
  /** The class of ResourceSlice that is sold; what Liqo gives in others is no business of a contract. */
  readonly className: string;
  /** What the contracts in force give. */
  readonly sold: Amounts;
  readonly now: number;
  readonly patienceMs: number;
  readonly graceMs: number;
}

type ProviderStage = Stage<ProviderSeen, ProviderAction>;

/** What is to be done next so that the customer can come in. Pure. */
export function planProvider(seen: ProviderSeen): Plan<ProviderAction> {
  const { task, view, now, patienceMs, memory } = seen;
  const stages: readonly ProviderStage[] = [
    ...placeStages<ProviderSeen>("customer"),
    ...(memory.hasNetwork === false ? [PROVIDER_HALF_REMOVED] : []),
    NONCE,
    TENANT,
    SLICE,
  ];
  return planOf(stages, seen, {
    direction: "UP",
    now,
    patienceMs,
    waits: memory.waits,
    conditions: shownConditions(view.customerSlices),
    done: { phase: "ESTABLISHED", message: "The customer uses what it bought." },
    released: isGivenBack(seen) ? task.ending.map(({ contractID }) => contractID) : [],
  });
}

const NONCE: ProviderStage = {
  name: "nonce",
  judge: ({ view, task }) => {
    if (view.nonce === undefined) {
      const object = nonceSecret(placeOf({ task, view }));
      return { status: "DOING", message: "Liqo is asked for a nonce.", action: { do: "create", object } };
    }
    if (view.nonce.data?.["nonce"] !== undefined) return "DONE";
    return {
      status: "DOING",
      message: "Liqo is making a nonce.",
      object: shown(view.nonce),
      late: "Check that Liqo's controller manager runs in this cluster.",
    };
  },
};

const TENANT: ProviderStage = {
  name: "tenant",
  judge: (seen) => {
    const tenant = tenantOf(seen);
    if (tenant === undefined)
      return {
        status: "WAITING",
        message: "The customer's Connector has not introduced itself yet.",
        late: "Ask the customer whether its Connector runs, and whether it wants this peering.",
      };
    if (tenant.metadata.deletionTimestamp !== undefined)
      return {
        status: "DOING",
        message: "The Tenant of an earlier peering is still being removed.",
        object: shown(tenant),
      };
    const { tenantCondition = "Active" } = fieldsOf(tenant.spec);
    if (tenantCondition !== "Active") return inactive(tenant, String(tenantCondition));
    if (isLetIn(tenant)) return "DONE";
    if (seen.tenantProblem !== undefined)
      return {
        status: "WAITING",
        message: seen.tenantProblem,
        object: shown(tenant),
        whatToDo: "It heals by itself when the customer's Connector tries again; otherwise ask the customer.",
      };
    return {
      status: "DOING",
      message: "Liqo is letting the customer in.",
      object: shown(tenant),
      late: "Look at the Events of the Tenant.",
    };
  },
};

function inactive(tenant: KubeObject, condition: string): ReturnType<ProviderStage["judge"]> {
  if (isDrainedByUs(tenant)) {
    const patch = { metadata: { annotations: { [DRAINED_BY]: null } }, spec: { tenantCondition: "Active" } };
    const message = "The customer has a contract again and is let in.";
    return { status: "DOING", message, action: { do: "patch", ref: refOf(tenant), patch } };
  }
  return {
    status: "WAITING",
    message: `The Tenant is ${condition}, which somebody set by hand.`,
    whatToDo: "Set its tenantCondition to Active to let the customer in again.",
    object: shown(tenant),
  };
}

function isDrainedByUs(tenant: KubeObject): boolean {
  return isOurs(tenant) && tenant.metadata.annotations?.[DRAINED_BY] === "true";
}

const SLICE: ProviderStage = {
  name: "slice",
  judge: (seen) => {
    const slices = soldSlices(seen);
    if (slices.some(isInUse)) return "DONE";
    const [slice] = slices;
    if (slice === undefined)
      return {
        status: "WAITING",
        message: "The customer has not asked for what it bought yet.",
        late: "Its ResourceSlice may be refused by a policy, which only this side's audit log shows; or its Liqo does not reach this API server.",
      };
    return { status: "DOING", message: "The customer's ResourceSlice is being decided about.", object: shown(slice) };
  },
};

function soldSlices({ view, className }: ProviderSeen): readonly KubeObject[] {
  return view.customerSlices.filter(({ spec }) => fieldsOf(spec)["class"] === className);
}

function isInUse(slice: KubeObject): boolean {
  return slice.metadata.deletionTimestamp === undefined && conditionOf(slice, "Resources")?.status === "Accepted";
}

/** What is to be done next until the customer is out and nothing of ours is left. Pure. */
export function planProviderDown(seen: ProviderSeen): Plan<ProviderAction> {
  const { task, view, now, patienceMs, memory } = seen;
  const released = task.ending.map(({ contractID }) => contractID);
  const frame = {
    direction: "DOWN" as const,
    now,
    patienceMs,
    waits: memory.waits,
    conditions: shownConditions(view.customerSlices),
  };
  if (isOfAnother(view, task.peer.fingerprint)) {
    const message = "Nothing of the peering is left; another cluster with the same id has one.";
    return planOf([], seen, { ...frame, done: { phase: "GONE", message }, released });
  }
  if (task.isAllowed) {
    const message = "No contract is in force; the peering stays because of its allowance.";
    return planOf([], seen, { ...frame, done: { phase: "ESTABLISHED", message }, released });
  }
  const foreign = view.tenants.find((tenant) => !isOurs(tenant));
  if (foreign !== undefined) {
    const message = `No contract is in force. ${shown(foreign)} was made by hand and is left alone; nothing is granted to it.`;
    return releasedWhenGone(
      planOf([NOTHING_GRANTED, PROVIDER_HALF_REMOVED, PLACE_REMOVED], seen, {
        ...frame,
        done: { phase: "GONE", message },
        released: [],
      }),
      released,
    );
  }
  const done = { phase: "GONE" as const, message: "Nothing of the peering is left." };
  return releasedWhenGone(planOf(DOWN, seen, { ...frame, done, released: [] }), released);
}

function releasedWhenGone(plan: Plan<ProviderAction>, released: readonly string[]): Plan<ProviderAction> {
  return plan.report.phase === "GONE" ? { ...plan, report: { ...plan.report, released } } : plan;
}

const NOTHING_GRANTED: ProviderStage = {
  name: "grant",
  judge: (seen) => (isGivenBack(seen) ? "DONE" : { status: "DOING", message: "What was granted is being taken back." }),
};

const GRACE: ProviderStage = {
  name: "customer",
  judge: ({ view, remains, memory, now, graceMs }) => {
    if (memory.endingSince === null)
      return {
        status: "DOING",
        message: "The contract has ended.",
        action: { do: "remember", memory: { endingSince: now } },
      };
    const left = memory.endingSince + graceMs - now;
    if (memory.isPeerDown || view.tenants.length === 0 || view.tenants.some(isDrainedByUs) || left <= 0) return "DONE";
    // As long as copies are there, Liqo at the customer needs its access to remove them.
    if (view.customerSlices.length === 0 && remains.copies.length === 0) return "DONE";
    return {
      status: "WAITING",
      message: "The customer has time to take its side down; nothing new starts meanwhile.",
      retryAfterMs: Math.min(left, 10_000),
    };
  },
};

const DRAIN: ProviderStage = {
  name: "drain",
  judge: (seen) => {
    const tenant = tenantOf(seen);
    const { memory, view } = seen;
    if (tenant === undefined || tenant.metadata.deletionTimestamp !== undefined) return "DONE";
    if (fieldsOf(tenant.spec)["tenantCondition"] !== "Drained") {
      const patch = { metadata: { annotations: { [DRAINED_BY]: "true" } }, spec: { tenantCondition: "Drained" } };
      return {
        status: "DOING",
        message: "The customer is being shown out.",
        object: shown(tenant),
        action: { do: "patch", ref: refOf(tenant), patch },
      };
    }
    const [slice] = view.customerSlices;
    if (slice === undefined) return "DONE";
    const waited = seen.now - (memory.waits["drain"] ?? seen.now);
    const late = "Check that Liqo's controller manager runs in this cluster.";
    const object = shown(slice);
    if (waited < seen.patienceMs || slice.metadata.deletionTimestamp !== undefined)
      return { status: "DOING", message: "Liqo is removing the customer's ResourceSlices.", object, late };
    // Liqo finds slices by labels that a customer can take off.
    return {
      status: "DOING",
      message: "A ResourceSlice that Liqo overlooked is being removed.",
      object,
      action: removal(slice),
    };
  },
};

/** Whoever is shown out cannot remove its copies any more, and Liqo at the customer would wait for that for ever. */
const COPIES_REMOVED: ProviderStage = {
  name: "copies",
  judge: ({ remains }) => {
    const copy = remains.copies.find(({ metadata }) => metadata.deletionTimestamp === undefined);
    if (copy === undefined) return "DONE";
    const object = shown(copy);
    return { status: "DOING", message: `${object} is being removed.`, object, action: removal(copy) };
  },
};

const PLACE_REMOVED = placeRemoved<ProviderSeen>({
  byAnybody: ({ view }) => buysHere(view) || view.tenants.length > 0,
  byUs: ({ view, task }) =>
    task.isOtherUp ||
    [...view.tenants, ...view.identities, ...view.ownSlices, view.signedNonce].some(
      (one) => one !== undefined && isOurs(one),
    ),
});

const DOWN: readonly ProviderStage[] = [
  GRACE,
  DRAIN,
  COPIES_REMOVED,
  removing<ProviderSeen>(
    "tenant",
    ({ view }) => view.tenants,
    "Look at the finalizers of the Tenant, and check that Liqo's controller manager runs.",
  ),
  PROVIDER_HALF_REMOVED,
  removing<ProviderSeen>("nonce", ({ view }) => [view.nonce], ""),
  PLACE_REMOVED,
];

/** The Tenant of this customer. */
export function tenantOf({ view, task }: Pick<ProviderSeen, "view" | "task">): KubeObject | undefined {
  return view.tenants.find((tenant) => fieldsOf(tenant.spec)["clusterID"] === task.peer.clusterID);
}

/** Whether Liqo has let the customer in. */
export function isLetIn(tenant: KubeObject): boolean {
  return fieldsOf(fieldsOf(tenant.status)["authParams"])["signedCRT"] !== undefined;
}

/** Whether the slices together are granted no more than the contracts in force give. */
function isGivenBack(seen: ProviderSeen): boolean {
  const { sold, task } = seen;
  if (task.isAllowed) return true;
  const sum = new Map<string, bigint>();
  for (const slice of soldSlices(seen))
    for (const [name, amount] of Object.entries(askedAmounts(fieldsOf(fieldsOf(slice.status)["resources"]))))
      sum.set(name, (sum.get(name) ?? 0n) + amount);
  return [...sum].every(([name, amount]) => amount <= amountOf(sold, name));
}
