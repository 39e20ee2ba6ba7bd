import type { AppContext } from "../../lib/app-context.ts";
import { LiveValue } from "../../lib/live/live-value.svelte.ts";
import { choice, QueryParams } from "../../lib/routing/query-params.ts";
import { BROKERS_CHANGED, CONNECTOR_CHANGED, OFFERS_CHANGED, SETUP, type SetupFacts } from "./documents.ts";
import { nextStep, STEP_KEYS, stepAfter, type StepKey, stepsOf } from "./steps.ts";

/** Setting a cluster up: how far it is, as the server knows, and which step is shown, as the address says. */
export class Setup {
  readonly live: LiveValue<SetupFacts>;
  readonly place = new QueryParams({ step: choice("next", ...STEP_KEYS, "done") });
  readonly steps = $derived.by(() => (this.live.value === undefined ? [] : stepsOf(this.live.value)));
  readonly shown = $derived.by((): StepKey | "done" => {
    const { step } = this.place.values;
    return step === "next" ? (nextStep(this.steps) ?? "done") : step;
  });

  constructor({ api, connection }: AppContext) {
    this.live = new LiveValue(
      {
        load: () => api.query(SETUP, {}),
        watch: (changed) => {
          const next = (): void => changed();
          const stops = [
            api.subscribe(CONNECTOR_CHANGED, {}, { next }),
            api.subscribe(BROKERS_CHANGED, {}, { next }),
            api.subscribe(OFFERS_CHANGED, {}, { next }),
          ];
          return () => {
            for (const stop of stops) stop();
          };
        },
      },
      connection,
    );
  }

  show(step: StepKey | "done"): void {
    this.place.set({ step });
  }

  /** Goes on to the step after the one that is shown, whether that is done or not. */
  goOn(): void {
    this.show(this.shown === "done" ? "done" : (stepAfter(this.shown) ?? "done"));
  }
}
