import { keyChain } from "@catalog/schema/documents/descriptor";
import type { PartyKeyOf } from "@catalog/schema/documents/contract-document";
import { resourcesOf, version1 } from "./compose-liqo-v1.js";
import { AutoCluster } from "../liqo/auto/auto-cluster.js";
import { detectLiqo, type FoundLiqo, identifyLiqo } from "../liqo/auto/detect-liqo.js";
import { LiqoSwitch } from "../liqo/auto/liqo-switch.js";
import { SwitchedDriver } from "../liqo/auto/switched-driver.js";
import { HttpKubeApi } from "../liqo/kube/http-kube-api.js";
import type { KubeApi } from "../liqo/kube/kube-api.js";
import { isPassing, KubeError } from "../liqo/kube/kube.errors.js";
import { KubeLogins } from "../liqo/kube/kube-login.js";
import { HttpKubeTransport } from "../liqo/kube/kube-transport.js";
import { defaultClusterID, liqoKeyFrom, type ManualCluster, ManualDriver } from "../liqo/manual/manual-driver.js";
import { ManualPeering } from "../liqo/manual/manual-peering.js";
import { KubeOffloading, OFFLOADING_GENERATIONS } from "../liqo/offloading/kube-offloading.js";
import { LateOffloading } from "../liqo/offloading/late-offloading.js";
import { ManualOffloading } from "../liqo/offloading/manual-offloading.js";
import { HttpsAuthProbe } from "../liqo/v0/auth-probe.js";
import { CustomerSide } from "../liqo/v0/customer-side.js";
import { MaterialDesk } from "../liqo/v0/material-desk.js";
import { OwnClusterReader } from "../liqo/v0/own-cluster.js";
import { ProviderSide } from "../liqo/v0/provider-side.js";
import { V0Cluster } from "../liqo/v0/v0-cluster.js";
import { V0PeeringDriver } from "../liqo/v0/v0-driver.js";
import type { DrivenLiqo, LiqoParts } from "./liqo-parts.js";
import type { MembershipSource } from "../services/ports.js";

/** Liqo in this cluster, and the Kubernetes below it. */
export interface Liqo extends DrivenLiqo {
  /** Version of Kubernetes, such as `v1.34.4`; null where no cluster is looked at, or it does not answer. */
  readonly kubernetesVersion: () => Promise<string | null>;
}

/** The driver of the configured mode. */
export function composeLiqo(parts: LiqoParts): Liqo {
  const { liqoMode } = parts.config;
  if (liqoMode === "manual") return { ...manual(parts), kubernetesVersion: async () => null };
  const kube = kubeApi(parts);
  return { ...driven(liqoMode, parts, kube), kubernetesVersion: () => versionOf(kube) };
}

/** The rest of what is shown does not depend on it. */
async function versionOf(kube: HttpKubeApi): Promise<string | null> {
  try {
    return await kube.serverVersion();
  } catch (error) {
    if (error instanceof KubeError) return null;
    throw error;
  }
}

function driven(mode: "auto" | "v0.8" | "v0.9" | "v1", parts: LiqoParts, kube: KubeApi): DrivenLiqo {
  return mode === "auto" || mode === "v1" ? whicheverIsThere(mode, parts, kube) : version0(mode, parts, kube);
}

/** Waits for Liqo and drives the one that is there, as long as it is; in either order of installation. */
function whicheverIsThere(mode: "auto" | "v1", parts: LiqoParts, kube: KubeApi): DrivenLiqo {
  const { config, log } = parts;
  const { liqoNamespace, liqoVersion: version = null } = config;
  const look = (): Promise<FoundLiqo> =>
    mode === "auto" ? detectLiqo(kube, liqoNamespace) : identifyLiqo(kube, liqoNamespace, { mode, version });
  const make = (found: FoundLiqo): DrivenLiqo => {
    const there = { ...parts, config: { ...config, liqoVersion: found.version ?? undefined } };
    return found.mode === "v1" ? version1(there, kube) : version0(found.mode, there, kube);
  };
  const liqo = new LiqoSwitch(look, make, config.liqoLook, log);
  return {
    cluster: new AutoCluster(liqo),
    peering: new SwitchedDriver(liqo),
    offloading: new LateOffloading(liqo),
    manifests: undefined,
    tasks: [liqo],
  };
}

function manual({ config, identity, guard, members }: LiqoParts): DrivenLiqo {
  const known: ManualCluster = {
    clusterID: config.liqoClusterID ?? defaultClusterID(identity.fingerprint),
    clusterName: config.liqoClusterName,
    endpoint: config.liqoAuthEndpoint ?? null,
    token: config.liqoAuthToken ?? null,
    liqoVersion: config.liqoVersion ?? null,
    publicKey: config.liqoPublicKey === undefined ? null : liqoKeyFrom(config.liqoPublicKey),
  };
  const desk = new MaterialDesk(identity, guard, peerKeys(members));
  const peering = new ManualPeering({
    cluster: known,
    identity,
    liqoNamespace: config.liqoNamespace,
    className: config.liqoClass,
    resourcesOf: resourcesOf(config),
    checkAddress: async (url) => void (await guard.check(url)),
    material: (contract, exchange) => desk.fetch(contract, exchange),
  });
  const offloading = new ManualOffloading(config.liqoVersion ?? null);
  return { cluster: new ManualDriver(known), peering, offloading, manifests: peering, tasks: [] };
}

function version0(mode: "v0.8" | "v0.9", parts: LiqoParts, kube: KubeApi): DrivenLiqo {
  const { config, identity, guard, grants, clock } = parts;
  const own = new OwnClusterReader(kube, config.liqoNamespace, new HttpsAuthProbe(guard, true));
  const now = (): number => clock.now().getTime();
  const desk = new MaterialDesk(identity, guard, peerKeys(parts.members));
  const customer = new CustomerSide(kube, config.liqoNamespace, own, desk, now);
  const provider = new ProviderSide(kube, own, identity, grants, now);
  return {
    cluster: new V0Cluster(
      mode,
      {
        liqoNamespace: config.liqoNamespace,
        version: config.liqoVersion ?? null,
        nodePoolLabel: config.nodePoolLabel ?? null,
      },
      own,
      kube,
    ),
    peering: new V0PeeringDriver(mode, kube, customer, provider),
    offloading: new KubeOffloading(kube, OFFLOADING_GENERATIONS[mode]),
    manifests: undefined,
    tasks: [],
  };
}

function kubeApi({ config, log }: LiqoParts): HttpKubeApi {
  const logins = new KubeLogins({ kubeconfig: config.kubeconfig ?? null });
  const onWatchError = (error: unknown): void => {
    if (!(error instanceof KubeError) || isPassing(error))
      log.info({ err: error }, "a watch of the cluster is begun again");
    else log.warn({ whatToDo: error.whatToDo }, error.message);
  };
  return new HttpKubeApi(new HttpKubeTransport(logins), { onWatchError });
}

/** The present and former keys of a party, from its pinned descriptor. */
function peerKeys(members: MembershipSource): PartyKeyOf {
  return async (kid, fingerprint) => {
    const known = await members.byFingerprint(fingerprint);
    const keys = known === undefined ? [] : await keyChain(known.descriptor);
    return keys.find((key) => key.kid === kid)?.jwk;
  };
}
