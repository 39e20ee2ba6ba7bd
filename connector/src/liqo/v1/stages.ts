import type {
  PeeringCondition,
  PeeringPhase,
  PeeringReport,
  PeeringStep,
} from "../../services/peerings/peering-ports.js";
import type { KubeObject, ObjectRef } from "../kube/kube-api.js";

/** One change in the own cluster. */
export type KubeAction =
  | { readonly do: "create"; readonly object: KubeObject }
  | { readonly do: "patch"; readonly ref: ObjectRef; readonly patch: object }
  | { readonly do: "remove"; readonly ref: ObjectRef; readonly uid: string | undefined };

/** Where a stage stands if it is not done. */
export interface Unfinished<Action> {
  /** DOING: by us or by Liqo here; WAITING: for the other side; FAILED: an admin has to do something. */
  readonly status: "DOING" | "WAITING" | "FAILED";
  readonly message: string;
  readonly whatToDo?: string;
  /** What to look at: `Kind namespace/name`. */
  readonly object?: string;
  /** To be done now; without one there is nothing to do but wait. */
  readonly action?: Action;
  readonly retryAfterMs?: number;
  /** What to say when it has taken longer than it should. */
  readonly late?: string;
}

/** One step of a peering, judged from what is seen. Stages are judged in order up to the first that is not done. */
export interface Stage<Seen, Action> {
  readonly name: string;
  readonly judge: (seen: Seen) => Unfinished<Action> | "DONE";
}

/** When each stage began to wait, Unix ms; kept between runs. */
export type Waits = Readonly<Record<string, number>>;

/** What a plan comes to: at most one thing to do now, and how to tell where the peering stands. */
export interface Plan<Action> {
  readonly action: Action | undefined;
  readonly report: Omit<PeeringReport, "state">;
  readonly waits: Waits;
}

/** What a plan needs beside its stages. */
export interface PlanFrame {
  readonly direction: "UP" | "DOWN";
  readonly now: number;
  readonly patienceMs: number;
  readonly waits: Waits;
  readonly conditions: readonly PeeringCondition[];
  /** Told when every stage is done. */
  readonly done: { readonly phase: PeeringPhase; readonly message: string };
  /** Ids of ended contracts whose resources are back. */
  readonly released: readonly string[];
}

/** How often it is looked again while something is waited for: soon at first, because Liqo takes a fraction of a second for most steps. */
const POLL_MS = { first: 250, most: 2_000 } as const;
const POLL_FAILED_MS = 30_000;

/** Judges the stages in order and makes the plan of the first that is not done. Pure. */
export function planOf<Seen, Action>(
  stages: readonly Stage<Seen, Action>[],
  seen: Seen,
  frame: PlanFrame,
): Plan<Action> {
  const steps: PeeringStep[] = [];
  for (const [index, stage] of stages.entries()) {
    const found = stage.judge(seen);
    if (found === "DONE") {
      steps.push({ name: stage.name, status: "DONE", detail: null, object: null });
      continue;
    }
    steps.push({ name: stage.name, status: found.status, detail: found.message, object: found.object ?? null });
    const rest = stages
      .slice(index + 1)
      .map(({ name }) => ({ name, status: "TODO" as const, detail: null, object: null }));
    return unfinished(stage.name, found, [...steps, ...rest], frame);
  }
  const { conditions, released, done } = frame;
  const report = { ...done, steps, whatToDo: null, conditions, released, retryAfterMs: null };
  return { action: undefined, report, waits: {} };
}

function unfinished<Action>(
  name: string,
  found: Unfinished<Action>,
  steps: readonly PeeringStep[],
  { direction, now, patienceMs, waits, conditions, released }: PlanFrame,
): Plan<Action> {
  const since = waits[name] ?? now;
  const isLate = now - since >= patienceMs;
  return {
    action: found.action,
    waits: { [name]: since },
    report: {
      phase: phaseOf(found.status, direction),
      steps,
      message: found.message,
      whatToDo: found.whatToDo ?? (isLate ? (found.late ?? null) : null),
      conditions,
      released,
      retryAfterMs: found.retryAfterMs ?? (found.status === "FAILED" ? POLL_FAILED_MS : pollMs(now - since)),
    },
  };
}

function pollMs(waitedMs: number): number {
  return Math.min(POLL_MS.most, Math.max(POLL_MS.first, waitedMs));
}

function phaseOf(status: "DOING" | "WAITING" | "FAILED", direction: "UP" | "DOWN"): PeeringPhase {
  if (status === "FAILED") return "FAILED";
  if (direction === "DOWN") return "TAKING_DOWN";
  return status === "WAITING" ? "WAITING" : "CONNECTING";
}

/** The reference of an object, for another request about it. */
export function refOf({ apiVersion, kind, metadata: { name, namespace } }: KubeObject): ObjectRef {
  return { apiVersion, kind, namespace, name };
}

/** `Kind namespace/name`. */
export function shown({ kind, metadata: { name, namespace } }: KubeObject): string {
  return `${kind} ${namespace === undefined ? "" : `${namespace}/`}${name}`;
}

/** Removes an object, and only this one. */
export function removal(object: KubeObject): KubeAction {
  return { do: "remove", ref: refOf(object), uid: object.metadata.uid };
}

/** Members of `spec` or `status`, whatever is there. */
export function fieldsOf(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value) ? { ...value } : {};
}
