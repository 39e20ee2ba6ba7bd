import { readFile } from "node:fs/promises";
import { request as httpRequest } from "node:http";
import { request as httpsRequest } from "node:https";
import { join } from "node:path";

/** What a Secret holds: text by name. */
export type SecretFiles = Readonly<Record<string, string>>;

/** A place for the private files of a part that outlives its pods and is the same for all of them. */
export interface SecretStore {
  /** What is kept now; undefined where nothing ever was. */
  read(): Promise<KeptSecret | undefined>;
  /** Keeps `files` in the place of `before`. False if somebody else was first: read again. */
  write(files: SecretFiles, before: KeptSecret | undefined): Promise<boolean>;
}

/** What was read, and what of it is needed to write. */
export interface KeptSecret {
  readonly files: SecretFiles;
  /** The whole object. */
  readonly object: SecretObject;
}

/** A Secret of Kubernetes. */
interface SecretObject {
  readonly metadata: Readonly<Record<string, unknown>>;
  readonly data?: Readonly<Record<string, string>>;
  readonly [field: string]: unknown;
}

/** The API server refused or could not be asked; the message says what for and what may help. */
export class SecretUnavailableError extends Error {
  constructor(verb: string, secret: string, reason: string) {
    super(
      `The Secret ${secret} cannot be used (${verb}: ${reason}). The ServiceAccount of this pod needs get and update on it, and create on Secrets of its namespace.`,
    );
    this.name = "SecretUnavailableError";
  }
}

/** Where a pod finds the API server and its own login. */
export interface PodLogin {
  readonly server: string;
  /** Holds `token`, `ca.crt` and `namespace`, which Kubernetes keeps fresh. */
  readonly folder: string;
}

const IN_POD: PodLogin = {
  server: "https://kubernetes.default.svc",
  folder: "/var/run/secrets/kubernetes.io/serviceaccount",
};
const TIMEOUT_MS = 10_000;
const LABELS = { "app.kubernetes.io/managed-by": "the-catalog" };

/** A Secret in the namespace of the pod that this process runs in. */
export class PodSecret implements SecretStore {
  constructor(
    private readonly name: string,
    private readonly login: PodLogin = IN_POD,
  ) {}

  /** @throws SecretUnavailableError */
  async read(): Promise<KeptSecret | undefined> {
    const { status, body } = await this.call("GET", this.name);
    if (status === 404) return undefined;
    this.requireStatus("get", status, body);
    const object = JSON.parse(body) as SecretObject;
    const files = Object.entries(object.data ?? {}).map(([file, text]) => [
      file,
      Buffer.from(text, "base64").toString(),
    ]);
    return { object, files: Object.fromEntries(files) as SecretFiles };
  }

  /** @throws SecretUnavailableError */
  async write(files: SecretFiles, before: KeptSecret | undefined): Promise<boolean> {
    const encoded = Object.entries(files).map(([file, text]) => [file, Buffer.from(text).toString("base64")]);
    const data = { ...before?.object.data, ...(Object.fromEntries(encoded) as SecretFiles) };
    const fresh = { apiVersion: "v1", kind: "Secret", type: "Opaque", metadata: { name: this.name, labels: LABELS } };
    const { status, body } =
      before === undefined
        ? await this.call("POST", "", { ...fresh, data })
        : await this.call("PUT", this.name, { ...before.object, data });
    if (status === 409) return false;
    this.requireStatus(before === undefined ? "create" : "update", status, body);
    return true;
  }

  private requireStatus(verb: string, status: number, body: string): void {
    if (status >= 200 && status < 300) return;
    const message = /"message":\s*"((?:[^"\\]|\\.)*)"/.exec(body)?.[1] ?? "";
    throw new SecretUnavailableError(verb, this.name, `${status} ${message}`.trim());
  }

  private async call(method: string, name: string, body?: object): Promise<{ status: number; body: string }> {
    const file = (one: string): Promise<string> => readFile(join(this.login.folder, one), "utf8");
    try {
      const [namespace, token, ca] = await Promise.all([file("namespace"), file("token"), file("ca.crt")]);
      const path = `/api/v1/namespaces/${namespace.trim()}/secrets${name === "" ? "" : `/${name}`}`;
      return await exchange(new URL(path, this.login.server), { method, ca, token: token.trim(), body });
    } catch (error) {
      throw new SecretUnavailableError(method.toLowerCase(), this.name, (error as Error).message);
    }
  }
}

interface Call {
  readonly method: string;
  readonly ca: string;
  readonly token: string;
  readonly body: object | undefined;
}

function exchange(url: URL, { method, ca, token, body }: Call): Promise<{ status: number; body: string }> {
  const text = body === undefined ? undefined : JSON.stringify(body);
  const headers = {
    accept: "application/json",
    authorization: `Bearer ${token}`,
    ...(text === undefined ? {} : { "content-type": "application/json", "content-length": Buffer.byteLength(text) }),
  };
  const send = url.protocol === "http:" ? httpRequest : httpsRequest;
  return new Promise((resolve, reject) => {
    const request = send(url, { method, headers, ca, timeout: TIMEOUT_MS }, (response) => {
      const chunks: Buffer[] = [];
      response.on("data", (chunk: Buffer) => chunks.push(chunk));
      response.once("error", reject);
      response.once("end", () => resolve({ status: response.statusCode ?? 0, body: Buffer.concat(chunks).toString() }));
    });
    request.once("timeout", () => request.destroy(new Error("no answer")));
    request.once("error", reject);
    request.end(text);
  });
}
