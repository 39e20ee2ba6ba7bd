import { ERROR_CODES, isErrorCode } from "@catalog/schema/errors";
import { isEnded, type ContractState } from "@catalog/schema/contract";
import type { PeeringProgress, Progress } from "./documents.ts";

export type StageStatus = "done" | "doing" | "failed" | "todo";

/** One of the four steps from the decision to buy to usable resources. */
export interface Stage {
  readonly key: "reserve" | "confirm" | "active" | "peering";
  readonly title: string;
  readonly status: StageStatus;
  readonly text: string;
  /** When it was done, Unix seconds. */
  readonly at: number | null;
}

/** How many stages a state has behind it. */
const BEHIND: Readonly<Partial<Record<ContractState, number>>> = {
  RESERVED: 1,
  CONFIRMING: 1,
  CONFIRMED: 2,
  ACTIVE: 3,
  RENEWED: 3,
};

type Bought = Pick<Progress, "state" | "timeline" | "message" | "approveBy" | "activatedAt">;
type Peered = Pick<NonNullable<PeeringProgress>, "phase" | "message" | "since">;

/** The four steps of a purchase, each as far as it is. */
export function stagesOf(contract: Bought, peering: Peered | undefined): readonly Stage[] {
  const behind = Math.max(
    0,
    ...[contract.state, ...contract.timeline.map(({ state }) => state)].map((state) => BEHIND[state] ?? 0),
  );
  const hasStopped = isEnded(contract.state);
  const atOf = (...states: ContractState[]): number | null =>
    contract.timeline.find(({ state }) => states.includes(state))?.at ?? null;
  const statusOf = (place: number): StageStatus => {
    if (place < behind) return "done";
    if (place > behind) return "todo";
    return hasStopped ? "failed" : "doing";
  };
  const isWaiting = contract.state === "PENDING_APPROVAL";
  return [
    {
      key: "reserve",
      title: isWaiting ? "Waiting for approval" : "Reserve",
      status: statusOf(0),
      text: isWaiting
        ? "The provider's admin decides. Nothing is held meanwhile."
        : "The provider holds the units and freezes the terms.",
      at: atOf("RESERVED"),
    },
    {
      key: "confirm",
      title: "Confirm",
      status: statusOf(1),
      text: "Your Connector compares the terms with what you reviewed, and both sign.",
      at: atOf("CONFIRMED"),
    },
    {
      key: "active",
      title: "Active",
      status: statusOf(2),
      text: "The contract is in force.",
      at: contract.activatedAt ?? atOf("ACTIVE"),
    },
    {
      key: "peering",
      title: "Peering",
      status: behind < 3 ? "todo" : peeringStatus(peering, hasStopped),
      text: behind < 3 || peering === undefined ? "Liqo makes the resources usable in your cluster." : peering.message,
      at: peering?.phase === "ESTABLISHED" ? peering.since : null,
    },
  ];
}

function peeringStatus(peering: Peered | undefined, hasStopped: boolean): StageStatus {
  if (peering?.phase === "ESTABLISHED") return "done";
  if (hasStopped || peering?.phase === "FAILED" || peering?.phase === "GONE") return "failed";
  return "doing";
}

/** What happened in all, and what one can do about it. */
export interface Outcome {
  readonly kind: "going" | "waiting" | "usable" | "yours" | "stopped";
  readonly title: string;
  readonly text: string;
  /** What to do; empty where nothing needs to be done. */
  readonly advice: string;
}

type Told = Pick<Progress, "state" | "code" | "message"> & { readonly seller: { readonly prettyName: string } };
type PeeringTold = Pick<NonNullable<PeeringProgress>, "phase" | "message" | "whatToDo">;

/** How the purchase stands. */
export function outcomeOf(contract: Told, peering: PeeringTold | undefined): Outcome {
  const { state, code, message, seller } = contract;
  if (isEnded(state)) return stoppedOutcome(state, code, message);
  if (state === "ACTIVE") return activeOutcome(peering);
  if (state === "PENDING_APPROVAL") {
    return {
      kind: "waiting",
      title: `${seller.prettyName} has to approve it`,
      text: message ?? "You are told when it is decided; this page can be closed.",
      advice: "",
    };
  }
  return {
    kind: "going",
    title: "On its way",
    text: message ?? `Your Connector asks ${seller.prettyName} until it answers; this page can be closed.`,
    advice: "",
  };
}

function stoppedOutcome(state: ContractState, code: string | null, message: string | null): Outcome {
  const titles: Partial<Record<ContractState, string>> = {
    REJECTED: "The provider has refused",
    EXPIRED: "It was not finished in time",
    TERMINATED: "It was ended",
    RENEWED: "It has been renewed",
  };
  return {
    kind: "stopped",
    title: titles[state] ?? "It stopped",
    text: message ?? "Nothing is held and nothing is owed.",
    advice:
      ADVICE[code ?? ""] ?? (code !== null && isErrorCode(code) ? ERROR_CODES[code].description : (ADVICE["*"] ?? "")),
  };
}

function activeOutcome(peering: PeeringTold | undefined): Outcome {
  if (peering?.phase === "ESTABLISHED") {
    return {
      kind: "usable",
      title: "Bought, peered, usable",
      text: peering.message,
      advice: "Offload a namespace to run its pods there.",
    };
  }
  const isStuck = peering?.phase === "FAILED" || peering?.phase === "GONE";
  return {
    kind: "yours",
    title: isStuck ? "Bought, but the peering needs you" : "Bought: the contract is in force",
    text: peering?.message ?? "The peering begins in a moment.",
    advice: peering?.whatToDo ?? "",
  };
}

/** What to do about the refusals that buyers meet. */
const ADVICE: Readonly<Record<string, string>> = {
  OUT_OF_STOCK: "Take fewer units or another plan, or wait: the offer's page shows live what is left.",
  OFFER_CHANGED: "Look at the terms as they are now, and buy again if they still suit you.",
  OFFER_PAUSED: "The provider sells nothing of it for the moment. Compare other offers.",
  OFFER_NOT_FOUND: "The provider has withdrawn it. Compare other offers.",
  PLAN_NOT_FOUND: "The provider has taken this plan away. Choose another one of the offer.",
  BUYER_LIMIT_REACHED: "You have several requests open with this provider: finish or end one, then buy again.",
  BUYER_BLOCKED: "Reservations that lapsed block for some minutes. Wait, then buy again, or ask the provider.",
  REJECTED_BY_SELLER: "Ask the provider for the reason, or compare other offers.",
  NOT_A_MEMBER:
    "The provider does not know this cluster. Join a Broker that it follows, or ask its admin to trust your fingerprint.",
  CONTRACT_EXPIRED: "Nothing is held any more. Buy again when both sides can be reached.",
  TERMS_NOT_APPROVED:
    "The provider offered other terms than those you reviewed; nothing was signed. Look at the offer again.",
  "*": "Nothing is held. You can buy again, or compare other offers.",
};
