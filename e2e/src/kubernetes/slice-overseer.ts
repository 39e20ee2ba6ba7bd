import { type Amount, parseQuantity } from "@catalog/schema/quantity";
import { waitFor } from "@catalog/server/testing/wait-for";
import type { KubeClient, WatchEvent } from "./rig/kube-client.js";
import { at, type KindRef, type KubeObject } from "./rig/kube-object.js";
import { QUOTA, SLICE } from "./stand-in/v1/kinds.js";

/** Amounts by resource name. */
export type Limits = Readonly<Record<string, string>>;

/** What one kind of object says that the customer has, seen at every change. */
interface Watched {
  readonly kind: KindRef;
  readonly path: readonly string[];
  readonly known: Map<string, KubeObject>;
  limits: Limits;
}

/**
 * Sees every change of the slices and Quotas of one namespace, and remembers each moment at which they had more than was sold. A Quota is what Liqo
 * enforces; the status of a slice is what Liqo makes one of.
 */
export class SliceOverseer {
  readonly violations: string[] = [];
  readonly #stopping = new AbortController();
  readonly #running: Promise<unknown>;
  readonly #slices: Watched = { kind: SLICE, path: ["status", "resources"], known: new Map(), limits: {} };
  readonly #quotas: Watched = { kind: QUOTA, path: ["spec", "resources"], known: new Map(), limits: {} };

  constructor(
    private readonly admin: KubeClient,
    readonly namespace: string,
  ) {
    this.#running = Promise.all(
      [this.#slices, this.#quotas].map((watched) =>
        admin.watch(
          watched.kind,
          { namespace },
          (object, type) => this.#see(watched, object, type),
          this.#stopping.signal,
        ),
      ),
    );
  }

  /**
   * What was sold from now on; to be told before it grows, and after what shrinks has shrunk. What has happened before is judged by what was said before.
   * @param claimed what slices may say, where a customer is let write into them itself; the same unless given.
   */
  async sold(limits: Limits, claimed: Limits = limits): Promise<void> {
    await this.caughtUp();
    this.#quotas.limits = limits;
    this.#slices.limits = claimed;
  }

  /** Waits until everything that is there now has been seen and judged. */
  async caughtUp(): Promise<void> {
    for (const { kind, known } of [this.#slices, this.#quotas])
      await waitFor(
        async () => {
          const present = await this.admin.list(kind, { namespace: this.namespace });
          // Kubernetes counts the versions of all objects of a kind in one row.
          const isSeen = ({ metadata }: KubeObject): boolean =>
            versionOf(known.get(metadata.uid ?? "")) >= versionOf({ metadata });
          return present.every(isSeen) && known.size === present.length;
        },
        { timeoutMs: 90_000, intervalMs: 20, what: `every ${kind.kind} is seen` },
      );
  }

  async stop(): Promise<void> {
    this.#stopping.abort();
    await this.#running;
  }

  #see(watched: Watched, object: KubeObject, type: WatchEvent): void {
    const { known } = watched;
    if (type === "DELETED") known.delete(object.metadata.uid ?? "");
    else known.set(object.metadata.uid ?? "", object);
    // A new list tells one object after the other: only all of them together were there at one moment.
    if (type === "ADDED") queueMicrotask(() => this.#judge(watched));
    else this.#judge(watched);
  }

  #judge({ kind, path, known, limits }: Watched): void {
    const sum = sumOf([...known.values()].map((one) => at(one, ...path)));
    for (const [name, amount] of sum) {
      const limit = limits[name] ?? "0";
      if (amount <= parseQuantity(limit)) continue;
      const each = [...known.values()].map((one) => `${one.metadata.name} ${JSON.stringify(at(one, ...path))}`);
      this.violations.push(`${kind.kind}: more ${name} than ${limit} in ${each.join(", ")}`);
    }
  }
}

function versionOf(object: Pick<KubeObject, "metadata"> | undefined): number {
  return Number(object?.metadata.resourceVersion ?? -1);
}

/** The sum of several lists of Kubernetes quantities. */
export function sumOf(lists: readonly unknown[]): ReadonlyMap<string, Amount> {
  const sum = new Map<string, Amount>();
  for (const list of lists)
    for (const [name, amount] of Object.entries((list ?? {}) as Readonly<Record<string, string>>))
      sum.set(name, (sum.get(name) ?? 0n) + parseQuantity(amount));
  return sum;
}
