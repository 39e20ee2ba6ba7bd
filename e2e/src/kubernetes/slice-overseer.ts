import { type Amount, parseQuantity } from "@catalog/schema/quantity";
import type { KubeClient } from "./rig/kube-client.js";
import { at, type KubeObject } from "./rig/kube-object.js";
import { QUOTA, SLICE } from "./stand-in/v1/kinds.js";

/** Amounts by resource name. */
export type Limits = Readonly<Record<string, string>>;

/** Sees every change of the slices and Quotas of one namespace, and remembers each moment at which they had more than was sold. */
export class SliceOverseer {
  readonly violations: string[] = [];
  readonly #stopping = new AbortController();
  readonly #running: Promise<unknown>;
  #limits: Limits = {};

  constructor(
    admin: KubeClient,
    readonly namespace: string,
  ) {
    const kinds = [
      { kind: SLICE, path: ["status", "resources"] },
      { kind: QUOTA, path: ["spec", "resources"] },
    ];
    this.#running = Promise.all(
      kinds.map(({ kind, path }) => {
        const known = new Map<string, KubeObject>();
        const see = (object: KubeObject, type: string): void => {
          if (type === "DELETED") known.delete(object.metadata.uid ?? "");
          else known.set(object.metadata.uid ?? "", object);
          this.#judge(kind.kind, sumOf([...known.values()].map((one) => at(one, ...path))));
        };
        return admin.watch(kind, { namespace }, see, this.#stopping.signal);
      }),
    );
  }

  /** What was sold from now on; to be told before it grows, and after what shrinks has shrunk. */
  sold(limits: Limits): void {
    this.#limits = limits;
  }

  async stop(): Promise<void> {
    this.#stopping.abort();
    await this.#running;
  }

  #judge(kind: string, sum: ReadonlyMap<string, Amount>): void {
    for (const [name, amount] of sum) {
      const limit = this.#limits[name];
      if (amount > (limit === undefined ? 0n : parseQuantity(limit)))
        this.violations.push(`${kind}: ${name} ${amount} of ${limit ?? "nothing"}`);
    }
  }
}

/** The sum of several lists of Kubernetes quantities. */
export function sumOf(lists: readonly unknown[]): ReadonlyMap<string, Amount> {
  const sum = new Map<string, Amount>();
  for (const list of lists)
    for (const [name, amount] of Object.entries((list ?? {}) as Readonly<Record<string, string>>))
      sum.set(name, (sum.get(name) ?? 0n) + parseQuantity(amount));
  return sum;
}
