/** Periods and limits of the negotiation. Seconds, unless said otherwise. */
export interface NegotiationSettings {
  /** How long units are held for a buyer that has not confirmed. */
  readonly reservation: number;
  /** The same after a manual approval. */
  readonly approvedReservation: number;
  /** How long after the reservation a confirmed contract may be activated. */
  readonly acknowledgement: number;
  /** How long a request waits for the admin. */
  readonly approval: number;
  /** Contracts on their way to ACTIVE that one buyer may have here. */
  readonly pendingPerBuyer: number;
  /** Part of a plan, in per cent, that one buyer's contracts on their way may take; the first may take all. */
  readonly pendingSharePercent: number;
  /** New contract ids that one counterparty may bring per minute. */
  readonly newIDsPerMinute: number;
  /** How long a buyer whose reservation lapsed may not reserve that plan; doubles with each lapse. */
  readonly lapseBlock: number;
  readonly lapseBlockMax: number;
  /** How far the clock of another cluster may be off. */
  readonly clockTolerance: number;
  /** How long NOT_A_MEMBER may be the answer before it is taken for the last word. */
  readonly membershipPatience: number;
  /** How long `buy` waits for the outcome, in milliseconds. */
  readonly buyWaitMs: number;
  /** Mean time between two reconciliations, in milliseconds. */
  readonly reconcileEveryMs: number;
}

export const NEGOTIATION_DEFAULTS: NegotiationSettings = {
  reservation: 120,
  approvedReservation: 15 * 60,
  acknowledgement: 10 * 60,
  approval: 24 * 3600,
  pendingPerBuyer: 5,
  pendingSharePercent: 50,
  newIDsPerMinute: 10,
  lapseBlock: 120,
  lapseBlockMax: 24 * 3600,
  clockTolerance: 300,
  membershipPatience: 600,
  buyWaitMs: 5_000,
  reconcileEveryMs: 30_000,
};
