/** Which kind of object; the group is part of `apiVersion`, because several groups have a ForeignCluster or a ResourceSlice. */
export interface KubeKind {
  readonly apiVersion: string;
  readonly kind: string;
}

/** One object. `namespace` is left out for kinds that live in none. */
export interface ObjectRef extends KubeKind {
  readonly namespace?: string | undefined;
  readonly name: string;
}

/** What an object refers to as its owner. */
export interface OwnerReference extends KubeKind {
  readonly name: string;
  readonly uid: string;
}

/** The part of `metadata` that is read or written here. */
export interface KubeMetadata {
  readonly name: string;
  readonly namespace?: string;
  readonly uid?: string;
  readonly resourceVersion?: string;
  /** Rises with every change of the spec, where the API server counts them. */
  readonly generation?: number;
  readonly labels?: Readonly<Record<string, string>>;
  readonly annotations?: Readonly<Record<string, string>>;
  readonly finalizers?: readonly string[];
  readonly creationTimestamp?: string;
  /** Present from the moment on in which the deletion was asked for, until the last finalizer is gone. */
  readonly deletionTimestamp?: string;
  readonly ownerReferences?: readonly OwnerReference[];
}

/** An object as the API server gives it. Only metadata has a known shape: whoever reads `spec` or `status` checks what it finds. */
export interface KubeObject extends KubeKind {
  readonly metadata: KubeMetadata;
  readonly spec?: unknown;
  readonly status?: unknown;
  /** Of a Secret: base64. */
  readonly data?: Readonly<Record<string, string>>;
  /** Of a Secret, when writing: plain text. */
  readonly stringData?: Readonly<Record<string, string>>;
  readonly type?: string;
  readonly [field: string]: unknown;
}

/** Which objects of a kind. */
export interface Selection {
  /** Only this namespace; all without it. */
  readonly namespace?: string | undefined;
  readonly labelSelector?: string | undefined;
}

export interface RemoveOptions {
  /** Removes the object only if it is still this one. */
  readonly uid?: string | undefined;
  readonly propagation?: "Foreground" | "Background" | undefined;
}

export type WatchEventType = "ADDED" | "MODIFIED" | "DELETED";
export type WatchListener = (object: KubeObject, type: WatchEventType) => void;

/**
 * The Kubernetes API as the drivers need it. Every method throws a {@link KubeError}: KubeForbiddenError where a permission is missing,
 * KubeKindMissingError where a CRD is not installed, KubeConflictError where somebody else was faster, KubeInvalidError where the API
 * server or an admission policy refuses the object, KubeUnavailableError for everything that may pass by itself.
 */
export interface KubeApi {
  /** Undefined if there is no such object. */
  get(ref: ObjectRef): Promise<KubeObject | undefined>;
  /** All of them, read in pages. */
  list(kind: KubeKind, selection?: Selection): Promise<KubeObject[]>;
  /** @throws KubeConflictError if there is one of that name. */
  create(object: KubeObject): Promise<KubeObject>;
  /** Writes the whole object. @throws KubeConflictError if it is not at that resourceVersion any more. */
  replace(object: KubeObject): Promise<KubeObject>;
  /** Writes the status alone. @throws KubeConflictError if it is not at that resourceVersion any more. */
  replaceStatus(object: KubeObject): Promise<KubeObject>;
  /** RFC 7386: null removes a field, a list is replaced. @throws KubeNotFoundError */
  mergePatch(ref: ObjectRef, patch: object): Promise<KubeObject>;
  /** Asks for the deletion; finalizers may delay it. An object that is not there is a success. */
  remove(ref: ObjectRef, options?: RemoveOptions): Promise<void>;
  /**
   * Tells every object and every change until the signal aborts, whatever happens to the connection: it lists, watches, and lists again
   * after an outage and every few minutes. An object may be told several times; what vanished unseen is told as DELETED.
   */
  watch(kind: KubeKind, selection: Selection, onChange: WatchListener, signal: AbortSignal): Promise<void>;
}
