import type {
  KubeApi,
  KubeKind,
  KubeObject,
  ObjectRef,
  RemoveOptions,
  Selection,
  WatchEventType,
  WatchListener,
} from "../kube/kube-api.js";
import { KubeConflictError, KubeNotFoundError, type KubeVerb } from "../kube/kube.errors.js";
import { resourceOf } from "../kube/kinds.js";

/** Called before every request; what it throws is what the caller gets. */
export type BeforeCall = (verb: KubeVerb, ref: ObjectRef | KubeKind) => void | Promise<void>;
/** Plays the controllers of a cluster: called after every change. */
export type AfterChange = (object: KubeObject, type: WatchEventType) => void;

/** A Kubernetes API in memory: resourceVersions, conflicts, finalizers, status as a subresource, merge patches, watches. */
export class FakeKube implements KubeApi {
  readonly objects = new Map<string, KubeObject>();
  before: BeforeCall = () => undefined;
  after: AfterChange = () => undefined;
  calls = 0;
  private version = 0;
  private readonly watchers = new Set<{ kind: KubeKind; selection: Selection; listener: WatchListener }>();

  async get(ref: ObjectRef): Promise<KubeObject | undefined> {
    await this.call("get", ref);
    return this.peek(ref);
  }

  async list(kind: KubeKind, selection: Selection = {}): Promise<KubeObject[]> {
    await this.call("list", kind);
    return [...this.objects.values()]
      .filter((object) => isSelected(object, kind, selection))
      .map((object) => structuredClone(object));
  }

  async create(object: KubeObject): Promise<KubeObject> {
    const ref = refOf(object);
    await this.call("create", ref);
    if (this.objects.has(keyOf(ref))) throw new KubeConflictError(this.describe("create", ref), "already exists");
    const { status: _, ...rest } = structuredClone(object);
    return this.store(
      { ...rest, metadata: { ...rest.metadata, uid: `uid-${++this.version}`, creationTimestamp: stamp(this.version) } },
      "ADDED",
    );
  }

  async replace(object: KubeObject): Promise<KubeObject> {
    const before = await this.current("update", object);
    const { status: _, ...rest } = structuredClone(object);
    return this.store({ ...rest, ...("status" in before ? { status: before.status } : {}) }, "MODIFIED");
  }

  async replaceStatus(object: KubeObject): Promise<KubeObject> {
    const before = await this.current("update", object);
    return this.store({ ...before, status: structuredClone(object.status) }, "MODIFIED");
  }

  async mergePatch(ref: ObjectRef, patch: object): Promise<KubeObject> {
    await this.call("patch", ref);
    const before = this.peek(ref);
    if (before === undefined) throw new KubeNotFoundError(this.describe("patch", ref));
    const { status: _, ...rest } = patch as Record<string, unknown>;
    return this.store(merge(before, rest) as KubeObject, "MODIFIED");
  }

  async remove(ref: ObjectRef, options: RemoveOptions = {}): Promise<void> {
    await this.call("delete", ref);
    const object = this.peek(ref);
    if (object === undefined || (options.uid !== undefined && object.metadata.uid !== options.uid)) return;
    if ((object.metadata.finalizers ?? []).length === 0) return this.drop(object);
    if (object.metadata.deletionTimestamp !== undefined) return;
    this.store({ ...object, metadata: { ...object.metadata, deletionTimestamp: stamp(this.version) } }, "MODIFIED");
  }

  async watch(kind: KubeKind, selection: Selection, listener: WatchListener, signal: AbortSignal): Promise<void> {
    const watcher = { kind, selection, listener };
    this.watchers.add(watcher);
    for (const object of await this.list(kind, selection)) listener(object, "ADDED");
    if (!signal.aborted)
      await new Promise<void>((resolve) => signal.addEventListener("abort", () => resolve(), { once: true }));
    this.watchers.delete(watcher);
  }

  /** Without a request: what a test or a played controller sees. */
  peek(ref: ObjectRef): KubeObject | undefined {
    const object = this.objects.get(keyOf(ref));
    return object === undefined ? undefined : structuredClone(object);
  }

  /** Whether nobody has changed it since. */
  isCurrent(object: KubeObject): boolean {
    return this.objects.get(keyOf(refOf(object))) === object;
  }

  /** Without a request: a played controller writes anything, status included. */
  put(object: KubeObject): KubeObject {
    const isNew = !this.objects.has(keyOf(refOf(object)));
    const metadata = isNew
      ? { uid: `uid-${++this.version}`, creationTimestamp: stamp(this.version), ...object.metadata }
      : object.metadata;
    return this.store({ ...object, metadata }, isNew ? "ADDED" : "MODIFIED");
  }

  /** Without a request, whatever the finalizers. */
  drop(object: KubeObject): void {
    const key = keyOf(refOf(object));
    if (!this.objects.delete(key)) return;
    this.tell(object, "DELETED");
    if (object.kind === "Namespace")
      for (const inside of this.objects.values())
        if (inside.metadata.namespace === object.metadata.name) this.drop(inside);
  }

  /** `Kind namespace/name` of everything there is, in order. */
  names(): string[] {
    return [...this.objects.values()]
      .map(
        ({ kind, metadata }) =>
          `${kind} ${metadata.namespace === undefined ? "" : `${metadata.namespace}/`}${metadata.name}`,
      )
      .sort();
  }

  private async call(verb: KubeVerb, ref: ObjectRef | KubeKind): Promise<void> {
    resourceOf(ref); // throws for a kind that the real one does not know
    this.calls++;
    await this.before(verb, ref);
  }

  private async current(verb: KubeVerb, object: KubeObject): Promise<KubeObject> {
    const ref = refOf(object);
    await this.call(verb, ref);
    const before = this.peek(ref);
    if (before === undefined) throw new KubeNotFoundError(this.describe(verb, ref));
    if (before.metadata.resourceVersion !== object.metadata.resourceVersion)
      throw new KubeConflictError(this.describe(verb, ref), "modified");
    return before;
  }

  private store(object: KubeObject, type: WatchEventType): KubeObject {
    const { stringData, ...rest } = structuredClone(object);
    const data = stringData && {
      ...rest.data,
      ...Object.fromEntries(
        Object.entries(stringData).map(([name, text]) => [name, Buffer.from(text).toString("base64")]),
      ),
    };
    const stored: KubeObject = {
      ...rest,
      ...(data === undefined ? {} : { data }),
      metadata: { ...rest.metadata, resourceVersion: String(++this.version) },
    };
    const { deletionTimestamp, finalizers = [] } = stored.metadata;
    this.objects.set(keyOf(refOf(stored)), stored);
    if (deletionTimestamp !== undefined && finalizers.length === 0) this.drop(stored);
    else this.tell(stored, type);
    return structuredClone(stored);
  }

  private tell(object: KubeObject, type: WatchEventType): void {
    for (const { kind, selection, listener } of this.watchers)
      if (isSelected(object, kind, selection)) listener(structuredClone(object), type);
    this.after(structuredClone(object), type);
  }

  private describe(verb: KubeVerb, ref: ObjectRef) {
    return { verb, resource: resourceOf(ref), object: `${ref.kind} ${ref.name}`, namespace: ref.namespace };
  }
}

function stamp(second: number): string {
  return new Date(Date.UTC(2026, 0, 1) + second * 1_000).toISOString();
}

function keyOf({ apiVersion, kind, namespace, name }: ObjectRef): string {
  return `${apiVersion}/${kind} ${namespace ?? ""}/${name}`;
}

function refOf({ apiVersion, kind, metadata: { name, namespace } }: KubeObject): ObjectRef {
  return { apiVersion, kind, name, namespace };
}

function isSelected(object: KubeObject, kind: KubeKind, { namespace, labelSelector = "" }: Selection): boolean {
  const labels = labelSelector.split(",").filter((part) => part !== "");
  return (
    object.apiVersion === kind.apiVersion &&
    object.kind === kind.kind &&
    (namespace === undefined || object.metadata.namespace === namespace) &&
    labels.every((part) => {
      const [name = "", value] = part.split("=");
      return value === undefined
        ? object.metadata.labels?.[name] !== undefined
        : object.metadata.labels?.[name] === value;
    })
  );
}

/** RFC 7386. */
export function merge(target: unknown, patch: unknown): unknown {
  if (typeof patch !== "object" || patch === null || Array.isArray(patch)) return patch;
  const result: Record<string, unknown> = typeof target === "object" && target !== null ? { ...target } : {};
  for (const [name, value] of Object.entries(patch)) {
    if (value === null) delete result[name];
    else result[name] = merge(result[name], value);
  }
  return result;
}
