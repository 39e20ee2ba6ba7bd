import { OFFER_LIMITS } from "@catalog/schema/offer";
import type { Problem } from "@catalog/schema/problem";
import { seconds } from "./contract-change.js";

/** What is wrong with the end of a contract that is made at `at`: nothing is sold for more than ten years. @param validUntil Unix seconds. */
export function endProblems(validUntil: number, at: Date): readonly Problem[] {
  if (validUntil - seconds(at) <= OFFER_LIMITS.durationSeconds) return [];
  return [{ path: "validUntil", message: "is more than ten years ahead. Take an earlier end, or none." }];
}
