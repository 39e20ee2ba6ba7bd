import type { TestCluster } from "./rig/clusters.js";
import { CONNECTOR_ACCOUNT, type Generation, policyObjects } from "./rig/connector-account.js";
import { type Login, loginWith } from "./rig/login.js";

/**
 * A login of the Connector's account, which may do what `npm run policies` prints and nothing else.
 * @param reachedAt the API server as the Connector reaches it.
 * @param args of `npm run policies`.
 */
export async function connectorLogin(
  cluster: TestCluster,
  generation: Generation,
  reachedAt: { readonly url: string; readonly ca: string } = cluster,
  args: readonly string[] = [],
): Promise<Login> {
  const { admin } = cluster;
  for (const name of [CONNECTOR_ACCOUNT.namespace, "liqo"])
    await admin.ensure({ apiVersion: "v1", kind: "Namespace", metadata: { name } });
  for (const object of await policyObjects(generation, ...args)) await admin.ensure(object);
  return loginWith(reachedAt, admin, CONNECTOR_ACCOUNT, { cluster: [] });
}
