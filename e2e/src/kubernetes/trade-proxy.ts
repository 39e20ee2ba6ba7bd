import { once } from "node:events";
import type { IncomingMessage, ServerResponse } from "node:http";
import { Agent, createServer, request, type Server } from "node:https";
import type { AddressInfo } from "node:net";
import { pipeline } from "node:stream";
import type { TestCluster } from "./rig/clusters.js";
import { TestAuthority } from "./rig/pki.js";

/** A write to the API server, at the moment when it has not arrived yet, or when it has been done and nobody was told. */
export interface WriteMoment {
  readonly write: string;
  readonly moment: "before" | "after";
}

/** Stands between one Connector and its API server; sees every write, and can leave the Connector without an answer to one. */
export class KubeProxy {
  /** True: this write gets no answer; the Connector is expected to be killed now. */
  isCut: (moment: WriteMoment) => boolean = () => false;
  /** Done before a write is passed on: what somebody else does then, the Connector has not read. */
  beforeWrite: (write: string) => Promise<void> = () => Promise.resolve();
  /** Requests other than watches, in all. */
  requests = 0;
  readonly #agent: Agent;

  private constructor(
    private readonly server: Server,
    private readonly target: URL,
    /** PEM of the authority that signed its certificate. */
    readonly ca: string,
    targetCa: string,
  ) {
    this.#agent = new Agent({ keepAlive: true, ca: targetCa });
    server.on("request", (incoming, answer) => {
      this.#serve(incoming, answer).catch(() => answer.destroy());
    });
  }

  static async start(cluster: TestCluster): Promise<KubeProxy> {
    const authority = await TestAuthority.create("kube-proxy-ca");
    const { certificate, key } = await authority.issue({ commonName: "kube-proxy", ip: ["127.0.0.1"] });
    const server = createServer({ cert: certificate, key });
    const proxy = new KubeProxy(server, new URL(cluster.url), authority.pem.certificate, cluster.ca);
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    return proxy;
  }

  get url(): string {
    return `https://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  async stop(): Promise<void> {
    this.server.closeAllConnections();
    this.#agent.destroy();
    await new Promise((resolve) => this.server.close(resolve));
  }

  async #serve(incoming: IncomingMessage, answer: ServerResponse): Promise<void> {
    const isWrite = incoming.method !== "GET";
    if (incoming.url?.includes("watch=") !== true) this.requests++;
    const body = isWrite ? await bytesOf(incoming) : undefined;
    const write = body === undefined ? "" : nameOf(incoming, body);
    if (isWrite && this.isCut({ write, moment: "before" })) return;
    if (isWrite) await this.beforeWrite(write);
    const response = await this.#forward(incoming, body, answer);
    if (!isWrite) {
      answer.writeHead(response.statusCode ?? 502, response.headers);
      // An API server that dies in the middle of a watch cuts it; one that was only piped would stay silent for ever.
      pipeline(response, answer, () => undefined);
      return;
    }
    const text = await bytesOf(response);
    if (this.isCut({ write, moment: "after" })) return;
    const { "transfer-encoding": _, ...headers } = response.headers;
    answer.writeHead(response.statusCode ?? 502, { ...headers, "content-length": text.length }).end(text);
  }

  #forward(incoming: IncomingMessage, body: Buffer | undefined, answer: ServerResponse): Promise<IncomingMessage> {
    return new Promise((resolve, reject) => {
      const call = request(new URL(incoming.url ?? "/", this.target), {
        method: incoming.method,
        headers: { ...incoming.headers, host: this.target.host },
        agent: this.#agent,
      });
      call.once("response", resolve);
      call.once("error", reject);
      answer.once("close", () => call.destroy());
      call.end(body);
    });
  }
}

async function bytesOf(message: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of message) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}

/** Verb, kind and, of a patch, what it sets: two writes with the same name are the same step. */
function nameOf({ method = "", url = "" }: IncomingMessage, body: Buffer): string {
  const path = (url.split("?")[0] ?? "").split("/").filter((part) => part !== "");
  const rest = path.slice(path[0] === "api" ? 2 : 3);
  const plural = rest[0] === "namespaces" && rest.length > 2 ? rest[2] : rest[0];
  const spec: unknown = method === "PATCH" ? (JSON.parse(body.toString()) as { spec?: unknown }).spec : undefined;
  return `${method} ${plural ?? ""}${spec === undefined ? "" : ` ${JSON.stringify(spec)}`}`;
}
