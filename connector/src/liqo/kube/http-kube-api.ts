import { Backoff } from "@catalog/server/backoff";
import type { KubeApi, KubeKind, KubeObject, ObjectRef, RemoveOptions, Selection, WatchListener } from "./kube-api.js";
import {
  errorOf,
  KubeError,
  KubeExpiredError,
  KubeNotFoundError,
  KubeUnavailableError,
  type KubeCall,
  type KubeVerb,
} from "./kube.errors.js";
import { collectionPath, describeRef, objectPath, resourceOf } from "./kinds.js";
import type { KubeAnswer, KubeRequest, KubeTransport } from "./kube-transport.js";
import { type ListSnapshot, WATCH_DEFAULTS, type WatchEvent, WatchLoop, type WatchLoopOptions } from "./watch-loop.js";

const PAGE = "500";
const MERGE_PATCH = "application/merge-patch+json";
/** The server ends each watch after so long; shorter than the relist, so that a frozen stream is noticed. */
const WATCH_SECONDS = 240;

export interface HttpKubeApiOptions {
  /** Told of each failure of a watch, which goes on all the same. */
  readonly onWatchError: (error: unknown) => void;
  readonly watch?: Partial<Omit<WatchLoopOptions, "onError">>;
}

/** {@link KubeApi} over HTTP, with the paths and content types of the Kubernetes API conventions. */
export class HttpKubeApi implements KubeApi {
  constructor(
    private readonly transport: KubeTransport,
    private readonly options: HttpKubeApiOptions,
  ) {}

  /** Version of Kubernetes, such as `v1.34.4`. */
  async serverVersion(): Promise<string> {
    const call: KubeCall = { verb: "get", resource: "/version", object: "the API server's version" };
    const answer = await this.send(call, { method: "GET", path: "/version" });
    const { gitVersion } = (answer ?? {}) as { gitVersion?: unknown };
    if (typeof gitVersion !== "string") throw new KubeUnavailableError(call, "the answer names no version");
    return gitVersion;
  }

  async get(ref: ObjectRef): Promise<KubeObject | undefined> {
    try {
      return await this.object("get", ref, { method: "GET", path: objectPath(ref) });
    } catch (error) {
      if (error instanceof KubeNotFoundError) return undefined;
      throw error;
    }
  }

  async list(kind: KubeKind, selection: Selection = {}): Promise<KubeObject[]> {
    return [...(await this.snapshot(kind, selection)).items];
  }

  create(object: KubeObject): Promise<KubeObject> {
    const { apiVersion, kind, metadata } = object;
    const path = collectionPath({ apiVersion, kind }, metadata.namespace);
    return this.object("create", refOf(object), { method: "POST", path, body: object });
  }

  replace(object: KubeObject): Promise<KubeObject> {
    return this.object("update", refOf(object), { method: "PUT", path: objectPath(refOf(object)), body: object });
  }

  replaceStatus(object: KubeObject): Promise<KubeObject> {
    const path = `${objectPath(refOf(object))}/status`;
    return this.object("update", refOf(object), { method: "PUT", path, body: object }, "/status");
  }

  mergePatch(ref: ObjectRef, patch: object): Promise<KubeObject> {
    const path = objectPath(ref);
    return this.object("patch", ref, { method: "PATCH", path, body: patch, contentType: MERGE_PATCH });
  }

  async remove(ref: ObjectRef, options: RemoveOptions = {}): Promise<void> {
    const body = {
      apiVersion: "v1",
      kind: "DeleteOptions",
      ...(options.uid === undefined ? {} : { preconditions: { uid: options.uid } }),
      ...(options.propagation === undefined ? {} : { propagationPolicy: options.propagation }),
    };
    try {
      await this.send(callOf("delete", ref), { method: "DELETE", path: objectPath(ref), body });
    } catch (error) {
      if (!(error instanceof KubeNotFoundError)) throw error;
    }
  }

  watch(kind: KubeKind, selection: Selection, onChange: WatchListener, signal: AbortSignal): Promise<void> {
    const source = {
      list: () => this.snapshot(kind, selection),
      events: (version: string, stop: AbortSignal) => this.events(kind, selection, version, stop),
    };
    const loop = new WatchLoop(source, onChange, {
      relistMs: WATCH_DEFAULTS.relistMs,
      backoff: new Backoff(WATCH_DEFAULTS.firstBackoffMs, WATCH_DEFAULTS.maxBackoffMs),
      now: () => performance.now(),
      ...this.options.watch,
      onError: this.options.onWatchError,
    });
    return loop.run(signal);
  }

  private async snapshot(kind: KubeKind, selection: Selection): Promise<ListSnapshot> {
    try {
      return await this.pages(kind, selection);
    } catch (error) {
      // The pages of one list belong to one version, which may be forgotten between two of them.
      if (error instanceof KubeExpiredError) return this.pages(kind, selection);
      throw error;
    }
  }

  private async pages(kind: KubeKind, selection: Selection): Promise<ListSnapshot> {
    const call = collectionCall("list", kind, selection);
    const path = collectionPath(kind, selection.namespace);
    const items: KubeObject[] = [];
    let next: string | undefined;
    let resourceVersion = "0";
    do {
      const query = { limit: PAGE, ...selectorOf(selection), ...(next === undefined ? {} : { continue: next }) };
      const page = await this.send(call, { method: "GET", path, query });
      const { items: found, metadata } = (page ?? {}) as {
        items?: unknown;
        metadata?: { continue?: string; resourceVersion?: string } | null;
      };
      if (!Array.isArray(found) || !found.every(isObject))
        throw new KubeUnavailableError(call, "the answer is no list");
      // Items of a list leave out what the list says once.
      for (const item of found) items.push({ ...item, apiVersion: kind.apiVersion, kind: kind.kind });
      resourceVersion = metadata?.resourceVersion ?? resourceVersion;
      next = metadata?.continue === "" ? undefined : metadata?.continue;
    } while (next !== undefined);
    return { items, resourceVersion };
  }

  private async *events(
    kind: KubeKind,
    selection: Selection,
    resourceVersion: string,
    stop: AbortSignal,
  ): AsyncGenerator<WatchEvent> {
    const call = collectionCall("watch", kind, selection);
    const path = collectionPath(kind, selection.namespace);
    const query = {
      watch: "true",
      allowWatchBookmarks: "true",
      resourceVersion,
      timeoutSeconds: String(WATCH_SECONDS),
      ...selectorOf(selection),
    };
    const signal = AbortSignal.any([stop, AbortSignal.timeout((WATCH_SECONDS + 30) * 1_000)]);
    try {
      const { status, body, lines } = await this.transport.open({ method: "GET", path, query }, signal);
      if (status !== 200) throw errorOf(call, status, body);
      for await (const line of lines) yield readEvent(call, line);
    } catch (error) {
      if (stop.aborted) return;
      throw asKubeError(call, error);
    }
  }

  private async object(verb: KubeVerb, ref: ObjectRef, request: KubeRequest, subresource = ""): Promise<KubeObject> {
    const call = callOf(verb, ref, subresource);
    const body = await this.send(call, request);
    if (!isObject(body)) throw new KubeUnavailableError(call, "the answer is no object");
    return body;
  }

  private async send(call: KubeCall, request: KubeRequest): Promise<unknown> {
    let answer: KubeAnswer;
    try {
      answer = await this.transport.send(request);
    } catch (error) {
      throw asKubeError(call, error);
    }
    if (answer.status < 200 || answer.status > 299) throw errorOf(call, answer.status, answer.body);
    return answer.body;
  }
}

function refOf({ apiVersion, kind, metadata }: KubeObject): ObjectRef {
  return { apiVersion, kind, namespace: metadata.namespace, name: metadata.name };
}

function callOf(verb: KubeVerb, ref: ObjectRef, subresource = ""): KubeCall {
  return {
    verb,
    resource: resourceOf(ref) + subresource,
    object: describeRef(ref) + (subresource === "" ? "" : " (status)"),
    namespace: ref.namespace,
  };
}

function collectionCall(verb: KubeVerb, kind: KubeKind, { namespace }: Selection): KubeCall {
  const where = namespace === undefined ? "" : ` in ${namespace}`;
  return { verb, resource: resourceOf(kind), object: `${kind.kind} objects${where}`, namespace };
}

function selectorOf({ labelSelector }: Selection): Record<string, string> {
  return labelSelector === undefined ? {} : { labelSelector };
}

function asKubeError(call: KubeCall, error: unknown): Error {
  if (error instanceof KubeError) return error;
  const { code, message } = error as NodeJS.ErrnoException;
  return new KubeUnavailableError(call, code ?? message);
}

/** Whether it is an object of Kubernetes as far as it is read without looking: it has metadata. */
function isObject(value: unknown): value is KubeObject {
  const { metadata } = (value ?? {}) as { metadata?: unknown };
  return typeof metadata === "object" && metadata !== null;
}

function readEvent(call: KubeCall, line: string): WatchEvent {
  const event = parse(line) as { type?: string; object?: KubeObject & { code?: number } } | undefined;
  if (event?.type === "ERROR") throw errorOf(call, event.object?.code ?? 500, event.object);
  if (!isObject(event?.object)) throw new KubeUnavailableError(call, "a line of the watch is no event");
  return event as WatchEvent;
}

function parse(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}
