import type { SetupFacts } from "./documents.ts";

export const STEP_KEYS = ["names", "broker", "check", "offer"] as const;
export type StepKey = (typeof STEP_KEYS)[number];

export interface Step {
  readonly key: StepKey;
  readonly title: string;
  /** As the server knows it. */
  readonly isDone: boolean;
}

type Facts = Pick<SetupFacts, "brokers" | "myOffers" | "diagnostics"> & {
  readonly connector: { readonly ready: boolean };
};

/** The steps of setting a cluster up, and which of them are done already. */
export function stepsOf({ connector, brokers, myOffers, diagnostics }: Facts): readonly Step[] {
  const isReached = diagnostics.some(({ check, ok }) => check === "contractEndpoint.reachable" && ok);
  return [
    { key: "names", title: "Name and address", isDone: connector.ready },
    { key: "broker", title: "Join a Broker", isDone: brokers.length > 0 },
    { key: "check", title: "Check", isDone: isReached },
    { key: "offer", title: "First offer", isDone: myOffers.length > 0 },
  ];
}

/** The first step that is not done; undefined once all are. */
export function nextStep(steps: readonly Step[]): StepKey | undefined {
  return steps.find(({ isDone }) => !isDone)?.key;
}

/** The step after another one; undefined after the last. */
export function stepAfter(key: StepKey): StepKey | undefined {
  return STEP_KEYS[STEP_KEYS.indexOf(key) + 1];
}
