/** Where an object is. */
export interface ObjectRef {
  readonly apiVersion: string;
  readonly kind: string;
  readonly namespace?: string | undefined;
  readonly name: string;
}

export interface KindRef {
  readonly apiVersion: string;
  readonly kind: string;
}

export interface OwnerReference {
  readonly apiVersion: string;
  readonly kind: string;
  readonly name: string;
  readonly uid: string;
  readonly controller?: boolean;
}

export interface ObjectMeta {
  readonly name?: string;
  readonly generateName?: string;
  readonly namespace?: string;
  readonly uid?: string;
  readonly resourceVersion?: string;
  readonly generation?: number;
  readonly labels?: Readonly<Record<string, string>>;
  readonly annotations?: Readonly<Record<string, string>>;
  readonly finalizers?: readonly string[];
  readonly deletionTimestamp?: string;
  readonly ownerReferences?: readonly OwnerReference[];
}

/** An object of the API as JSON; what its kind adds is read through {@link at}. */
export interface KubeObject extends KindRef {
  readonly metadata: ObjectMeta;
  readonly [field: string]: unknown;
}

/** The value under a path such as `at(tenant, "spec", "clusterID")`; undefined where a step is missing. */
export function at(value: unknown, ...path: readonly (string | number)[]): unknown {
  let found: unknown = value;
  for (const step of path) {
    if (typeof found !== "object" || found === null) return undefined;
    found = (found as Record<string | number, unknown>)[step];
  }
  return found;
}

/** As {@link at}; undefined unless it is a text. */
export function textAt(value: unknown, ...path: readonly (string | number)[]): string | undefined {
  const found = at(value, ...path);
  return typeof found === "string" ? found : undefined;
}

/** A text in the `data` of a Secret; undefined where the key is missing or empty. */
export function secretText(secret: KubeObject | undefined, key: string): string | undefined {
  const encoded = textAt(secret, "data", key);
  return encoded === undefined || encoded === "" ? undefined : Buffer.from(encoded, "base64").toString();
}

export function base64(value: string | Uint8Array): string {
  return Buffer.from(value).toString("base64");
}

export function refOf(object: KubeObject): ObjectRef {
  return {
    apiVersion: object.apiVersion,
    kind: object.kind,
    namespace: object.metadata.namespace,
    name: object.metadata.name ?? "",
  };
}

export function labelOf(object: KubeObject | undefined, name: string): string | undefined {
  return object?.metadata.labels?.[name];
}

export function ownerOf(object: KubeObject): OwnerReference {
  const { apiVersion, kind, metadata } = object;
  return { apiVersion, kind, name: metadata.name ?? "", uid: metadata.uid ?? "" };
}
