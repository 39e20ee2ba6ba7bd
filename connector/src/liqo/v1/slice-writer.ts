import type { Logger } from "@catalog/server/log";
import type { Clock } from "@catalog/server/clock";
import { AUTHENTICATION } from "../forge/handshake.js";
import { isSameJson } from "../forge/same-json.js";
import { cordonPatch, type SliceDecision, withDecision } from "../forge/slice-status.js";
import { CORDON, CORDONED_BY } from "../forge/tenant-labels.js";
import type { KubeApi, KubeObject } from "../kube/kube-api.js";
import { KubeConflictError, KubeNotFoundError } from "../kube/kube.errors.js";
import type { SliceStep } from "./slice-plan.js";

/** How often a decision is written again at once, when the slice was touched between reading and writing in nothing that it depends on. */
const WRITES_MAX = 10;

/** Writes what was decided about slices. */
export class SliceWriter {
  constructor(
    private readonly kube: KubeApi,
    private readonly clock: Clock,
    private readonly log: Logger,
  ) {}

  /** False if somebody else was faster with something that counts: everything is to be read and decided again. */
  async write({ slice, decision, cordon }: SliceStep): Promise<boolean> {
    const { name, namespace } = slice.metadata;
    const ref = { apiVersion: AUTHENTICATION, kind: "ResourceSlice", namespace, name };
    try {
      for (let current = slice, writes = 1; !(await this.put(current, decision)); writes++) {
        const now = await this.kube.get(ref);
        if (now === undefined || writes === WRITES_MAX || !isSameCase(slice, now)) return false;
        current = now;
      }
      if (cordon !== undefined) await this.kube.mergePatch(ref, cordonPatch(cordon));
      return true;
    } catch (error) {
      if (error instanceof KubeConflictError || error instanceof KubeNotFoundError) return false;
      throw error;
    }
  }

  /** False if the slice is not at that version any more. */
  private async put(slice: KubeObject, decision: SliceDecision): Promise<boolean> {
    const at = this.clock.now().toISOString();
    const written = withDecision(slice, decision, at.replace(/\.\d+Z$/, "Z"));
    if (written === undefined) return true;
    try {
      await this.kube.replaceStatus(written);
    } catch (error) {
      if (error instanceof KubeConflictError) return false;
      throw error;
    }
    const { namespace, name } = slice.metadata;
    this.log.info({ slice: `${namespace}/${name}`, verdict: decision.verdict }, "a resource slice was decided about");
    return true;
  }
}

/** Whether two versions of a slice are the same in everything that a decision depends on. */
function isSameCase(a: KubeObject, b: KubeObject): boolean {
  return isSameJson(caseOf(a), caseOf(b));
}

function caseOf({ metadata, spec, status }: KubeObject): object {
  const { uid, labels, annotations, deletionTimestamp, ownerReferences } = metadata;
  const cordons = [annotations?.[CORDON] ?? null, annotations?.[CORDONED_BY] ?? null];
  return { uid, labels, deletionTimestamp, ownerReferences, cordons, spec, status };
}
