import type { PeeringView } from "../../services/peerings/peering.service.js";
import { contractShape } from "./shapes.js";

const NOT_LOOKED_AT = {
  phase: "WAITING",
  message: "Nobody has looked at it yet.",
  whatToDo: null,
  steps: [],
  conditions: [],
} as const;

/** A peering as the admin API shows it; `now` in Unix seconds. */
export function peeringShape({ peering, contracts }: PeeringView, now: number) {
  const { peeringID, side, peer, isWanted, hasNetwork, report, lastError, lastErrorObject, otherSide } = peering;
  const { created, changed, phaseSince: since } = peering;
  const { phase, message, whatToDo, steps, conditions } = report ?? NOT_LOOKED_AT;
  const shown = contracts.map((contract) => contractShape(contract, now));
  return {
    ...{ peeringID, side, peer, contracts: shown, wanted: isWanted, network: hasNetwork },
    ...{ phase, message, whatToDo, steps, conditions, lastError, lastErrorObject },
    ...{ otherSide, since, created, changed },
  };
}
