import type { PeerUsage } from "../../domain/end-rehearsal.js";
import type { OffloadingPhase, OffloadingShape } from "../../domain/offloading.js";
import type { PeeringSide } from "../peerings/peering-ports.js";

/** One contract on whose resources the pods of a namespace may run. */
export interface OffloadingTarget {
  readonly contractID: string;
  /** Liqo's id of the provider; it can stand in a label. */
  readonly providerID: string;
  readonly providerName: string;
  /** Labels of the offer, which tell its nodes apart where the provider sold several kinds. */
  readonly labels: Readonly<Record<string, string>>;
}

/** A namespace and everything that contracts say about it now. Without targets nothing of it is to be left. */
export interface NamespaceTask {
  readonly namespace: string;
  readonly shape: OffloadingShape;
  /** By contractID. */
  readonly targets: readonly OffloadingTarget[];
}

/** How a namespace stands after a look. */
export interface NamespaceReport {
  readonly phase: OffloadingPhase;
  readonly message: string;
  readonly whatToDo: string | null;
  /** Whether the cluster binds the namespace to nothing but the targets: what is over can be forgotten. */
  readonly isSettled: boolean;
  /** When to look again at the latest, in ms; null: at the next periodic look. */
  readonly retryAfterMs: number | null;
}

/** What an admin does where no driver does it. */
export interface OffloadingByHand {
  /** Kubernetes manifests (YAML); null where nothing is to be applied. */
  readonly manifests: string | null;
  /** The same as one command. */
  readonly command: string;
}

/** Offloads namespaces in the cluster; one adapter for each generation of Liqo, and one for those who do it by hand. */
export interface OffloadingDriver {
  /** @throws NAMESPACE_NOT_FOUND, OFFLOADING_CONFLICT, BAD_USER_INPUT for what this Liqo cannot do, KubeError. Changes nothing. */
  check(task: NamespaceTask): Promise<void>;
  /** Does what can be done now. Idempotent. Throws only for what passes by itself. */
  reconcile(task: NamespaceTask): Promise<NamespaceReport>;
  /** Null where the driver does it itself. */
  byHand(task: NamespaceTask): Promise<OffloadingByHand | null>;
  /** What runs on the resources of the provider (CUSTOMER), or of that customer here (PROVIDER); null where nobody can look. */
  usage(side: PeeringSide, clusterID: string): Promise<PeerUsage | null>;
  /** Names the namespaces whose offloading changed, until the signal aborts. */
  watch(onChange: (namespace: string) => void, signal: AbortSignal): Promise<void>;
}
