import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { freePorts } from "@catalog/server/testing/free-port";
import { waitFor } from "@catalog/server/testing/wait-for";
import { type AuditedCall, auditedCalls, auditPolicy } from "./audit.js";
import { Child } from "./child.js";
import { KubeClient } from "./kube-client.js";
import { kubeconfigText } from "./kubeconfig.js";
import { serviceAccountKeys, TestAuthority } from "./pki.js";

const READY_MS = 60_000;
const RESTART_GRACE_MS = 1_000;
/** Go's collector runs when the heap has grown fivefold instead of doubled: a fifth less time for servers that live for minutes. */
const FEW_COLLECTIONS = "GOGC=400";
/** Controllers without which the tests would differ from a real cluster: namespaces end, owners take their objects along, certificates are signed. */
const CONTROLLERS = [
  "namespace-controller",
  "garbage-collector-controller",
  "certificatesigningrequest-signing-controller",
  "certificatesigningrequest-cleaner-controller",
  "serviceaccount-controller",
  "serviceaccount-token-controller",
  "root-ca-certificate-publisher-controller",
  "resourcequota-controller",
  "clusterrole-aggregation-controller",
];

interface Ports {
  readonly etcd: number;
  readonly etcdPeer: number;
  readonly api: number;
  readonly manager: number;
}

/**
 * A real etcd, kube-apiserver and kube-controller-manager on free loopback ports, with certificates and RBAC, in a directory of its own.
 * There are no nodes and no scheduler: whatever needs a running pod is not for it.
 */
export class ApiServer {
  private constructor(
    readonly name: string,
    private readonly directory: string,
    private readonly children: { readonly etcd: Child; readonly api: Child; readonly manager: Child },
    /** `https://127.0.0.1:<port>` */
    readonly url: string,
    /** PEM of the authority that signs its certificate and those of its clients. */
    readonly ca: string,
    /** A kubeconfig with every right. */
    readonly adminKubeconfig: string,
  ) {}

  /**
   * Starts one from the programs in `binaries` and waits until it is ready. Throws, and leaves nothing, if it is not within a minute.
   * @param auditedUser whose requests it records for {@link calls}.
   */
  static async start(name: string, binaries: string, auditedUser = ""): Promise<ApiServer> {
    const directory = await mkdtemp(join(tmpdir(), `catalog-kube-${name}-`));
    const [etcd = 0, etcdPeer = 0, api = 0, manager = 0] = await freePorts(4);
    const server = await ApiServer.#prepare(name, directory, binaries, { etcd, etcdPeer, api, manager }, auditedUser);
    try {
      await server.#startAll();
    } catch (error) {
      await server.stop();
      throw error;
    }
    return server;
  }

  static async #prepare(
    name: string,
    directory: string,
    binaries: string,
    ports: Ports,
    auditedUser: string,
  ): Promise<ApiServer> {
    const authority = await TestAuthority.create(`${name}-ca`);
    const url = `https://127.0.0.1:${ports.api}`;
    const login = async (commonName: string, organizations: readonly string[]): Promise<string> =>
      kubeconfigText({
        server: url,
        ca: authority.pem.certificate,
        user: await authority.issue({ commonName, organizations }),
      });
    const server = await authority.issue({
      commonName: "kube-apiserver",
      ip: ["127.0.0.1", "10.90.0.1"],
      dns: ["localhost", "kubernetes.default.svc"],
    });
    const accounts = serviceAccountKeys();
    const adminKubeconfig = await login("admin", ["system:masters"]);
    await mkdir(join(directory, "pki"), { mode: 0o700 });
    const files: Record<string, string> = {
      "ca.crt": authority.pem.certificate,
      "ca.key": authority.pem.key,
      "server.crt": server.certificate,
      "server.key": server.key,
      "accounts.key": accounts.privateKey,
      "accounts.pub": accounts.publicKey,
      "manager.kubeconfig": await login("system:kube-controller-manager", []),
      "admin.kubeconfig": adminKubeconfig,
      "audit.json": auditPolicy(auditedUser),
    };
    for (const [file, text] of Object.entries(files)) {
      await writeFile(join(directory, "pki", file), text, { mode: 0o600 });
    }
    const child = (program: string, args: readonly string[]): Child =>
      new Child(
        `${name} ${program}`,
        "env",
        [FEW_COLLECTIONS, join(binaries, program), ...args],
        join(directory, `${program}.log`),
      );
    const children = {
      etcd: child("etcd", etcdArguments(directory, ports)),
      api: child("kube-apiserver", apiServerArguments(directory, ports)),
      manager: child("kube-controller-manager", managerArguments(directory, ports)),
    };
    return new ApiServer(name, directory, children, url, authority.pem.certificate, adminKubeconfig);
  }

  /** A kubeconfig file with every right, for child processes. */
  get adminKubeconfigFile(): string {
    return join(this.directory, "pki", "admin.kubeconfig");
  }

  /** What the audited user has asked of it since it started. */
  calls(): Promise<readonly AuditedCall[]> {
    return auditedCalls(join(this.directory, AUDIT_LOG));
  }

  /** Keeps a file beside the server's own, for as long as the server lives; returns its path. */
  async keepFile(name: string, text: string): Promise<string> {
    const path = join(this.directory, name);
    await writeFile(path, text, { mode: 0o600 });
    return path;
  }

  /** The API server as a crash leaves it: etcd and the controllers go on, nobody answers. */
  async killApi(): Promise<void> {
    await this.children.api.kill();
  }

  /** Starts a killed API server again on the same port; every object is still there. */
  async startApi(): Promise<void> {
    this.children.api.start();
    await this.#ready();
  }

  /** Every watch is cut: an API server that is asked to end would wait for their ends first. */
  async restartApi(): Promise<void> {
    await this.children.api.stop(RESTART_GRACE_MS);
    await this.startApi();
  }

  /** Ends every process it started and removes its directory. */
  async stop(): Promise<void> {
    await this.children.manager.stop();
    await this.children.api.kill(); // nothing is kept: no need to wait for its open watches
    await this.children.etcd.kill();
    await rm(this.directory, { recursive: true, force: true });
  }

  async #startAll(): Promise<void> {
    const { etcd, api, manager } = this.children;
    etcd.start();
    api.start();
    await this.#ready();
    manager.start();
    await this.#until(
      "the controller manager makes the default service account",
      [etcd, api, manager],
      async (client) => (await client.get(DEFAULT_ACCOUNT)) !== undefined,
    );
  }

  async #ready(): Promise<void> {
    await this.#until("/readyz", [this.children.etcd, this.children.api], (client) => client.isReady());
  }

  /** Waits until something holds. Throws if it does not within a minute, and at once with its last words if a program it needs has ended. */
  async #until(what: string, needed: readonly Child[], holds: (client: KubeClient) => Promise<boolean>): Promise<void> {
    const client = await KubeClient.of(this.adminKubeconfig);
    try {
      const outcome = await waitFor(
        async () => {
          const dead = needed.find((child) => !child.isRunning);
          if (dead) return `${dead.name} ended:\n${await dead.tail()}`;
          return (await holds(client)) && "holds";
        },
        { timeoutMs: READY_MS, what: `${this.name}: ${what}` },
      );
      if (outcome !== "holds") throw new Error(outcome);
    } finally {
      client.close();
    }
  }
}

const AUDIT_LOG = "audit.log";
const DEFAULT_ACCOUNT = { apiVersion: "v1", kind: "ServiceAccount", namespace: "default", name: "default" };

function etcdArguments(directory: string, ports: Ports): string[] {
  const client = `http://127.0.0.1:${ports.etcd}`;
  const peer = `http://127.0.0.1:${ports.etcdPeer}`;
  return [
    `--data-dir=${join(directory, "etcd")}`,
    `--listen-client-urls=${client}`,
    `--advertise-client-urls=${client}`,
    `--listen-peer-urls=${peer}`,
    `--initial-advertise-peer-urls=${peer}`,
    `--initial-cluster=default=${peer}`,
    "--unsafe-no-fsync",
    "--log-level=warn",
  ];
}

function apiServerArguments(directory: string, ports: Ports): string[] {
  const pki = (file: string): string => join(directory, "pki", file);
  return [
    `--etcd-servers=http://127.0.0.1:${ports.etcd}`,
    "--bind-address=127.0.0.1",
    `--secure-port=${ports.api}`,
    // A loopback address is no endpoint that could be published.
    "--advertise-address=127.0.0.1",
    "--endpoint-reconciler-type=none",
    "--service-cluster-ip-range=10.90.0.0/24",
    "--authorization-mode=RBAC",
    "--anonymous-auth=false",
    `--client-ca-file=${pki("ca.crt")}`,
    `--tls-cert-file=${pki("server.crt")}`,
    `--tls-private-key-file=${pki("server.key")}`,
    "--service-account-issuer=https://kubernetes.default.svc",
    `--service-account-key-file=${pki("accounts.pub")}`,
    `--service-account-signing-key-file=${pki("accounts.key")}`,
    `--cert-dir=${join(directory, "certificates")}`,
    `--audit-policy-file=${pki("audit.json")}`,
    `--audit-log-path=${join(directory, AUDIT_LOG)}`,
    "--profiling=false",
  ];
}

function managerArguments(directory: string, ports: Ports): string[] {
  const pki = (file: string): string => join(directory, "pki", file);
  const kubeconfig = pki("manager.kubeconfig");
  return [
    `--kubeconfig=${kubeconfig}`,
    `--authentication-kubeconfig=${kubeconfig}`,
    `--authorization-kubeconfig=${kubeconfig}`,
    "--bind-address=127.0.0.1",
    `--secure-port=${ports.manager}`,
    `--cert-dir=${join(directory, "certificates")}`,
    "--leader-elect=false",
    "--kube-api-qps=200",
    "--kube-api-burst=400",
    `--cluster-signing-cert-file=${pki("ca.crt")}`,
    `--cluster-signing-key-file=${pki("ca.key")}`,
    `--root-ca-file=${pki("ca.crt")}`,
    `--service-account-private-key-file=${pki("accounts.key")}`,
    // Without it approved signing requests are never signed.
    "--use-service-account-credentials=true",
    `--flex-volume-plugin-dir=${join(directory, "plugins")}`,
    `--controllers=${CONTROLLERS.join(",")}`,
    "--profiling=false",
  ];
}
