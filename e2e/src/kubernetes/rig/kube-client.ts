import { KubeConfig } from "@kubernetes/client-node";
import type { OutgoingHttpHeaders } from "node:http";
import { Agent, type RequestOptions } from "node:https";
import { exchange, stream, type Target } from "./kube-http.js";
import { KubeStatusError } from "./kube-status.error.js";
import { type KindRef, type KubeObject, type ObjectRef, refOf } from "./kube-object.js";

export interface ListOptions {
  readonly namespace?: string | undefined;
  readonly labelSelector?: string | undefined;
}

/** One kind as the server serves it. */
export interface ServedKind extends KindRef {
  readonly plural: string;
  readonly namespaced: boolean;
  readonly verbs: readonly string[];
}

export type WatchEvent = "ADDED" | "MODIFIED" | "DELETED";

const RELIST_PAUSE_MS = 150;

/**
 * A user of one API server, as a script with kubectl would be one: any kind that the server serves, by its apiVersion and kind. Who it is comes
 * from a kubeconfig. Refusals are thrown as {@link KubeStatusError}.
 */
export class KubeClient {
  readonly #kinds = new Map<string, readonly ServedKind[]>();

  private constructor(private readonly target: Target) {}

  /** Logs in with the text of a kubeconfig. */
  static async of(kubeconfig: string): Promise<KubeClient> {
    const config = new KubeConfig();
    config.loadFromString(kubeconfig);
    const options: RequestOptions = {};
    await config.applyToHTTPSOptions(options);
    const server = config.getCurrentCluster()?.server;
    if (server === undefined) throw new Error("the kubeconfig names no cluster");
    // The agent of the library keeps no connection open; a handshake for each call would be most of a test's time.
    const { ca, cert, key, rejectUnauthorized } = options;
    const agent = new Agent({
      keepAlive: true,
      ...(ca === undefined ? {} : { ca }),
      ...(cert === undefined ? {} : { cert }),
      ...(key === undefined ? {} : { key }),
      ...(rejectUnauthorized === undefined ? {} : { rejectUnauthorized }),
    });
    return new KubeClient({ server: new URL(server), agent, headers: (options.headers ?? {}) as OutgoingHttpHeaders });
  }

  close(): void {
    this.target.agent.destroy();
  }

  /** Whether the server is up and ready; false also when it cannot be reached. */
  async isReady(): Promise<boolean> {
    try {
      await this.raw("GET", "/readyz");
      return true;
    } catch (error) {
      if (error instanceof KubeStatusError || isUnreachable(error)) return false;
      throw error;
    }
  }

  /** The object; undefined if there is none, or no such kind. */
  async get(ref: ObjectRef): Promise<KubeObject | undefined> {
    try {
      return await this.#call("GET", await this.#path(ref, ref.name));
    } catch (error) {
      if (error instanceof KubeStatusError && error.status === 404) return undefined;
      throw error;
    }
  }

  async list(kind: KindRef, options: ListOptions = {}): Promise<KubeObject[]> {
    return (await this.#list(kind, options)).items;
  }

  create(object: KubeObject): Promise<KubeObject> {
    return this.#path(refOf(object)).then((path) => this.#call("POST", path, object));
  }

  /** Creates the object unless one of that name exists. */
  async ensure(object: KubeObject): Promise<KubeObject> {
    try {
      return await this.create(object);
    } catch (error) {
      if (!(error instanceof KubeStatusError) || error.reason !== "AlreadyExists") throw error;
      return (await this.get(refOf(object))) ?? (await this.create(object));
    }
  }

  /** Writes the whole object; 409 if its resourceVersion is old. */
  async replace(object: KubeObject): Promise<KubeObject> {
    const ref = refOf(object);
    return this.#call("PUT", await this.#path(ref, ref.name), object);
  }

  /** Writes a subresource such as `status` or `approval` from the whole object. */
  async replacePart(object: KubeObject, part: string): Promise<KubeObject> {
    const ref = refOf(object);
    return this.#call("PUT", `${await this.#path(ref, ref.name)}/${part}`, object);
  }

  /** Posts to a subresource such as `token`. */
  async createPart(ref: ObjectRef, part: string, object: KubeObject): Promise<KubeObject> {
    return this.#call("POST", `${await this.#path(ref, ref.name)}/${part}`, object);
  }

  /** A JSON merge patch of the object, or of its subresource. */
  async patch(ref: ObjectRef, patch: object, part?: string): Promise<KubeObject> {
    const path = await this.#path(ref, ref.name);
    return this.#call("PATCH", part === undefined ? path : `${path}/${part}`, patch, "application/merge-patch+json");
  }

  /** Deletes the object; one that does not exist is deleted already. */
  async remove(ref: ObjectRef): Promise<void> {
    try {
      await this.#call("DELETE", await this.#path(ref, ref.name), { propagationPolicy: "Background" });
    } catch (error) {
      if (!(error instanceof KubeStatusError) || error.status !== 404) throw error;
    }
  }

  /** Any path of the API. */
  raw(method: string, path: string, body?: unknown): Promise<unknown> {
    return exchange(this.target, method, path, body);
  }

  /** Every kind that the server serves, in its preferred version. */
  async kinds(): Promise<readonly ServedKind[]> {
    const groups = (await this.raw("GET", "/apis")) as {
      groups: readonly { preferredVersion: { groupVersion: string } }[];
    };
    const versions = ["v1", ...groups.groups.map((group) => group.preferredVersion.groupVersion)];
    return (await Promise.all(versions.map((version) => this.#served(version)))).flat();
  }

  /**
   * Tells of every object of a kind, now and whenever it changes, until the signal aborts: lists, watches, and lists again whenever the
   * server ends the watch or is away. After a new list, `onEvent` is told of the deletion of what has gone meanwhile.
   */
  async watch(
    kind: KindRef,
    options: ListOptions,
    onEvent: (object: KubeObject, type: WatchEvent) => void,
    signal: AbortSignal,
    onError: (error: unknown) => void = () => undefined,
  ): Promise<void> {
    const known = new Map<string, KubeObject>();
    const tell = (object: KubeObject, type: WatchEvent): void => {
      const id = object.metadata.uid ?? "";
      if (type === "DELETED") known.delete(id);
      else known.set(id, object);
      onEvent(object, type);
    };
    while (!signal.aborted) {
      try {
        const { items, resourceVersion } = await this.#list(kind, options);
        const present = new Set(items.map((item) => item.metadata.uid));
        for (const [id, object] of known) if (!present.has(id)) tell(object, "DELETED");
        for (const item of items) tell(item, "ADDED");
        const path = `${await this.#path({ ...kind, ...options })}${query({ ...options, resourceVersion, watch: "true", timeoutSeconds: "120" })}`;
        await stream(this.target, path, (line) => follow(kind, line, tell), signal);
      } catch (error) {
        if (!signal.aborted) onError(error);
      }
      if (!signal.aborted) await pause(RELIST_PAUSE_MS, signal);
    }
  }

  async #list(kind: KindRef, options: ListOptions): Promise<{ items: KubeObject[]; resourceVersion: string }> {
    const path = `${await this.#path({ ...kind, namespace: options.namespace })}${query({ labelSelector: options.labelSelector })}`;
    const list = (await this.#call("GET", path)) as unknown as {
      metadata: { resourceVersion: string };
      items: readonly Omit<KubeObject, "apiVersion" | "kind">[];
    };
    const items = list.items.map((item) => ({ ...item, apiVersion: kind.apiVersion, kind: kind.kind }) as KubeObject);
    return { items, resourceVersion: list.metadata.resourceVersion };
  }

  async #path(ref: KindRef & { readonly namespace?: string | undefined }, name?: string): Promise<string> {
    const served = (await this.#served(ref.apiVersion)).find((kind) => kind.kind === ref.kind);
    if (!served) {
      this.#kinds.delete(ref.apiVersion); // it may be installed later
      throw new KubeStatusError(404, "NotFound", `the server serves no ${ref.kind} of ${ref.apiVersion}`);
    }
    const root = ref.apiVersion.includes("/") ? `/apis/${ref.apiVersion}` : `/api/${ref.apiVersion}`;
    const inside = served.namespaced && ref.namespace !== undefined ? `/namespaces/${ref.namespace}` : "";
    return `${root}${inside}/${served.plural}${name === undefined ? "" : `/${name}`}`;
  }

  async #served(apiVersion: string): Promise<readonly ServedKind[]> {
    const cached = this.#kinds.get(apiVersion);
    if (cached) return cached;
    const path = apiVersion.includes("/") ? `/apis/${apiVersion}` : `/api/${apiVersion}`;
    const answer = (await this.raw("GET", path)) as {
      resources: readonly { name: string; kind: string; namespaced: boolean; verbs: readonly string[] }[];
    };
    const kinds = answer.resources
      .filter((resource) => !resource.name.includes("/"))
      .map(({ name, kind, namespaced, verbs }) => ({ apiVersion, kind, plural: name, namespaced, verbs }));
    this.#kinds.set(apiVersion, kinds);
    return kinds;
  }

  async #call(method: string, path: string, body?: unknown, contentType?: string): Promise<KubeObject> {
    return (await exchange(this.target, method, path, body, contentType)) as KubeObject;
  }
}

/** Whether nobody answered: connection refused, reset, cut. */
export function isUnreachable(error: unknown): boolean {
  const code = (error as NodeJS.ErrnoException | null)?.code;
  return code === "ECONNREFUSED" || code === "ECONNRESET" || code === "EPIPE" || code === "ETIMEDOUT";
}

function query(parameters: Readonly<Record<string, string | undefined>>): string {
  const { namespace: _, ...rest } = parameters;
  const given = Object.entries(rest).filter((entry): entry is [string, string] => entry[1] !== undefined);
  return given.length === 0 ? "" : `?${new URLSearchParams(given).toString()}`;
}

/** One line of a watch; ERROR (such as 410 Gone) ends it, so that a new list follows. */
function follow(kind: KindRef, line: string, tell: (object: KubeObject, type: WatchEvent) => void): void {
  const { type, object } = JSON.parse(line) as { type: WatchEvent | "BOOKMARK" | "ERROR"; object: KubeObject };
  if (type === "ERROR") throw KubeStatusError.from(object);
  if (type !== "BOOKMARK") tell({ ...object, apiVersion: kind.apiVersion, kind: kind.kind }, type);
}

function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const done = (): void => {
      clearTimeout(timer);
      signal.removeEventListener("abort", done);
      resolve();
    };
    const timer = setTimeout(done, ms);
    signal.addEventListener("abort", done, { once: true });
  });
}
