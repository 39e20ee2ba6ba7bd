import { KubeClient } from "../../rig/kube-client.js";
import type { KindRef, KubeObject } from "../../rig/kube-object.js";
import { RENEW, SLICE } from "./kinds.js";

/**
 * The consumer's eye and hand in one tenant namespace of one provider, with the certificate that the provider signed. What it knows of the slices and
 * renewals there comes from watches, which go on when the rights are taken, as with Liqo.
 */
export class Reflection {
  /** By kind, then by name; a kind is there once it could be listed. */
  readonly #known = new Map<string, Map<string, KubeObject>>();
  readonly #stop = new AbortController();
  #watching: Promise<unknown> = Promise.resolve();

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
    reflection.#watching = Promise.all([SLICE, RENEW].map((kind) => reflection.#follow(kind)));
    return reflection;
  }

  /** Whether the provider has no object of that name any more; undefined until it could be asked once. */
  isGone(name: string, { kind }: KindRef = SLICE): boolean | undefined {
    const known = this.#known.get(kind);
    return known && !known.has(name);
  }

  /** The provider's copy as last seen. */
  slice(name: string): KubeObject | undefined {
    return this.#known.get(SLICE.kind)?.get(name);
  }

  async close(): Promise<void> {
    this.#stop.abort();
    await this.#watching;
    this.kube.close();
  }

  async #follow(kind: KindRef): Promise<void> {
    const signal = this.#stop.signal;
    const options = { namespace: this.namespace };
    const ask = async (): Promise<boolean> => {
      try {
        const objects = await this.kube.list(kind, options);
        this.#known.set(kind.kind, new Map(objects.map((object) => [object.metadata.name ?? "", object])));
        return true;
      } catch {
        return false; // no rights yet, or the provider is away
      }
    };
    while (!signal.aborted && !(await ask())) await new Promise((resolve) => setTimeout(resolve, 100));
    this.onChange();
    const onEvent = (object: KubeObject, type: string): void => {
      const known = this.#known.get(kind.kind);
      if (type === "DELETED") known?.delete(object.metadata.name ?? "");
      else known?.set(object.metadata.name ?? "", object);
      this.onChange();
    };
    await this.kube.watch(kind, options, onEvent, signal);
  }
}
