import { once } from "node:events";
import type { IncomingMessage, ServerResponse } from "node:http";
import { Agent, createServer, request, type Server } from "node:https";
import type { AddressInfo } from "node:net";
import type { Duplex } from "node:stream";
import type { TestCluster } from "./rig/clusters.js";
import { TestAuthority } from "./rig/pki.js";

/** What happens to one request instead of being passed on. */
export type Disturbance =
  | { readonly do: "hang" }
  | { readonly do: "reset" }
  | { readonly do: "answer"; readonly status: number; readonly body: string };

/** Stands before an API server, shows a certificate of its own, and disturbs what passes. */
export class DisturbingProxy {
  /** Asked for each request. */
  disturb: (request: { readonly method: string; readonly url: string }) => Disturbance | undefined = () => undefined;
  readonly #sockets = new Set<Duplex>();
  readonly #agent: Agent;
  #ca = "";

  private constructor(
    private readonly server: Server,
    private readonly target: URL,
    targetCa: string,
  ) {
    this.#agent = new Agent({ keepAlive: true, ca: targetCa });
    server.on("request", (incoming, answer) => void this.#serve(incoming, answer));
    server.on("connection", (socket: Duplex) => {
      this.#sockets.add(socket);
      socket.once("close", () => this.#sockets.delete(socket));
    });
  }

  static async start(cluster: Pick<TestCluster, "url" | "ca">): Promise<DisturbingProxy> {
    const proxy = new DisturbingProxy(createServer(), new URL(cluster.url), cluster.ca);
    await proxy.renewAuthority();
    proxy.server.listen(0, "127.0.0.1");
    await once(proxy.server, "listening");
    return proxy;
  }

  get url(): string {
    return `https://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  /** PEM of the authority that signed its certificate. */
  get ca(): string {
    return this.#ca;
  }

  /** Shows a certificate by another authority from now on. */
  async renewAuthority(): Promise<void> {
    const authority = await TestAuthority.create("disturbing-proxy-ca");
    const { certificate, key } = await authority.issue({ commonName: "disturbing-proxy", ip: ["127.0.0.1"] });
    this.server.setSecureContext({ cert: certificate, key });
    this.#ca = authority.pem.certificate;
  }

  /** Breaks every connection, as a restarted load balancer does. */
  cut(): void {
    for (const socket of this.#sockets) socket.destroy();
  }

  async stop(): Promise<void> {
    this.cut();
    this.#agent.destroy();
    await new Promise((resolve) => this.server.close(resolve));
  }

  async #serve(incoming: IncomingMessage, answer: ServerResponse): Promise<void> {
    const { method = "", url = "" } = incoming;
    const chunks: Buffer[] = [];
    try {
      for await (const chunk of incoming) chunks.push(chunk as Buffer);
    } catch {
      return; // The caller has gone.
    }
    const disturbance = this.disturb({ method, url });
    switch (disturbance?.do) {
      case "hang":
        return;
      case "reset":
        return void answer.destroy();
      case "answer":
        answer.writeHead(disturbance.status, { "content-type": "application/json" }).end(disturbance.body);
        return;
      case undefined:
        return this.#pass(incoming, Buffer.concat(chunks), answer);
    }
  }

  #pass(incoming: IncomingMessage, body: Buffer, answer: ServerResponse): void {
    const call = request(new URL(incoming.url ?? "/", this.target), {
      method: incoming.method,
      headers: { ...incoming.headers, host: this.target.host },
      agent: this.#agent,
    });
    call.once("response", (response) => {
      answer.writeHead(response.statusCode ?? 502, response.headers);
      response.once("error", () => answer.destroy());
      response.pipe(answer);
    });
    call.once("error", () => answer.destroy());
    answer.once("close", () => call.destroy());
    call.end(body);
  }
}
