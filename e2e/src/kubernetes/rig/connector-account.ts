import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { parseAllDocuments } from "yaml";
import type { TestCluster } from "./clusters.js";
import type { KubeObject } from "./kube-object.js";
import { accountKubeconfig } from "./login.js";

const PRINT_POLICIES = fileURLToPath(new URL("../../../../connector/dist/print-policies.js", import.meta.url));
export const CONNECTOR_ACCOUNT = { namespace: "the-catalog", name: "catalog-connector" };
/** That account as the API server calls it. */
export const CONNECTOR_USER = `system:serviceaccount:${CONNECTOR_ACCOUNT.namespace}:${CONNECTOR_ACCOUNT.name}`;

/** Which generation of Liqo the rights are for. */
export type Generation = "v0" | "v1";

/** What `npm run policies` prints: the objects that an administrator applies for a Connector. */
export async function policyObjects(generation: Generation, ...args: readonly string[]): Promise<KubeObject[]> {
  const { stdout } = await promisify(execFile)(process.execPath, [PRINT_POLICIES, "--mode", generation, ...args]);
  return parseAllDocuments(stdout)
    .map((document) => document.toJS() as KubeObject | null)
    .filter((object): object is KubeObject => object !== null);
}

/**
 * Installs a Connector's account with exactly the rights and policies of `npm run policies`, as an administrator does.
 * @returns a kubeconfig with a token of that account.
 */
export async function installConnectorAccount(cluster: TestCluster, generation: Generation): Promise<string> {
  const { namespace, name } = CONNECTOR_ACCOUNT;
  const { admin } = cluster;
  await admin.ensure({ apiVersion: "v1", kind: "Namespace", metadata: { name: namespace } });
  await admin.ensure({ apiVersion: "v1", kind: "ServiceAccount", metadata: { name, namespace } });
  for (const object of await policyObjects(generation)) await admin.ensure(object);
  return accountKubeconfig(cluster, admin, CONNECTOR_ACCOUNT);
}
