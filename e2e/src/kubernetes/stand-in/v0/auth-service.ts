import { timingSafeEqual } from "node:crypto";
import type { IncomingMessage, ServerResponse } from "node:http";
import { createServer, type Server } from "node:https";
import type { AddressInfo } from "node:net";
import { once } from "node:events";
import type { KubeClient } from "../../rig/kube-client.js";
import { base64, secretText } from "../../rig/kube-object.js";
import { TestAuthority } from "../../rig/pki.js";
import { CertificateDesk, RequestMismatchError } from "../certificate-desk.js";
import { type ClusterIdentity, LABEL, type LiqoSettings, ROLE_BINDING, SECRET, tenantNamespace } from "./kinds.js";

/** What a consumer asks for: to be known by the key of its request. */
interface IdentityRequest {
  readonly cluster: ClusterIdentity;
  readonly destinationClusterToken: string;
  /** base64 of the PEM */
  readonly certificateSigningRequest: string;
}

/** What a consumer gets. */
export interface IdentityAnswer {
  readonly namespace: string;
  readonly certificate: string;
  readonly apiServerUrl: string;
  readonly apiServerCA: string;
}

export const TENANT_ROLE_V0 = "liqo-remote-edit";

/** Liqo's authentication service: tells who this cluster is, and signs the request of whoever has the cluster's token. */
export class AuthService {
  readonly #desk: CertificateDesk;
  #server: Server | undefined;
  #port = 0;

  constructor(
    private readonly kube: KubeClient,
    private readonly settings: LiqoSettings,
  ) {
    this.#desk = new CertificateDesk(kube);
  }

  get url(): string {
    return `https://127.0.0.1:${this.#port}`;
  }

  get port(): number {
    return this.#port;
  }

  /** Listens on loopback, after a stop on the same port as before, with a certificate that nobody has signed. */
  async start(): Promise<void> {
    if (this.#server) return;
    const authority = await TestAuthority.create("liqo-auth");
    const { certificate, key } = await authority.issue({ commonName: "liqo-auth", ip: ["127.0.0.1"] });
    const server = createServer({ cert: certificate, key }, (request, response) => {
      this.#serve(request, response).catch((error: unknown) => {
        answer(response, 500, { message: error instanceof Error ? error.message : String(error) });
      });
    });
    server.listen(this.#port, "127.0.0.1");
    await once(server, "listening");
    this.#port = (server.address() as AddressInfo).port;
    this.#server = server;
  }

  async stop(): Promise<void> {
    const server = this.#server;
    if (!server) return;
    this.#server = undefined;
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { clusterID, clusterName } = this.settings;
    if (request.method === "GET" && request.url === "/ids") {
      return answer(response, 200, { clusterId: clusterID, clusterName, guestNamespace: this.settings.namespace });
    }
    if (request.method !== "POST" || request.url !== "/identity/certificate") {
      return answer(response, 404, { message: "not found" });
    }
    const asked = JSON.parse(await textOf(request)) as IdentityRequest;
    if (!(await this.#isToken(asked.destinationClusterToken))) {
      return answer(response, 403, { message: `invalid token "${asked.destinationClusterToken}"` });
    }
    try {
      answer(response, 201, await this.#admit(asked));
    } catch (error) {
      if (!(error instanceof RequestMismatchError)) throw error;
      answer(response, 403, { message: error.message });
    }
  }

  async #isToken(given: string): Promise<boolean> {
    const secret = await this.kube.get({ ...SECRET, namespace: this.settings.namespace, name: "auth-token" });
    const [own, offered] = [Buffer.from(secretText(secret, "token") ?? ""), Buffer.from(given)];
    return own.length > 0 && own.length === offered.length && timingSafeEqual(own, offered);
  }

  async #admit({ cluster, certificateSigningRequest }: IdentityRequest): Promise<IdentityAnswer> {
    const namespace = await tenantNamespace(this.kube, cluster);
    const request = Buffer.from(certificateSigningRequest, "base64").toString();
    const certificate = await this.#desk.certificate({ namespace, name: "liqo-remote-certificate" }, request);
    await this.kube.ensure({
      ...ROLE_BINDING,
      metadata: { name: TENANT_ROLE_V0, namespace, labels: { [LABEL.clusterID]: cluster.clusterID } },
      subjects: [{ apiGroup: "rbac.authorization.k8s.io", kind: "User", name: cluster.clusterID }],
      roleRef: { apiGroup: "rbac.authorization.k8s.io", kind: "ClusterRole", name: TENANT_ROLE_V0 },
    });
    const { apiServer, ca } = this.settings;
    return { namespace, certificate: base64(certificate), apiServerUrl: apiServer, apiServerCA: base64(ca) };
  }
}

async function textOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString();
}

function answer(response: ServerResponse, status: number, body: object): void {
  response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(body));
}
