import { CatalogError } from "@catalog/schema/errors";
import { type Problem, requireNoProblems } from "@catalog/schema/problem";
import type { DriverState, PeeringTask } from "./peering-ports.js";
import type { PeeringTurns } from "./peering-turn.js";
import type { PeeringService, PeeringView } from "./peering.service.js";

/** Something that only the admin can read in the cluster, and that a peering by hand needs to go on. */
export interface PeeringQuestion {
  readonly name: string;
  readonly description: string;
  /** What prints it; null where nothing is printed. */
  readonly command: string | null;
}

/** What the admin brings. */
export interface PeeringAnswer {
  readonly name: string;
  readonly value: string;
}

/** What is to be done by hand now. */
export interface PeeringByHand {
  /** Kubernetes manifests (YAML) for this half of the peering; they may hold a secret. Null while there is nothing to apply. */
  readonly manifests: string | null;
  readonly questions: readonly PeeringQuestion[];
}

/** A driver that leaves the writing to the admin. */
export interface ManifestSource {
  byHand(task: PeeringTask): Promise<PeeringByHand>;
  /** Goes on with what the admin brings, all of it or nothing. @throws BAD_USER_INPUT that names what is wrong with which answer. */
  accept(task: PeeringTask, answers: readonly PeeringAnswer[]): Promise<DriverState>;
}

const MAX_ANSWERS = 16;
const MAX_VALUE = 65_536;
const NOTHING: PeeringByHand = { manifests: null, questions: [] };

/** Peerings by hand, for whoever has no driver for its Liqo. */
export class ManifestService {
  constructor(
    private readonly turns: Pick<PeeringTurns, "task" | "resume">,
    private readonly peerings: Pick<PeeringService, "ofContract">,
    private readonly source: () => ManifestSource | undefined,
  ) {}

  /** Nothing where a driver does it. @throws NOT_FOUND */
  async byHand(peeringID: string): Promise<PeeringByHand> {
    const task = await this.turns.task(peeringID);
    if (task === undefined) throw new CatalogError("NOT_FOUND", `There is no peering ${peeringID}.`);
    return (await this.source()?.byHand(task)) ?? NOTHING;
  }

  /** @throws CONTRACT_NOT_FOUND, NOT_FOUND, BAD_USER_INPUT, CONTRACT_STATE_INVALID where a driver needs no help. */
  async resume(contractID: string, answers: readonly PeeringAnswer[], actor: string): Promise<PeeringView> {
    requireNoProblems(problemsOf(answers));
    const source = this.source();
    if (source === undefined)
      throw new CatalogError(
        "CONTRACT_STATE_INVALID",
        "The driver of this cluster's Liqo makes the peering by itself.",
      );
    const { peering } = await this.peerings.ofContract(contractID);
    const names = answers.map(({ name }) => name).join(", ");
    await this.turns.resume(peering.peeringID, actor, `Told by hand: ${names}.`, (task) =>
      source.accept(task, answers),
    );
    return this.peerings.ofContract(contractID);
  }
}

function problemsOf(answers: readonly PeeringAnswer[]): Problem[] {
  if (answers.length === 0 || answers.length > MAX_ANSWERS)
    return [{ path: "answers", message: `must be 1 to ${MAX_ANSWERS}.` }];
  return answers.flatMap(({ name, value }, index) =>
    /^[a-zA-Z]{1,40}$/.test(name) && value.length > 0 && value.length <= MAX_VALUE
      ? []
      : [{ path: `answers.${index}`, message: `must have the name of a question and 1 to ${MAX_VALUE} characters.` }],
  );
}
