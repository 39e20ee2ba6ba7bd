import { keyChain } from "@catalog/schema/documents/descriptor";
import type { PartyKeyOf } from "@catalog/schema/documents/contract-document";
import type { Clock } from "@catalog/server/clock";
import type { Logger } from "@catalog/server/log";
import type { EndpointGuard } from "@catalog/server/outgoing/endpoint-guard";
import { TaskGroup, type Task } from "@catalog/server/tasks";
import { version1 } from "./compose-liqo-v1.js";
import type { ConnectorConfig } from "./config.js";
import type { Contract } from "./domain/contract.js";
import { AutoCluster } from "./liqo/auto/auto-cluster.js";
import { detectLiqo } from "./liqo/auto/detect-liqo.js";
import { Detection } from "./liqo/auto/detection.js";
import { HttpKubeApi } from "./liqo/kube/http-kube-api.js";
import type { KubeApi } from "./liqo/kube/kube-api.js";
import { KubeLogins } from "./liqo/kube/kube-login.js";
import { HttpKubeTransport } from "./liqo/kube/kube-transport.js";
import { LateDriver, untilThere } from "./liqo/late-driver.js";
import { defaultClusterID, ManualDriver } from "./liqo/manual/manual-driver.js";
import { ManualPeering } from "./liqo/manual/manual-peering.js";
import { KubeOffloading, OFFLOADING_GENERATIONS } from "./liqo/offloading/kube-offloading.js";
import { LateOffloading } from "./liqo/offloading/late-offloading.js";
import { ManualOffloading } from "./liqo/offloading/manual-offloading.js";
import { HttpsAuthProbe } from "./liqo/v0/auth-probe.js";
import { CustomerSide } from "./liqo/v0/customer-side.js";
import { MaterialDesk } from "./liqo/v0/material-desk.js";
import { OwnClusterReader } from "./liqo/v0/own-cluster.js";
import { ProviderSide } from "./liqo/v0/provider-side.js";
import { V0Cluster } from "./liqo/v0/v0-cluster.js";
import { V0PeeringDriver } from "./liqo/v0/v0-driver.js";
import type { OffloadingDriver } from "./services/offloading/offloading-ports.js";
import type { ManifestSource } from "./services/peerings/manifest.service.js";
import type { PeeringDriver } from "./services/peerings/peering-ports.js";
import type { ClusterDriver, GrantSource, Identity, MembershipSource } from "./services/ports.js";

/** What the drivers of Liqo stand on. */
export interface LiqoParts {
  readonly config: ConnectorConfig;
  readonly identity: Identity;
  readonly members: MembershipSource;
  readonly grants: GrantSource;
  /** Active contracts that were sold here. */
  readonly sold: () => Promise<readonly Contract[]>;
  readonly guard: EndpointGuard;
  readonly clock: Clock;
  readonly log: Logger;
}

/** Liqo in this cluster: what contracts need of it, how peerings are made on it, and who writes manifests where nobody does. */
export interface Liqo {
  readonly cluster: ClusterDriver;
  readonly peering: PeeringDriver;
  readonly offloading: OffloadingDriver;
  readonly manifests: ManifestSource | undefined;
  /** To be started once the database is there. */
  readonly tasks: readonly Task[];
}

/** The driver of the configured mode. */
export function composeLiqo(parts: LiqoParts): Liqo {
  const { liqoMode } = parts.config;
  if (liqoMode === "manual") return manual(parts);
  const kube = kubeApi(parts);
  if (liqoMode === "auto") return automatic(parts, kube);
  return liqoMode === "v1" ? version1(parts, kube) : version0(liqoMode, parts, kube);
}

/** Waits for Liqo and then drives the one that is there; in either order of installation. */
function automatic(parts: LiqoParts, kube: KubeApi): Liqo {
  const { config, log } = parts;
  const detection = new Detection(async (): Promise<Liqo> => {
    const { mode, version } = await detectLiqo(kube, config.liqoNamespace);
    log.info({ mode, version }, "Liqo was found");
    const found = { ...parts, config: { ...config, liqoVersion: version } };
    return mode === "v1" ? version1(found, kube) : version0(mode, found, kube);
  });
  const run = async (signal: AbortSignal): Promise<void> => {
    const liqo = await untilThere(() => detection.get(), log, signal);
    if (liqo === undefined || signal.aborted) return;
    const group = new TaskGroup(log);
    for (const task of liqo.tasks) group.start(task);
    await new Promise<void>((resolve) => signal.addEventListener("abort", () => resolve(), { once: true }));
    await group.stop();
  };
  return {
    cluster: new AutoCluster(detection),
    peering: new LateDriver("auto", async () => (await detection.get()).peering, log),
    offloading: new LateOffloading(async () => (await detection.get()).offloading, log),
    manifests: undefined,
    tasks: [{ name: "Liqo", run }],
  };
}

function manual({ config, identity }: LiqoParts): Liqo {
  const cluster = new ManualDriver({
    clusterID: config.liqoClusterID ?? defaultClusterID(identity.fingerprint),
    clusterName: config.liqoClusterName,
    endpoint: config.liqoAuthEndpoint ?? null,
    token: config.liqoAuthToken ?? null,
    liqoVersion: config.liqoVersion ?? null,
  });
  const peering = new ManualPeering(identity, config.liqoNamespace);
  const offloading = new ManualOffloading(config.liqoVersion ?? null);
  return { cluster, peering, offloading, manifests: peering, tasks: [] };
}

function version0(mode: "v0.8" | "v0.9", parts: LiqoParts, kube: KubeApi): Liqo {
  const { config, identity, guard, grants, clock } = parts;
  const own = new OwnClusterReader(kube, config.liqoNamespace, new HttpsAuthProbe(guard, true));
  const now = (): number => clock.now().getTime();
  const desk = new MaterialDesk(identity, guard, peerKeys(parts.members));
  const customer = new CustomerSide(kube, config.liqoNamespace, own, desk, now);
  const provider = new ProviderSide(kube, own, identity, grants, now);
  return {
    cluster: new V0Cluster(mode, config.liqoVersion ?? null, own, kube),
    peering: new V0PeeringDriver(mode, kube, customer, provider),
    offloading: new KubeOffloading(kube, OFFLOADING_GENERATIONS[mode]),
    manifests: undefined,
    tasks: [],
  };
}

function kubeApi({ config, log }: LiqoParts): KubeApi {
  const logins = new KubeLogins({ kubeconfig: config.kubeconfig ?? null });
  const onWatchError = (error: unknown): void => log.info({ err: error }, "a watch of the cluster is begun again");
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
