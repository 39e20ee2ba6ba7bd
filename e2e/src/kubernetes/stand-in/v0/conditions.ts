import type { KubeClient } from "../../rig/kube-client.js";
import { at, type ObjectRef, textAt } from "../../rig/kube-object.js";
import { writeStatus } from "../objects.js";
import { type Conditions, conditionsOf } from "./kinds.js";

/** Sets some conditions of a ForeignCluster and leaves the others; the time of one moves only when it changes. Nothing happens if it is gone. */
export async function setConditions(kube: KubeClient, ref: ObjectRef, wanted: Conditions): Promise<void> {
  const foreign = await kube.get(ref);
  if (!foreign) return;
  const known = conditionsOf(foreign);
  const set = Object.entries(wanted).map(([type, condition]) => {
    const before = known.find((each) => textAt(each, "type") === type);
    const isSame = textAt(before, "status") === condition.status && textAt(before, "message") === condition.message;
    const lastTransitionTime = isSame ? textAt(before, "lastTransitionTime") : new Date().toISOString();
    return { type, ...condition, lastTransitionTime };
  });
  const others = known.filter((each) => !((textAt(each, "type") ?? "") in wanted));
  const sorted = [...others, ...set].sort((a, b) => ((textAt(a, "type") ?? "") < (textAt(b, "type") ?? "") ? -1 : 1));
  await writeStatus(kube, foreign, { ...(at(foreign, "status") as object | undefined), peeringConditions: sorted });
}
