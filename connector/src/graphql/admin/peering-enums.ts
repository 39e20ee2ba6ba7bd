import { enumOf } from "./enums.js";

export const PeeringSideEnum = enumOf(
  "PeeringSide",
  "Which half of a peering a cluster is.",
  ["CUSTOMER", "PROVIDER"],
  {
    CUSTOMER: "It uses what it bought.",
    PROVIDER: "It gives what it sold.",
  },
);

export const PeeringPhaseEnum = enumOf(
  "PeeringPhase",
  "Where a peering stands.",
  ["WAITING", "CONNECTING", "ESTABLISHED", "TAKING_DOWN", "GONE", "FAILED"],
  {
    WAITING: "It waits for something outside: the other side, Liqo, or you.",
    CONNECTING: "It is being made.",
    ESTABLISHED: "The resources are usable.",
    TAKING_DOWN: "It is being taken down.",
    GONE: "Nothing of it is left.",
    FAILED: "It does not go on without you.",
  },
);

export const PeeringStepStatusEnum = enumOf(
  "PeeringStepStatus",
  "How far a step of a peering is.",
  ["DONE", "DOING", "WAITING", "TODO", "FAILED"],
  {
    DONE: "Done.",
    DOING: "Being done.",
    WAITING: "Waits for something outside.",
    TODO: "Comes later.",
    FAILED: "Does not go on without you.",
  },
);
