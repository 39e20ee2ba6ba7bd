import { CatalogError } from "@catalog/schema/errors";
import type { PeeringTask } from "./peering-ports.js";
import type { PeeringTurns } from "./peering-turn.js";

/** A driver that leaves the writing to the admin. */
export interface ManifestSource {
  /** Kubernetes manifests (YAML) for this half of the peering, a secret included; null while there is nothing to apply. */
  manifests(task: PeeringTask): Promise<string | null>;
}

/** Peerings as manifests, for whoever has no driver for its Liqo. */
export class ManifestService {
  constructor(
    private readonly turns: Pick<PeeringTurns, "task">,
    private readonly source: () => ManifestSource | undefined,
  ) {}

  /** Null where a driver writes the objects itself. @throws NOT_FOUND */
  async manifests(peeringID: string): Promise<string | null> {
    const task = await this.turns.task(peeringID);
    if (task === undefined) throw new CatalogError("NOT_FOUND", `There is no peering ${peeringID}.`);
    return (await this.source()?.manifests(task)) ?? null;
  }
}
