import type { Amounts } from "@catalog/schema/resource-list";
import { grantDigest } from "./grant-messages.js";

/** Time as the notifier needs it; tests drive it by hand. */
export interface Scheduler {
  /** Monotonic milliseconds. */
  now(): number;
  /** Runs `work` once after `ms`; the returned function cancels it. */
  after(ms: number, work: () => void): () => void;
}

export const systemScheduler: Scheduler = {
  now: () => performance.now(),
  after: (ms, work) => {
    const timer = setTimeout(work, ms);
    timer.unref();
    return () => clearTimeout(timer);
  },
};

/** What the notifier knows of one cluster that Liqo has had an answer for. */
interface AnsweredCluster {
  digest: string;
  lastNotifiedAt: number;
  isChecking: boolean;
  hasChangedAgain: boolean;
  cancelCheck: (() => void) | undefined;
}

/** An answer to Liqo that is being computed. */
export interface PendingAnswer {
  readonly clusterID: string;
  /** A change came in while the grant was being read: the answer may already be outdated. */
  hasChanged: boolean;
}

/** How the notifier reads grants and reaches the subscribers. */
export interface NotifierPorts {
  readonly grantOf: (clusterID: string) => Promise<Amounts>;
  readonly notify: (clusterID: string) => void;
  readonly onError: (error: unknown, clusterID: string) => void;
}

/** Least time between two notifications about one cluster, in milliseconds. */
export const NOTIFY_INTERVAL_MS = 1_000;
/** How many clusters are remembered; the ones read longest ago are forgotten first. */
export const ANSWERED_CLUSTERS_MAX = 10_000;

/**
 * Decides which changes of a grant Liqo is told, and when.
 *
 * Each notification races a map inside Liqo's controller manager, which has died of a flood of them. So a cluster is named
 * only if Liqo has had its answer from this process, only if that answer would now be different, at once the first time
 * and then at most once a second. A grant that changes back before its turn is not told at all.
 */
export class ChangeNotifier {
  readonly #answered = new Map<string, AnsweredCluster>();
  readonly #pending = new Set<PendingAnswer>();

  constructor(
    private readonly ports: NotifierPorts,
    private readonly scheduler: Scheduler = systemScheduler,
  ) {}

  /** To be called before the grant is read for an answer, so that no change falls between reading and remembering. */
  beginAnswer(clusterID: string): PendingAnswer {
    const answer = { clusterID, hasChanged: false };
    this.#pending.add(answer);
    return answer;
  }

  /** The answer could not be given: the cluster is remembered only if an earlier answer was. */
  abandonAnswer(answer: PendingAnswer): void {
    this.#pending.delete(answer);
  }

  /** Remembers the answer that Liqo is getting for a cluster: from now on its changes are told. */
  completeAnswer(answer: PendingAnswer, grant: Amounts): void {
    const { clusterID } = answer;
    this.#pending.delete(answer);
    const cluster = this.#answered.get(clusterID) ?? newlyAnswered();
    cluster.digest = grantDigest(grant);
    this.#answered.delete(clusterID); // inserted again as the last: the map's order is the order of reading
    this.#answered.set(clusterID, cluster);
    if (this.#answered.size > ANSWERED_CLUSTERS_MAX) this.#forgetOldest();
    if (answer.hasChanged) this.changed(clusterID);
  }

  /** The grant of a cluster may have changed: tells Liqo if it did, now or when a second has passed since the last time. */
  changed(clusterID: string): void {
    for (const answer of this.#pending) if (answer.clusterID === clusterID) answer.hasChanged = true;
    const cluster = this.#answered.get(clusterID);
    if (!cluster || cluster.cancelCheck) return;
    if (cluster.isChecking) {
      cluster.hasChangedAgain = true;
      return;
    }
    const wait = cluster.lastNotifiedAt + NOTIFY_INTERVAL_MS - this.scheduler.now();
    if (wait <= 0) void this.#check(clusterID, cluster);
    else this.#checkAfter(wait, clusterID, cluster);
  }

  /** Forgets everything; nothing is told afterwards. */
  stop(): void {
    for (const cluster of this.#answered.values()) cluster.cancelCheck?.();
    this.#answered.clear();
    this.#pending.clear();
  }

  async #check(clusterID: string, cluster: AnsweredCluster): Promise<void> {
    cluster.isChecking = true;
    cluster.hasChangedAgain = false;
    try {
      const digest = grantDigest(await this.ports.grantOf(clusterID));
      if (this.#answered.get(clusterID) !== cluster || digest === cluster.digest) return;
      cluster.digest = digest;
      cluster.lastNotifiedAt = this.scheduler.now();
      this.ports.notify(clusterID);
    } catch (error) {
      this.ports.onError(error, clusterID);
      this.#checkAfter(NOTIFY_INTERVAL_MS, clusterID, cluster); // the change is still to be told once the ledger is back
    } finally {
      cluster.isChecking = false;
      if (cluster.hasChangedAgain) this.changed(clusterID);
    }
  }

  #checkAfter(ms: number, clusterID: string, cluster: AnsweredCluster): void {
    cluster.cancelCheck = this.scheduler.after(ms, () => {
      cluster.cancelCheck = undefined;
      void this.#check(clusterID, cluster);
    });
  }

  #forgetOldest(): void {
    const [oldest] = this.#answered.keys();
    if (oldest === undefined) return;
    this.#answered.get(oldest)?.cancelCheck?.();
    this.#answered.delete(oldest);
  }
}

function newlyAnswered(): AnsweredCluster {
  return {
    digest: "",
    lastNotifiedAt: Number.NEGATIVE_INFINITY,
    isChecking: false,
    hasChangedAgain: false,
    cancelCheck: undefined,
  };
}
