import { readFile } from "node:fs/promises";
import { KubeConfig } from "@kubernetes/client-node";
import { ApiServer } from "./api-server.js";
import { programFolder } from "./go-tools.js";
import { KubeClient } from "./kube-client.js";

/** One cluster that a test uses. */
export interface TestCluster {
  readonly name: string;
  /** May do everything. */
  readonly admin: KubeClient;
  readonly adminKubeconfig: string;
  readonly url: string;
  /** PEM */
  readonly ca: string;
  /** What to restart and to kill; undefined for a cluster that was given through its kubeconfig, which a test must not harm. */
  readonly server: ApiServer | undefined;
}

export interface TestClusters {
  readonly provider: TestCluster;
  readonly consumer: TestCluster;
  stop(): Promise<void>;
}

/**
 * Two clusters: those of `KUBECONFIG_PROVIDER` and `KUBECONFIG_CONSUMER`, or two API servers of its own.
 * @param auditedUser whose requests those of its own record.
 * @throws KubernetesUnavailableError where there is nothing to run them with.
 */
export async function startClusters(auditedUser = ""): Promise<TestClusters> {
  const given = { provider: process.env["KUBECONFIG_PROVIDER"], consumer: process.env["KUBECONFIG_CONSUMER"] };
  if (given.provider !== undefined && given.consumer !== undefined) {
    const provider = await givenCluster("provider", given.provider);
    const consumer = await givenCluster("consumer", given.consumer);
    return together(provider, consumer);
  }
  const binaries = programFolder();
  const started = await Promise.allSettled(
    ["provider", "consumer"].map((name) => ApiServer.start(name, binaries, auditedUser)),
  );
  const servers = started.flatMap((outcome) => (outcome.status === "fulfilled" ? [outcome.value] : []));
  const [provider, consumer] = servers;
  if (!provider || !consumer) {
    await Promise.all(servers.map((server) => server.stop()));
    const reasons = started.flatMap((outcome) => (outcome.status === "rejected" ? [outcome.reason as unknown] : []));
    throw new AggregateError(
      reasons,
      `the API servers did not start: ${reasons.map(String).join("; ").slice(0, 4_000)}`,
    );
  }
  return together(await ownCluster(provider), await ownCluster(consumer));
}

/** One cluster: that of `KUBECONFIG_PROVIDER`, or an API server of its own. `stop` is to be called at the end. */
export async function startCluster(): Promise<TestCluster & { stop(): Promise<void> }> {
  const given = process.env["KUBECONFIG_PROVIDER"];
  const cluster =
    given === undefined
      ? await ownCluster(await ApiServer.start("provider", programFolder()))
      : await givenCluster("provider", given);
  const stop = async (): Promise<void> => {
    cluster.admin.close();
    await cluster.server?.stop();
  };
  return { ...cluster, stop };
}

function together(provider: TestCluster, consumer: TestCluster): TestClusters {
  const stop = async (): Promise<void> => {
    for (const { admin } of [provider, consumer]) admin.close();
    await Promise.all([provider.server?.stop(), consumer.server?.stop()]);
  };
  return { provider, consumer, stop };
}

async function ownCluster(server: ApiServer): Promise<TestCluster> {
  const { name, adminKubeconfig, url, ca } = server;
  return { name, adminKubeconfig, url, ca, server, admin: await KubeClient.of(adminKubeconfig) };
}

async function givenCluster(name: string, file: string): Promise<TestCluster> {
  const adminKubeconfig = await readFile(file, "utf8");
  const config = new KubeConfig();
  config.loadFromFile(file);
  const cluster = config.getCurrentCluster();
  if (!cluster) throw new Error(`${file} names no cluster`);
  const ca = cluster.caData === undefined ? await readFile(cluster.caFile ?? "", "utf8") : fromBase64(cluster.caData);
  return {
    name,
    adminKubeconfig,
    url: cluster.server,
    ca,
    server: undefined,
    admin: await KubeClient.of(adminKubeconfig),
  };
}

function fromBase64(text: string): string {
  return Buffer.from(text, "base64").toString();
}
