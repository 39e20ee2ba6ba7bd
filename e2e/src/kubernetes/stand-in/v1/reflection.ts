import { KubeClient } from "../../rig/kube-client.js";
import type { KubeObject } from "../../rig/kube-object.js";
import { SLICE } from "./kinds.js";

/**
 * The consumer's eye and hand in one tenant namespace of one provider, with the certificate that the provider signed. What it knows of the slices there
 * comes from a watch, which goes on when the rights are taken, as with Liqo.
 */
export class Reflection {
  readonly #slices = new Map<string, KubeObject>();
  readonly #stop = new AbortController();
  #isSynced = false;
  #watching: Promise<void> = Promise.resolve();

  private constructor(
    readonly kube: KubeClient,
    readonly namespace: string,
    /** The kubeconfig it was opened with: another one needs another reflection. */
    readonly kubeconfig: string,
    private readonly onChange: () => void,
  ) {}

  /** @param onChange called whenever one of them has changed there. */
  static async open(kubeconfig: string, namespace: string, onChange: () => void): Promise<Reflection> {
    const reflection = new Reflection(await KubeClient.of(kubeconfig), namespace, kubeconfig, onChange);
    reflection.#watching = reflection.#follow();
    return reflection;
  }

  /** Whether the provider has no slice of that name any more; undefined until it could be asked once. */
  isGone(name: string): boolean | undefined {
    return this.#isSynced ? !this.#slices.has(name) : undefined;
  }

  /** The provider's copy as last seen. */
  slice(name: string): KubeObject | undefined {
    return this.#slices.get(name);
  }

  async close(): Promise<void> {
    this.#stop.abort();
    await this.#watching;
    this.kube.close();
  }

  async #follow(): Promise<void> {
    const signal = this.#stop.signal;
    const ask = async (): Promise<boolean> => {
      try {
        for (const slice of await this.kube.list(SLICE, { namespace: this.namespace })) this.#keep(slice);
        return true;
      } catch {
        return false; // no rights yet, or the provider is away
      }
    };
    while (!signal.aborted && !(await ask())) await new Promise((resolve) => setTimeout(resolve, 100));
    this.#isSynced = true;
    this.onChange();
    const onEvent = (slice: KubeObject, type: string): void => {
      if (type === "DELETED") this.#slices.delete(slice.metadata.name ?? "");
      else this.#keep(slice);
      this.onChange();
    };
    await this.kube.watch(SLICE, { namespace: this.namespace }, onEvent, signal);
  }

  #keep(slice: KubeObject): void {
    this.#slices.set(slice.metadata.name ?? "", slice);
  }
}
