import { readFile } from "node:fs/promises";
import { Agent as HttpAgent, type RequestOptions } from "node:http";
import { Agent as HttpsAgent, type AgentOptions } from "node:https";
import { dirname, resolve } from "node:path";
import { parse } from "yaml";

/** Where the API server is and what the Connector shows it. */
export interface KubeLogin {
  readonly server: URL;
  readonly agent: HttpAgent;
  readonly headers: Readonly<Record<string, string>>;
}

/** Where the credentials come from. */
export interface LoginSource {
  /** Path of a kubeconfig file; null: those that Kubernetes gives to a pod. */
  readonly kubeconfig: string | null;
  /** Put before the path of the pod's credentials. */
  readonly pathPrefix?: string;
}

/** A kubeconfig that names no cluster, or a pod without credentials. */
export class KubeLoginError extends Error {
  constructor(source: LoginSource, reason: string) {
    const where = source.kubeconfig === null ? "the pod's ServiceAccount" : source.kubeconfig;
    super(`No login to Kubernetes from ${where}: ${reason}`);
    this.name = "KubeLoginError";
  }
}

const FRESH_MS = 60_000;
const AGENT: AgentOptions = { keepAlive: true, keepAliveMsecs: 15_000, maxSockets: 32, maxFreeSockets: 8 };

/** What client-node fills in; it accepts the options of https, which types of Node do not all have. */
type LoginOptions = RequestOptions &
  Pick<AgentOptions, "ca" | "cert" | "key" | "pfx" | "passphrase" | "rejectUnauthorized" | "servername">;

/**
 * Keeps the login fresh: files are read again every minute and after a refusal, because ServiceAccount tokens are rotated by the hour
 * and kubeconfigs by hand. Connections are kept as long as the certificates stay the same.
 */
export class KubeLogins {
  private current: { readonly login: KubeLogin; readonly since: number; readonly tls: string } | undefined;

  /** @param now monotonic milliseconds. */
  constructor(
    private readonly source: LoginSource,
    private readonly now: () => number = () => performance.now(),
  ) {}

  /** @throws KubeLoginError */
  async get(): Promise<KubeLogin> {
    if (this.current === undefined || this.now() - this.current.since > FRESH_MS) await this.refresh();
    if (this.current === undefined) throw new KubeLoginError(this.source, "nothing was loaded");
    return this.current.login;
  }

  /** Reads the files again. @throws KubeLoginError */
  async refresh(): Promise<void> {
    try {
      await this.load();
    } catch (error) {
      throw error instanceof KubeLoginError ? error : new KubeLoginError(this.source, (error as Error).message);
    }
  }

  /** Closes idle connections. */
  close(): void {
    this.current?.login.agent.destroy();
    this.current = undefined;
  }

  private async load(): Promise<void> {
    // Importing takes a second and 125 MB: only those who talk to Kubernetes pay.
    const { KubeConfig } = await import("@kubernetes/client-node");
    const config = new KubeConfig();
    const { kubeconfig, pathPrefix } = this.source;
    if (kubeconfig === null) config.loadFromCluster(pathPrefix ?? "");
    else config.loadFromFile(kubeconfig);
    const cluster = config.getCurrentCluster();
    if (cluster === null || !URL.canParse(cluster.server))
      throw new KubeLoginError(this.source, "its current context names no cluster");
    const options: LoginOptions = { headers: {} };
    await config.applyToHTTPSOptions(options);
    const token = kubeconfig === null ? undefined : await tokenIn(kubeconfig, config.getCurrentUser()?.name);
    const headers = { ...headersOf(options), ...(token === undefined ? {} : { authorization: `Bearer ${token}` }) };
    const { ca, cert, key, pfx, passphrase, rejectUnauthorized, servername } = options;
    const tls = JSON.stringify([cluster.server, cluster.proxyUrl, ca, cert, key, rejectUnauthorized]);
    const before = this.current;
    const isSame = before?.tls === tls;
    const server = new URL(cluster.server);
    const secure: AgentOptions = { ca, cert, key, pfx, passphrase, servername };
    if (rejectUnauthorized !== undefined) secure.rejectUnauthorized = rejectUnauthorized;
    const agent = isSame
      ? before.login.agent
      : cluster.proxyUrl !== undefined && options.agent instanceof HttpAgent
        ? options.agent
        : server.protocol === "http:"
          ? new HttpAgent(AGENT)
          : new HttpsAgent({ ...AGENT, ...defined(secure) });
    this.current = { login: { server, agent, headers }, since: this.now(), tls };
    if (!isSame) before?.login.agent.destroy();
  }
}

/** What stands in the file that a kubeconfig names as `tokenFile`: the library knows only `token`. A token beside it is older. */
async function tokenIn(kubeconfig: string, userName: string | undefined): Promise<string | undefined> {
  const { users } = (parse(await readFile(kubeconfig, "utf8")) ?? {}) as {
    users?: readonly { readonly name?: unknown; readonly user?: { readonly tokenFile?: unknown } | null }[];
  };
  const file = users?.find(({ name }) => name === userName)?.user?.tokenFile;
  if (typeof file !== "string" || file === "") return undefined;
  return (await readFile(resolve(dirname(kubeconfig), file), "utf8")).trim();
}

function defined(options: AgentOptions): AgentOptions {
  return Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined && value !== null));
}

function headersOf(options: LoginOptions): Record<string, string> {
  const headers: Record<string, string> = {};
  for (const [name, value] of Object.entries(options.headers ?? {})) {
    if (typeof value === "string") headers[name.toLowerCase()] = value.trim();
  }
  if (typeof options.auth === "string" && options.auth !== "")
    headers["authorization"] = `Basic ${Buffer.from(options.auth).toString("base64")}`;
  return headers;
}
