import { CatalogError } from "@catalog/schema/errors";
import type { Contract } from "../../domain/contract.js";
import { seconds } from "../../domain/contract-change.js";
import {
  type OffloadInput,
  type Offloading,
  type OffloadingFacts,
  requireOffloadable,
  requireTogether,
  requireUsable,
  standingOf,
} from "../../domain/offloading.js";
import { requireContract } from "../contracts/contract.service.js";
import type { Transact } from "../contracts/ledger-ports.js";
import type { NamespaceTask, OffloadingByHand, OffloadingDriver } from "./offloading-ports.js";
import type { OffloadingUnit } from "./offloading-store.js";
import { namespaceTask, offloadingID, readNamespace, targetOf } from "./offloading-task.js";

const NOT_LOOKED_AT = {
  phase: "WAITING",
  message:
    "It is about to be set up. Pods that exist already are not moved: make them again once it is READY to have them placed anew.",
  whatToDo: null,
} as const;

const STOPPING = { phase: "REMOVING", message: "It is about to be taken back.", whatToDo: null } as const;

/** What became of an offloading. */
export interface OffloadingChange {
  readonly namespace: string;
  readonly contractID: string;
  /** Null when nothing of it is left. */
  readonly offloading: Offloading | null;
}

/** What the admin wants of namespaces. Doing it is the reconciler's. */
export class OffloadingService {
  /** @param reserved namespaces of Liqo and of the Connector itself. */
  constructor(
    private readonly transact: Transact<OffloadingUnit>,
    private readonly driver: OffloadingDriver,
    private readonly reserved: readonly string[],
  ) {}

  /**
   * Lets the pods of a namespace run on what a contract gives; asked again it changes how.
   * @throws BAD_USER_INPUT, NAMESPACE_REFUSED, NAMESPACE_NOT_FOUND, CONTRACT_NOT_FOUND, CONTRACT_STATE_INVALID, OFFLOADING_CONFLICT, and
   * what the cluster refuses. Nothing is changed then.
   */
  async offload(input: OffloadInput, actor: string): Promise<Offloading> {
    requireOffloadable(input, this.reserved);
    const { task } = await this.transact((unit) => readWish(unit, input));
    await this.driver.check(task);
    return this.transact(async (unit) => {
      const wish = await readWish(unit, input);
      return keepWish(unit, input, wish, actor);
    });
  }

  /**
   * Takes a namespace back from a contract; repeated, nothing more. What runs there goes on until somebody removes it, unless no contract
   * is left for the namespace: then Liqo removes its twin at the provider with everything in it.
   * @throws OFFLOADING_NOT_FOUND
   */
  stop(contractID: string, namespace: string, actor: string): Promise<Offloading> {
    return this.transact(async (unit) => {
      const all = await unit.offloadings.ofNamespace(namespace);
      const before = all.find((one) => one.contractID === contractID);
      if (before === undefined) throw notFound(contractID, namespace);
      if (!before.isWanted) return before;
      const after: Offloading = { ...before, ...STOPPING, isWanted: false, changed: seconds(unit.now) };
      await unit.offloadings.save(after);
      const message = `Namespace ${namespace} is no longer offloaded through contract ${contractID}`;
      await unit.activity.add({ actor, action: "offloading.stopped", subject: contractID, message });
      tell(unit, after);
      return after;
    });
  }

  /** An offloading by the id that its changes are told with. */
  async change(id: string): Promise<OffloadingChange> {
    const [namespace = "", contractID = ""] = id.split("/");
    const offloading = (await this.list(contractID)).find((one) => one.namespace === namespace);
    return { namespace, contractID, offloading: offloading ?? null };
  }

  /** Of one contract, or all; by namespace. */
  list(contractID?: string): Promise<readonly Offloading[]> {
    return this.transact((unit) => unit.offloadings.list(contractID));
  }

  /** What an admin does by hand for the namespace as everything stands now; null where a driver does it. */
  async byHand(namespace: string): Promise<OffloadingByHand | null> {
    const task = await this.transact(async (unit) =>
      namespaceTask(namespace, await readNamespace(unit, namespace), seconds(unit.now)),
    );
    return this.driver.byHand(task);
  }
}

/** What is there, and what the driver would be asked if the wish were kept. */
interface Wish {
  readonly contract: Contract;
  readonly before: readonly OffloadingFacts[];
  readonly task: NamespaceTask;
}

/** @throws CONTRACT_NOT_FOUND, CONTRACT_STATE_INVALID, OFFLOADING_CONFLICT */
async function readWish(unit: OffloadingUnit, input: OffloadInput): Promise<Wish> {
  const now = seconds(unit.now);
  const contract = await requireContract(unit, input.contractID);
  requireUsable(contract, now);
  const before = await readNamespace(unit, input.namespace);
  const standing = before.filter((one) => standingOf(one, now) !== "OVER");
  requireTogether(
    input,
    standing.map((one) => one.offloading),
  );
  const others = standing.filter((one) => one.offloading.contractID !== input.contractID);
  const targets = [...others, { contract }].map(targetOf);
  return { contract, before, task: { namespace: input.namespace, shape: input, targets } };
}

async function keepWish(unit: OffloadingUnit, input: OffloadInput, wish: Wish, actor: string): Promise<Offloading> {
  const now = seconds(unit.now);
  const { strategy, mapping, remoteNamespace, contractID, namespace } = input;
  const shape = { strategy, mapping, remoteNamespace };
  const known = wish.before.map((one) => one.offloading).find((one) => one.contractID === contractID);
  const made: Offloading = {
    ...{ contractID, namespace, ...shape, isWanted: true, ...NOT_LOOKED_AT, lastError: null },
    ...{ created: known?.created ?? now, changed: now },
  };
  if (known !== undefined && isSameWish(known, made)) return known;
  await unit.offloadings.save(made);
  // Liqo knows one way for a namespace, so the others go the same way.
  for (const { offloading } of wish.before)
    if (offloading.contractID !== contractID && offloading.isWanted && offloading.strategy !== strategy)
      await unit.offloadings.save({ ...offloading, ...shape, changed: now });
  const message = `Namespace ${namespace} is offloaded to ${wish.contract.seller.prettyName} through contract ${contractID}, strategy ${strategy}`;
  await unit.activity.add({ actor, action: "offloading.wanted", subject: contractID, message });
  tell(unit, made);
  return made;
}

/** Wakes who does it and who watches it. */
function tell(unit: OffloadingUnit, offloading: Offloading): void {
  unit.changed("offloading", offloading.namespace);
  unit.changed("offloadingStatus", offloadingID(offloading));
}

function isSameWish(a: Offloading, b: Offloading): boolean {
  return (
    a.isWanted === b.isWanted &&
    a.strategy === b.strategy &&
    a.mapping === b.mapping &&
    a.remoteNamespace === b.remoteNamespace
  );
}

function notFound(contractID: string, namespace: string): CatalogError {
  return new CatalogError(
    "OFFLOADING_NOT_FOUND",
    `Namespace ${namespace.slice(0, 80)} is not offloaded through contract ${contractID}.`,
    { contractID, namespace: namespace.slice(0, 80) },
  );
}
