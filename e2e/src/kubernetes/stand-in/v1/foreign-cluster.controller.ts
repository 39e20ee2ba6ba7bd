import type { KubeClient } from "../../rig/kube-client.js";
import { at, labelOf, type KubeObject, type ObjectRef, textAt } from "../../rig/kube-object.js";
import type { ControllerSpec } from "../controllers.js";
import { apply, writeStatus } from "../objects.js";
import { FOREIGN_CLUSTER, IDENTITY, LABEL, SLICE, TENANT, VIRTUAL_NODE } from "./kinds.js";

/** Liqo's record of each peer. It is made when anything of a peering appears, and never removed. */
export class ForeignClusterControllers {
  constructor(
    private readonly kube: KubeClient,
    private readonly clusterID: string,
  ) {}

  get specs(): readonly ControllerSpec[] {
    const peerOf = (path: string) => async (ref: ObjectRef) => {
      const object = await this.kube.get(ref);
      const peer = textAt(object, "spec", path);
      if (peer !== undefined && peer !== this.clusterID) await this.#record(peer);
    };
    return [
      { name: "foreign-cluster-tenant", kind: TENANT, reconcile: peerOf("clusterID") },
      { name: "foreign-cluster-identity", kind: IDENTITY, reconcile: peerOf("clusterID") },
    ];
  }

  async #record(peer: string): Promise<void> {
    const foreign = await apply(this.kube, {
      ...FOREIGN_CLUSTER,
      metadata: { name: peer, labels: { [LABEL.remoteCluster]: peer } },
      spec: { clusterID: peer },
    });
    const labelSelector = `${LABEL.remoteCluster}=${peer}`;
    const tenants = (await this.kube.list(TENANT)).filter((tenant) => textAt(tenant, "spec", "clusterID") === peer);
    const identities = (await this.kube.list(IDENTITY, { labelSelector })).filter(isControlPlane);
    const nodes = await this.kube.list(VIRTUAL_NODE, { labelSelector });
    const slices = (await this.kube.list(SLICE)).filter((slice) => labelOf(slice, LABEL.destination) === peer);
    const roles = [...(tenants.length > 0 ? ["Consumer"] : []), ...(identities.length > 0 ? ["Provider"] : [])];
    const condition = (type: string, status: string): object => ({ type, status, ...since(foreign, type, status) });
    await writeStatus(this.kube, foreign, {
      role: roles.join("And") || "Unknown",
      modules: {
        networking: { enabled: false },
        authentication: {
          enabled: roles.length > 0,
          conditions: [
            ...tenants.map((tenant) =>
              condition(
                "AuthTenantStatus",
                at(tenant, "status", "authParams") === undefined ? "Pending" : "Established",
              ),
            ),
            ...identities.map((identity) =>
              condition(
                "AuthIdentityControlPlaneStatus",
                at(identity, "status", "kubeconfigSecretRef") === undefined ? "Pending" : "Established",
              ),
            ),
          ],
        },
        offloading: {
          enabled: slices.length > 0,
          conditions:
            nodes.length > 0
              ? [condition("OffloadingVirtualNodeStatus", "Established"), condition("OffloadingNodeStatus", "Ready")]
              : [],
        },
      },
    });
  }
}

function isControlPlane(identity: KubeObject): boolean {
  return textAt(identity, "spec", "type") === "ControlPlane";
}

/** Keeps the time of a condition whose status did not change. */
function since(foreign: KubeObject, type: string, status: string): object {
  for (const name of ["authentication", "offloading"]) {
    const conditions = at(foreign, "status", "modules", name, "conditions");
    const known = Array.isArray(conditions) ? conditions.find((each) => textAt(each, "type") === type) : undefined;
    if (known !== undefined && textAt(known, "status") === status) {
      return { lastTransitionTime: textAt(known, "lastTransitionTime") };
    }
  }
  return { lastTransitionTime: new Date().toISOString() };
}
