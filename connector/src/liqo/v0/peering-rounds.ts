import type { PeeringReport, PeeringTask } from "../../services/peerings/peering-ports.js";
import type { KubeApi } from "../kube/kube-api.js";
import { KubeConflictError, KubeNotFoundError } from "../kube/kube.errors.js";
import type { PeeringAction, PeeringPlan } from "./peering-action.js";

/** More than any way from one state to the next takes; whatever is left is done at the next run. */
const ROUNDS_MAX = 8;

/** Looks, plans, acts, and looks again until there is nothing to do now. `plan` observes the cluster itself. */
export async function settle(
  task: PeeringTask,
  plan: (task: PeeringTask) => Promise<PeeringPlan>,
  apply: (action: PeeringAction) => Promise<void>,
): Promise<PeeringReport> {
  let state = task.state;
  for (let round = 1; ; round++) {
    const { actions, report } = await plan({ ...task, state });
    state = report.state;
    if (actions.length === 0 || round === ROUNDS_MAX) return report;
    await applyAll(actions, apply);
  }
}

/** Somebody who was faster has changed what the plan was made from: the rest of it does not count any more. */
async function applyAll(
  actions: readonly PeeringAction[],
  apply: (action: PeeringAction) => Promise<void>,
): Promise<void> {
  try {
    for (const action of actions) await apply(action);
  } catch (error) {
    if (!(error instanceof KubeConflictError) && !(error instanceof KubeNotFoundError)) throw error;
  }
}

/** Applies what is a plain write. Returns false for an action that is not. */
export async function applyWrite(kube: KubeApi, action: PeeringAction): Promise<boolean> {
  switch (action.kind) {
    case "create":
      await kube.create(action.object);
      return true;
    case "patch":
      await kube.mergePatch(action.ref, action.patch);
      return true;
    case "remove":
      await kube.remove(action.ref, { uid: action.uid });
      return true;
    case "fetch-material":
    case "ask-for-new-identity":
      return false;
  }
}
