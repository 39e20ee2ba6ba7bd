import type { PeeringPhase } from "./peering-ports.js";

/** How one half of a peering stands, as its party tells the other. */
export interface SideView {
  readonly phase: PeeringPhase;
  readonly message: string;
  readonly whatToDo: string | null;
  /** Since when it is in that phase, by that party's clock, Unix seconds; null if it did not say. */
  readonly since: number | null;
  /** Provider: what it grants, as quantities. */
  readonly granted: Readonly<Record<string, string>>;
}

/** The same as it was heard. */
export interface OtherSide extends SideView {
  /** When it was heard, Unix seconds. */
  readonly at: number;
}
