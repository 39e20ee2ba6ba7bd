import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { parseAllDocuments } from "yaml";
import type { TestCluster } from "./rig/clusters.js";
import type { KubeObject } from "./rig/kube-object.js";
import { type Login, loginWith } from "./rig/login.js";

const ACCOUNT = { namespace: "the-catalog", name: "catalog-connector" };
const PROGRAM = fileURLToPath(new URL("../../../connector/dist/print-policies.js", import.meta.url));

/** The roles that an admin is told to give to a Connector, by the program that tells it. */
export function connectorRoles(mode: "v0" | "v1"): readonly KubeObject[] {
  const printed = spawnSync(process.execPath, [PROGRAM, "--mode", mode, "--only", "roles"], { encoding: "utf8" });
  if (printed.status !== 0) throw new Error(`the roles were not printed: ${printed.stderr}`);
  return parseAllDocuments(printed.stdout).map((document) => document.toJS() as KubeObject);
}

/**
 * A login of the Connector's account, which may do what the printed roles say and nothing else.
 * @param reachedAt the API server as the Connector reaches it.
 */
export async function connectorLogin(
  cluster: TestCluster,
  mode: "v0" | "v1",
  reachedAt: { readonly url: string; readonly ca: string } = cluster,
): Promise<Login> {
  const { admin } = cluster;
  for (const name of [ACCOUNT.namespace, "liqo"])
    await admin.ensure({ apiVersion: "v1", kind: "Namespace", metadata: { name } });
  for (const object of connectorRoles(mode)) await admin.ensure(object);
  return loginWith(reachedAt, admin, ACCOUNT, { cluster: [] });
}
