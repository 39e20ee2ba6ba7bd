import type { Logger } from "@catalog/server/log";
import { Backoff, delay } from "@catalog/server/backoff";
import type { Clock } from "@catalog/server/clock";
import type { GrantSource } from "../../services/ports.js";
import { AUTHENTICATION } from "../forge/handshake.js";
import type { KubeApi, KubeKind, KubeObject } from "../kube/kube-api.js";
import { isPassing, KubeError } from "../kube/kube.errors.js";
import { consumerOf, grows, planSlices, type SliceStep } from "./slice-plan.js";
import { SliceWriter } from "./slice-writer.js";

const SLICES = { apiVersion: AUTHENTICATION, kind: "ResourceSlice" };
const TENANTS = { apiVersion: AUTHENTICATION, kind: "Tenant" };
const QUOTAS = { apiVersion: "offloading.liqo.io/v1beta1", kind: "Quota" };
const CONFLICTS_MAX = 8;
/** After so many attempts an admin is told of what should have passed by itself. */
const FAILURES_TOLD = 3;
/** Liqo lowers a Quota within seconds; after so long an admin is told which one it has not. */
const AWAITED_TOLD_MS = 60_000;

/** Why nothing can be decided, and what an admin can do about it. */
interface Trouble {
  readonly message: string;
  readonly whatToDo: string;
}

/** Quotas that Liqo has still to lower before others can have more. */
interface Awaited {
  /** `namespace/name` of each. */
  readonly quotas: readonly string[];
  /** ms since 1970 */
  readonly since: number;
}

/** Somebody changes the slices of a customer all the time. */
class SlicesRestlessError extends Error implements Trouble {
  override readonly name = "SlicesRestlessError";
  readonly whatToDo =
    "Find out who changes them all the time (their managedFields, or the audit log of the API server); if it is the customer, settle it with it.";

  constructor() {
    super("they change faster than they can be decided about.");
  }
}

/** What the controller goes by. */
export interface SliceControllerSettings {
  /** Liqo's id of this cluster. */
  readonly ownID: string;
  /** The class of ResourceSlice that is sold here. */
  readonly className: string;
  /** Labels that the virtual node of a customer gets, such as the GPU model that was sold; a help for it, no boundary. */
  readonly nodeLabelsOf: (clusterID: string) => Promise<Readonly<Record<string, string>>>;
}

/**
 * Decides what every ResourceSlice of the class sold here gets: what the ledger grants to the cluster whose Tenant stands in the slice's
 * namespace, and nothing to anybody else.
 *
 * It looks at all slices and Tenants, because a customer can take any label off its slice; and it reads them again before each decision, so
 * that what it missed is made good. One customer is handled by one worker at a time.
 */
export class SliceController {
  readonly name = "resource slices";
  /** Namespace → the customer whose it is. Only tells whom to wake; what decides is read again. */
  private readonly consumers = new Map<string, string>();
  private readonly working = new Map<string, { isDirty: boolean }>();
  private readonly workers = new Set<Promise<void>>();
  /** Customer → why its slices cannot be decided about. */
  private readonly troubles = new Map<string, Trouble>();
  /** Customer → what its growing slices wait for. */
  private readonly awaited = new Map<string, Awaited>();
  private readonly writer: SliceWriter;

  constructor(
    private readonly kube: KubeApi,
    private readonly grants: GrantSource,
    private readonly settings: SliceControllerSettings,
    private readonly clock: Clock,
    private readonly log: Logger,
  ) {
    this.writer = new SliceWriter(kube, clock, log);
  }

  /** Works until the signal aborts, then until the last decision is written. */
  async run(signal: AbortSignal): Promise<void> {
    const stop = this.grants.onChange((clusterID) => this.wake(clusterID, signal));
    try {
      await Promise.all([
        this.kube.watch(TENANTS, {}, (tenant, type) => this.sawTenant(tenant, type, signal), signal),
        this.kube.watch(SLICES, {}, (slice) => this.sawSlice(slice, signal), signal),
        this.kube.watch(QUOTAS, {}, (quota) => this.sawSlice(quota, signal), signal),
      ]);
    } finally {
      stop();
      await Promise.all(this.workers);
    }
  }

  /** Customers whose slices keep what they have, because nothing can be decided about them or Liqo takes nothing back; for the admin. */
  risks(): readonly Trouble[] {
    const undecided = [...this.troubles].map(([clusterID, { message, whatToDo }]) => ({
      message: `The ResourceSlices of ${clusterID} cannot be decided about, so it keeps what it has: ${message}`,
      whatToDo,
    }));
    const toldFrom = this.clock.now().getTime() - AWAITED_TOLD_MS;
    const waiting = [...this.awaited].filter(([, { since }]) => since <= toldFrom);
    return [...undecided, ...waiting.map(([clusterID, { quotas }]) => notFollowed(clusterID, quotas))];
  }

  /** Decides about every slice of one customer, with what Kubernetes and the ledger say now, and writes it; again if somebody else was faster. */
  async decide(clusterID: string): Promise<void> {
    for (let attempt = 0; attempt < CONFLICTS_MAX; attempt++) if (await this.tryDecide(clusterID)) return;
    throw new SlicesRestlessError();
  }

  private async tryDecide(clusterID: string): Promise<boolean> {
    const tenants = await this.kube.list(TENANTS);
    const namespaces = namespacesOf(tenants, clusterID);
    if (namespaces.length === 0) {
      this.awaited.delete(clusterID);
      return true;
    }
    const inside = async (kind: KubeKind): Promise<readonly KubeObject[]> =>
      (await Promise.all(namespaces.map((namespace) => this.kube.list(kind, { namespace })))).flat();
    // Quotas first: one that is not seen any more belonged to a slice that was gone before.
    const quotas = await inside(QUOTAS);
    const { steps, awaitedQuotas } = planSlices({
      ownID: this.settings.ownID,
      className: this.settings.className,
      consumerID: clusterID,
      tenants: tenants.filter(({ metadata }) => namespaces.includes(metadata.namespace ?? "")),
      slices: await inside(SLICES),
      quotas,
      grant: await this.grants.grantOf(clusterID),
      nodeLabels: await this.settings.nodeLabelsOf(clusterID),
    });
    this.noteAwaited(clusterID, awaitedQuotas);
    return this.write(steps);
  }

  private noteAwaited(clusterID: string, quotas: readonly string[]): void {
    const since = this.awaited.get(clusterID)?.since ?? this.clock.now().getTime();
    if (quotas.length === 0) this.awaited.delete(clusterID);
    else this.awaited.set(clusterID, { quotas, since });
  }

  /**
   * What shrinks is written before what grows, so that what grows next finds the room for it. A customer may make slices that cannot
   * be written, too large for a status or changed all the time: they keep nothing from being taken back of the others.
   */
  private async write(steps: readonly SliceStep[]): Promise<boolean> {
    const failures: unknown[] = [];
    let isCurrent = true;
    for (const step of steps.filter((one) => !grows(one))) {
      try {
        if (!(await this.writer.write(step))) isCurrent = false;
      } catch (error) {
        failures.push(error);
      }
    }
    if (failures.length > 0) throw failures[0];
    if (!isCurrent) return false;
    for (const step of steps.filter(grows)) if (!(await this.writer.write(step))) return false;
    return true;
  }

  private sawTenant(tenant: KubeObject, type: string, signal: AbortSignal): void {
    const { namespace = "" } = tenant.metadata;
    const before = this.consumers.get(namespace);
    const id = type === "DELETED" ? undefined : consumerOf([tenant], namespace);
    if (id === undefined) this.consumers.delete(namespace);
    else this.consumers.set(namespace, id);
    for (const clusterID of new Set([before, id])) if (clusterID !== undefined) this.wake(clusterID, signal);
  }

  private sawSlice(slice: KubeObject, signal: AbortSignal): void {
    const clusterID = this.consumers.get(slice.metadata.namespace ?? "");
    if (clusterID !== undefined) this.wake(clusterID, signal);
  }

  private wake(clusterID: string, signal: AbortSignal): void {
    const working = this.working.get(clusterID);
    if (working !== undefined) {
      working.isDirty = true;
      return;
    }
    if (![...this.consumers.values()].includes(clusterID)) {
      this.awaited.delete(clusterID);
      return;
    }
    if (signal.aborted) return;
    const worker = this.work(clusterID, signal).finally(() => this.workers.delete(worker));
    this.workers.add(worker);
  }

  private async work(clusterID: string, signal: AbortSignal): Promise<void> {
    const work = { isDirty: true };
    this.working.set(clusterID, work);
    const backoff = new Backoff();
    let failures = 0;
    while (work.isDirty && !signal.aborted) {
      work.isDirty = false;
      try {
        await this.decide(clusterID);
        backoff.reset();
        failures = 0;
        this.troubles.delete(clusterID);
      } catch (error) {
        failures++;
        if (isTold(error, failures)) this.troubles.set(clusterID, error);
        this.log.warn(
          { err: error, clusterID },
          "the resource slices of a customer could not be decided about; it is tried again",
        );
        work.isDirty = true;
        await delay(backoff.next(), signal);
      }
    }
    this.working.delete(clusterID);
  }
}

function notFollowed(clusterID: string, quotas: readonly string[]): Trouble {
  return {
    message: `ResourceSlices of ${clusterID} cannot have all that they are to have: Liqo has not lowered the Quota of others to what their slices say: ${quotas.join(", ")}.`,
    whatToDo:
      "Look at Liqo's controller manager (its logs and events), and whether somebody changes these Quotas by hand.",
  };
}

/** Whether an admin is told of a failure: at once if it does not pass by itself. */
function isTold(error: unknown, failures: number): error is Trouble & Error {
  if (error instanceof SlicesRestlessError) return true;
  return error instanceof KubeError && (!isPassing(error) || failures >= FAILURES_TOLD);
}

/** Namespaces in which a Tenant says that they are this customer's, even if another Tenant there disagrees: then nothing is decided in it. */
function namespacesOf(tenants: readonly KubeObject[], clusterID: string): readonly string[] {
  const namespaces = new Set(tenants.map(({ metadata }) => metadata.namespace ?? ""));
  return [...namespaces].filter((namespace) => consumerOf(tenants, namespace) === clusterID).sort();
}
