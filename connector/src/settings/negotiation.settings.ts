import { duration, integer } from "@catalog/server/config-settings";
import { DAY, MINUTE, SECOND } from "./units.js";

/** Contracts. */
export const NEGOTIATION_SETTINGS = {
  reservation: duration({
    env: "RESERVATION",
    default: 120 * SECOND,
    min: SECOND,
    description: "How long units are held for a customer who has not confirmed.",
  }),
  approvedReservation: duration({
    env: "APPROVED_RESERVATION",
    default: 15 * MINUTE,
    min: SECOND,
    description: "The same after a manual approval.",
  }),
  acknowledgement: duration({
    env: "ACKNOWLEDGEMENT",
    default: 10 * MINUTE,
    min: SECOND,
    description: "How long after the reservation a confirmed contract can be activated.",
  }),
  approval: duration({
    env: "APPROVAL",
    default: DAY,
    min: SECOND,
    description: "How long a request waits for the admin.",
  }),
  pendingPerBuyer: integer({
    env: "PENDING_PER_BUYER",
    default: 5,
    min: 1,
    description: "Contracts that are not active yet which one customer may have here.",
  }),
  pendingSharePercent: integer({
    env: "PENDING_SHARE_PERCENT",
    default: 50,
    min: 1,
    max: 100,
    description: "Part of a plan, in per cent, that such contracts of one customer may take; the first may take all.",
  }),
  newIDsPerMinute: integer({
    env: "NEW_IDS_PER_MINUTE",
    default: 10,
    min: 1,
    description: "New contract ids per minute that one customer may bring.",
  }),
  lapseBlock: duration({
    env: "LAPSE_BLOCK",
    default: 2 * MINUTE,
    min: SECOND,
    description: "How long a customer whose reservation lapsed cannot reserve that plan; it doubles with each lapse.",
  }),
  lapseBlockMax: duration({ env: "LAPSE_BLOCK_MAX", default: DAY, min: SECOND, description: "Upper bound of that." }),
  clockTolerance: duration({
    env: "CLOCK_TOLERANCE",
    default: 5 * MINUTE,
    min: SECOND,
    description: "How far the clock of another Connector may be off.",
  }),
  membershipPatience: duration({
    env: "MEMBERSHIP_PATIENCE",
    default: 10 * MINUTE,
    min: SECOND,
    description:
      "How long a provider may answer that it does not know this cluster before that is taken for its last word.",
  }),
  buyWait: duration({ env: "BUY_WAIT", default: 5 * SECOND, description: "How long buy waits for the outcome." }),
  reconcileEvery: duration({
    env: "RECONCILE_EVERY",
    default: 30 * SECOND,
    min: 100,
    description: "Mean time between two rounds of asking providers how contracts stand.",
  }),
};
