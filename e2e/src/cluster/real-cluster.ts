import { spawn } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { stringify } from "yaml";
import { waitFor } from "@catalog/server/testing/wait-for";
import { helm, HELM_FOLDER, type Chart } from "../helm/charts.js";
import type { TestCluster } from "../kubernetes/rig/clusters.js";
import { at, type KubeObject, type ObjectRef, secretText, textAt } from "../kubernetes/rig/kube-object.js";
import { PinnedApi } from "./pinned-api.js";

/** How long anything may take that pods do, in ms: the machines of tests are slow and shared. */
export const SOON = { timeoutMs: 180_000, intervalMs: 500 };
const RESTRICTED = { "pod-security.kubernetes.io/enforce": "restricted" };

/** A release of one of the charts. */
export interface Release {
  readonly name: string;
  readonly chart: Chart;
  readonly namespace: string;
  readonly values: Readonly<Record<string, unknown>>;
}

/** One real cluster: what runs in it is installed by Helm and reached through the ports of its node. */
export class RealCluster {
  private constructor(
    readonly cluster: TestCluster,
    private readonly kubeconfigFile: string,
    /** Address of its node, for its NodePorts. */
    readonly address: string,
  ) {}

  static async of(cluster: TestCluster, kubeconfigFile: string): Promise<RealCluster> {
    const [node] = await cluster.admin.list({ apiVersion: "v1", kind: "Node" });
    const addresses = (at(node, "status", "addresses") ?? []) as readonly { type: string; address: string }[];
    const internal = addresses.find(({ type }) => type === "InternalIP");
    if (internal === undefined) throw new Error(`${cluster.name} has no node with an address`);
    return new RealCluster(cluster, kubeconfigFile, internal.address);
  }

  get admin(): TestCluster["admin"] {
    return this.cluster.admin;
  }

  /** A namespace in which nothing may run that is not confined. */
  async makeNamespace(name: string): Promise<void> {
    await this.admin.ensure({ apiVersion: "v1", kind: "Namespace", metadata: { name, labels: RESTRICTED } });
  }

  /** Installs or upgrades, and waits until it is ready. */
  async apply({ name, chart, namespace, values }: Release): Promise<string> {
    const folder = await mkdtemp(join(tmpdir(), "catalog-release-"));
    try {
      const file = join(folder, "values.yaml");
      await writeFile(file, stringify(values));
      const wait = ["--wait", "--timeout", "240s", "--values", file];
      return await this.helm("upgrade", "--install", name, `${HELM_FOLDER}${chart}`, "--namespace", namespace, ...wait);
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  }

  /** Takes a release away and waits until its objects are gone. */
  async uninstall({ name, namespace }: Release): Promise<void> {
    await this.helm(
      "uninstall",
      name,
      "--namespace",
      namespace,
      "--wait",
      "--cascade",
      "foreground",
      "--timeout",
      "120s",
    );
  }

  helm(...args: readonly string[]): Promise<string> {
    return helm(...args, "--kubeconfig", this.kubeconfigFile);
  }

  /** Ends pods as a power cut would; those that follow are others. */
  async kill(namespace: string, labels: string): Promise<void> {
    const pods = await this.#pods(namespace, labels);
    if (pods.length === 0) throw new Error(`there is no pod ${labels} in ${namespace}`);
    for (const { metadata } of pods)
      await this.admin.raw("DELETE", `/api/v1/namespaces/${namespace}/pods/${metadata.name}`, {
        gracePeriodSeconds: 0,
      });
    const killed = new Set(pods.map(({ metadata }) => metadata.uid));
    await waitFor(async () => {
      const now = await this.#pods(namespace, labels);
      return now.length > 0 && now.every((pod) => !killed.has(pod.metadata.uid) && isReady(pod));
    }, SOON);
  }

  /** The API of a part, with the token and the key that its identity Secret holds. */
  async apiOf(port: number, identity: Pick<ObjectRef, "namespace" | "name">): Promise<PinnedApi> {
    const secret = await this.admin.get({ apiVersion: "v1", kind: "Secret", ...identity });
    const token = secretText(secret, "admin-token")?.trim();
    const key = secretText(secret, "tls-key.pem");
    if (token === undefined || key === undefined) throw new Error(`Secret ${identity.name} holds no token or no key`);
    return new PinnedApi(`https://${this.address}:${port}`, token, key);
  }

  /** What a Service answers, asked through the API server as a person with kubectl would. */
  async throughService(namespace: string, service: string, path: string): Promise<string> {
    const answer = await this.admin.raw("GET", `/api/v1/namespaces/${namespace}/services/${service}/proxy${path}`);
    return typeof answer === "string" ? answer : JSON.stringify(answer);
  }

  /** How long the pod's container took from its start to being ready, in s. */
  async startUpSeconds(namespace: string, labels: string): Promise<number> {
    const [pod] = await this.#pods(namespace, labels);
    const started = textAt(pod, "status", "containerStatuses", 0, "state", "running", "startedAt") ?? "";
    const ready = conditionOf(pod, "Ready")?.lastTransitionTime ?? "";
    return (Date.parse(ready) - Date.parse(started)) / 1_000;
  }

  /** What the node says of an image: its size there, in bytes. */
  async imageBytes(image: string): Promise<number> {
    const nodes = await this.admin.list({ apiVersion: "v1", kind: "Node" });
    const images = nodes.flatMap((node) => (at(node, "status", "images") ?? []) as readonly NodeImage[]);
    const found = images.find(({ names }) => names?.some((name) => name === image || name.endsWith(`/${image}`)));
    return found?.sizeBytes ?? 0;
  }

  /** Everything that carries the label of a release, and what else is in its namespace that pods or people made. */
  async left({ name, namespace }: Release): Promise<readonly string[]> {
    const labelled = (await this.admin.kinds()).filter(({ verbs }) => verbs.includes("list"));
    const ofRelease = await Promise.all(
      labelled.map((kind) => this.admin.list(kind, { labelSelector: `app.kubernetes.io/instance=${name}` })),
    );
    const inNamespace = await Promise.all(
      ["Pod", "Secret", "ConfigMap", "Service", "PersistentVolumeClaim", "ServiceAccount"].map((kind) =>
        this.admin.list({ apiVersion: "v1", kind }, { namespace }),
      ),
    );
    const names = [...ofRelease.flat(), ...inNamespace.flat()].map(({ kind, metadata }) => `${kind} ${metadata.name}`);
    return [...new Set(names)].filter((one) => !OF_EVERY_NAMESPACE.has(one)).toSorted();
  }

  #pods(namespace: string, labelSelector: string): Promise<KubeObject[]> {
    return this.admin.list({ apiVersion: "v1", kind: "Pod" }, { namespace, labelSelector });
  }
}

interface NodeImage {
  readonly names?: readonly string[];
  readonly sizeBytes?: number;
}

const OF_EVERY_NAMESPACE = new Set(["ConfigMap kube-root-ca.crt", "ServiceAccount default"]);

function isReady(pod: KubeObject): boolean {
  return conditionOf(pod, "Ready")?.status === "True";
}

function conditionOf(
  pod: KubeObject | undefined,
  type: string,
): { readonly status: string; readonly lastTransitionTime: string } | undefined {
  const conditions = (at(pod, "status", "conditions") ?? []) as readonly {
    readonly type: string;
    readonly status: string;
    readonly lastTransitionTime: string;
  }[];
  return conditions.find((condition) => condition.type === type);
}

/** Runs a command of the environment, such as `LOAD_IMAGE`, with more variables. @throws Error with the end of what it wrote. */
export async function runGiven(command: string, variables: Readonly<Record<string, string>>): Promise<void> {
  const child = spawn("sh", ["-c", command], {
    env: { ...process.env, ...variables },
    stdio: ["ignore", "pipe", "pipe"],
  });
  let written = "";
  for (const stream of [child.stdout, child.stderr])
    stream.on("data", (chunk: Buffer) => (written = (written + chunk.toString()).slice(-4_000)));
  const code = await new Promise((resolve) => child.once("close", resolve));
  if (code !== 0) throw new Error(`${command} ended with ${String(code)}:\n${written}`);
}
