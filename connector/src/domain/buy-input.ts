import { idProblems, integerProblems, optional, textProblems } from "@catalog/schema/field-checks";
import type { Problem } from "@catalog/schema/problem";

/** What to buy from whom. */
export interface BuyInput {
  /** Liqo's id of the provider; may be left out when the fingerprint is given. */
  readonly clusterID?: string | null;
  /** Key fingerprint of the provider; needed when several clusters claim the id. */
  readonly fingerprint?: string | null;
  readonly offerID: string;
  readonly planID: string;
  /** How many units; 1 unless given. */
  readonly units?: number | null;
  /** Unix seconds; without one the contract runs until somebody ends it. */
  readonly validUntil?: number | null;
  /** The terms that the buyer has read; other ones are not bought. */
  readonly termsRev?: number | null;
  /** The same key gives the same contract, however often it is asked for. */
  readonly requestID?: string | null;
}

const MAX_UNITS = 1_000_000;

/** Everything that is wrong with the input by itself. */
export function buyProblems(input: BuyInput): Problem[] {
  const seller =
    input.clusterID || input.fingerprint
      ? []
      : [{ path: "clusterID", message: "names nobody: give a clusterID or a fingerprint." }];
  const units = input.units === 0 ? [{ path: "units", message: "must be at least 1." }] : [];
  return [
    ...seller,
    ...optional(input.clusterID, "clusterID", (value, path) => textProblems(value, path, 253)),
    ...optional(input.fingerprint, "fingerprint", (value, path) => textProblems(value, path, 43)),
    ...idProblems(input.offerID, "offerID"),
    ...idProblems(input.planID, "planID"),
    ...units,
    ...optional(input.units, "units", (value, path) => integerProblems(value, path, MAX_UNITS)),
    ...optional(input.validUntil, "validUntil", (value, path) => integerProblems(value, path, Number.MAX_SAFE_INTEGER)),
    ...optional(input.termsRev, "termsRev", (value, path) => integerProblems(value, path, Number.MAX_SAFE_INTEGER)),
    ...optional(input.requestID, "requestID", (value, path) => textProblems(value, path, 200)),
  ];
}
