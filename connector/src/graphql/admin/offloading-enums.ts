import {
  NAMESPACE_MAPPINGS,
  OFFLOADING_PHASES,
  POD_STRATEGIES,
  type NamespaceMapping,
  type OffloadingPhase,
  type PodStrategy,
} from "../../domain/offloading.js";
import { enumOf } from "./enums.js";

export const PodStrategyEnum = enumOf<PodStrategy>(
  "PodOffloadingStrategy",
  "Where the pods of an offloaded namespace run. It holds for the whole namespace, and for pods that are made from then on.",
  POD_STRATEGIES,
  {
    LOCAL: "Here only; the provider knows the namespace and its services (Liqo: Local).",
    REMOTE: "On what was bought only (Liqo: Remote).",
    LOCAL_AND_REMOTE: "Wherever the scheduler finds room (Liqo: LocalAndRemote).",
  },
);

export const NamespaceMappingEnum = enumOf<NamespaceMapping>(
  "NamespaceMapping",
  "How an offloaded namespace is called at the provider. It cannot be changed while the namespace is offloaded.",
  NAMESPACE_MAPPINGS,
  {
    DEFAULT_NAME: "Its name with something of this cluster appended, so that it meets no other (Liqo: DefaultName).",
    ENFORCE_SAME_NAME: "The same name; it fails where the provider has one of that name (Liqo: EnforceSameName).",
    SELECTED_NAME: "What remoteNamespace says; Liqo 0.10 and newer (Liqo: SelectedName).",
  },
);

export const OffloadingPhaseEnum = enumOf<OffloadingPhase>(
  "OffloadingPhase",
  "Where the offloading of a namespace stands.",
  OFFLOADING_PHASES,
  {
    WAITING: "It waits for something outside: the peering, Liqo, or you.",
    READY: "Pods that are made from now on can run on what was bought.",
    BY_HAND: "No driver does it here: apply the manifests, or run the command.",
    FAILED: "It does not go on without you.",
    REMOVING: "It is being taken back; when nothing is left it vanishes from the list.",
  },
);
