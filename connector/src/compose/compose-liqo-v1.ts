import { addAmounts, type Amounts } from "@catalog/schema/resource-list";
import type { Task } from "@catalog/server/tasks";
import type { DrivenLiqo, LiqoParts } from "./liqo-parts.js";
import { type ConnectorConfig, grantSettings } from "../config.js";
import type { Contract } from "../domain/contract.js";
import { soldIn } from "../domain/grant.js";
import { csrKeyTypeOf } from "../liqo/csr.js";
import { TENANT_ROLE } from "../liqo/forge/roles.js";
import type { KubeApi } from "../liqo/kube/kube-api.js";
import { LateDriver, untilThere } from "../liqo/late-driver.js";
import { KubeOffloading, OFFLOADING_GENERATIONS } from "../liqo/offloading/kube-offloading.js";
import { nodeLabels } from "../liqo/v1/node-labels.js";
import type { ContractedPeer } from "../liqo/v1/policy-check.js";
import { PolicyWatch } from "../liqo/v1/policy-watch.js";
import { SliceController } from "../liqo/v1/slice-controller.js";
import { V1Cluster } from "../liqo/v1/v1-cluster.js";
import type { ClusterSafety } from "../services/ports.js";
import { V1Driver } from "../liqo/v1/v1-driver.js";
import type { V1Settings } from "../liqo/v1/v1-settings.js";

/** Namespace of the Connector for which policies are printed unless another is named. */
const USUAL_NAMESPACE = "the-catalog";

/** Wires the driver for Liqo 1.x. What needs to know Liqo's id of this cluster begins once Liqo tells it. */
export function version1(parts: LiqoParts, kube: KubeApi): DrivenLiqo {
  const { config, log, clock } = parts;
  const { liqoNamespace } = config;
  const policies = policyWatch(parts, kube);
  const slices = sliceTask(parts, kube, () => ownID());
  const cluster = new V1Cluster(
    kube,
    { liqoNamespace, version: config.liqoVersion ?? null, nodePoolLabel: config.nodePoolLabel ?? null },
    { safety: () => withRisks(policies.safety(), slices.risks()) },
  );
  const ownID = async (): Promise<string> => (await cluster.parameters()).clusterID;
  const make = async (): Promise<V1Driver> => new V1Driver(kube, driverSettings(parts, await ownID()), clock);
  return {
    cluster,
    peering: new LateDriver("v1", make, log),
    offloading: new KubeOffloading(kube, OFFLOADING_GENERATIONS.v1),
    manifests: undefined,
    tasks: [policies, slices],
  };
}

function policyWatch({ config, sold, log }: LiqoParts, kube: KubeApi): PolicyWatch {
  const options = {
    namespace: config.podNamespace ?? USUAL_NAMESPACE,
    serviceAccount: config.serviceAccount,
    className: config.liqoClass,
    tenantRole: TENANT_ROLE,
    exempt: [],
    rsa: [],
    identitySecret: config.identitySecret,
    tokenNamespace: config.liqoMode === "auto" ? config.liqoNamespace : undefined,
  };
  const contracted = async (): Promise<readonly ContractedPeer[]> =>
    (await sold()).map(({ buyer: { clusterID, liqo } }) => ({ clusterID, keyType: csrKeyTypeOf(liqo.publicKey) }));
  return new PolicyWatch(kube, { options, contracted, isRequired: config.requirePolicies }, log);
}

/** What contracts give, under the names that Kubernetes uses. */
export function resourcesOf(config: ConnectorConfig): (contracts: readonly Contract[]) => Amounts {
  const grants = grantSettings(config);
  return (contracts) => contracts.reduce<Amounts>((sum, contract) => addAmounts(sum, soldIn(contract, grants)), {});
}

function driverSettings({ config, guard }: LiqoParts, ownID: string): V1Settings {
  const { podNamespace, serviceAccount } = config;
  return {
    ownID,
    liqoNamespace: config.liqoNamespace,
    className: config.liqoClass,
    account:
      podNamespace === undefined ? null : { namespace: podNamespace, name: serviceAccount, tenantRole: TENANT_ROLE },
    gatewayService: config.liqoGatewayService,
    resourcesOf: resourcesOf(config),
    checkAddress: async (url) => void (await guard.check(url)),
    graceMs: config.takeDownGrace,
    patienceMs: config.peeringPatience,
  };
}

function withRisks(safety: ClusterSafety, risks: ClusterSafety["risks"]): ClusterSafety {
  return risks.length === 0 ? safety : { ...safety, risks: [...safety.risks, ...risks] };
}

function sliceTask(
  parts: LiqoParts,
  kube: KubeApi,
  ownID: () => Promise<string>,
): Task & Pick<SliceController, "risks"> {
  const { config, grants, sold, clock, log } = parts;
  let controller: SliceController | undefined;
  return {
    name: "resource slices",
    risks: () => controller?.risks() ?? [],
    run: async (signal) => {
      const id = await untilThere(ownID, log, signal);
      if (id === undefined) return;
      const settings = {
        ownID: id,
        className: config.liqoClass,
        nodeLabelsOf: async (clusterID: string) => {
          const bought = (await sold()).filter(({ buyer }) => buyer.clusterID === clusterID);
          return nodeLabels(bought.map(({ offer }) => offer?.labels ?? {}));
        },
      };
      controller = new SliceController(kube, grants, settings, clock, log);
      await controller.run(signal);
    },
  };
}
