import { delay } from "@catalog/server/backoff";
import type { Logger } from "@catalog/server/log";
import type { Task } from "@catalog/server/tasks";
import type { ClusterSafety } from "../../services/ports.js";
import type { PolicyOptions } from "../forge/policies.js";
import type { KubeApi } from "../kube/kube-api.js";
import { policyProblems, type ContractedPeer, type PolicyProblem } from "./policy-check.js";

const EVERY_MS = 180_000;
/** While something is wrong, so that selling goes on soon after an admin has mended it. */
const EVERY_MS_UNSAFE = 10_000;

/** What the policies have to be, and whether anything may be sold without them. */
export interface PolicyWatchSettings {
  readonly options: PolicyOptions;
  readonly isRequired: boolean;
  /** Who has an active contract. */
  readonly contracted: () => Promise<readonly ContractedPeer[]>;
}

/** Looks again and again whether the policies that keep peers within their contracts are there. */
export class PolicyWatch implements Task {
  readonly name = "policies";
  private found: readonly PolicyProblem[] | undefined;

  constructor(
    private readonly kube: KubeApi,
    private readonly settings: PolicyWatchSettings,
    private readonly log: Logger,
  ) {}

  async run(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      await this.check();
      await delay(this.found?.length === 0 ? EVERY_MS : EVERY_MS_UNSAFE, signal);
    }
  }

  /** As last found. Before the first look nothing is known to be wrong, and nothing may be sold. */
  safety(): ClusterSafety {
    const { found } = this;
    const isSafe = found !== undefined && found.every(({ kind }) => kind === "BYPASS" || kind === "SHUT_OUT");
    return { isSellingAllowed: isSafe || !this.settings.isRequired, risks: found ?? [] };
  }

  private async check(): Promise<void> {
    const before = this.found;
    try {
      this.found = await policyProblems(this.kube, this.settings.options, await this.settings.contracted());
    } catch (error) {
      this.log.info({ err: error }, "the policies could not be read; what was found last holds");
      return;
    }
    const texts = new Set(before?.map(({ message }) => message));
    for (const { message, whatToDo } of this.found) if (!texts.has(message)) this.log.warn({ whatToDo }, message);
    if (this.found.length === 0 && before?.length !== 0) this.log.info("the policies are in force");
  }
}
