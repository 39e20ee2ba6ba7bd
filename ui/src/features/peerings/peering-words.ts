import type { Tone } from "../../lib/format/words.ts";
import { sayState } from "../../lib/format/words.ts";
import { shortActor } from "../contracts/contract.svelte.ts";
import type { PeeringWhole } from "./documents.ts";

type Phase = PeeringWhole["phase"];

/** Which phases a filter of the list stands for. */
const PHASES: Readonly<Record<string, readonly Phase[]>> = {
  open: ["CONNECTING", "WAITING", "TAKING_DOWN"],
  up: ["ESTABLISHED"],
  failed: ["FAILED"],
  gone: ["GONE"],
};

/** Whether a phase is one of those that a filter stands for; any other filter lets everything through. */
export function isOfPhase(filter: string, phase: Phase): boolean {
  return PHASES[filter]?.includes(phase) ?? true;
}

/** What the other cluster of a peering is to this one. @param side which half this cluster is */
export function sayOther(side: "CUSTOMER" | "PROVIDER"): string {
  return side === "CUSTOMER" ? "Provider" : "Customer";
}

/** A step as its mark shows it. */
export function stepTone(status: PeeringWhole["steps"][number]["status"]): Tone {
  return status === "TODO" ? "over" : sayState(status).tone;
}

/** The history of a peering as a Timeline shows it: what happened, who caused it. */
export function eventsOf({
  timeline,
}: Pick<PeeringWhole, "timeline">): { title: string; at: number; tone: Tone; detail: string }[] {
  return timeline.map(({ at, actor, phase, message }, n) => {
    const { tone } = sayState(phase);
    const isLast = n === timeline.length - 1;
    return {
      title: message,
      at,
      tone: isLast || tone === "bad" ? tone : "over",
      detail: `${phase} · ${shortActor(actor)}`,
    };
  });
}

/** Whether the admin of this cluster, its customer, can want a peering or not: some contract entitles to it. */
export function isDecidedHere({ side, contracts }: Pick<PeeringWhole, "side" | "contracts">): boolean {
  return side === "CUSTOMER" && contracts.some(({ enabled }) => enabled);
}

/** Whether the two networks can be connected apart from the peering. @param mode how Liqo is driven here */
export function hasNetworkChoice(mode: string): boolean {
  return mode === "v1";
}
