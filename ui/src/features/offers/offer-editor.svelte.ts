import { untrack } from "svelte";
import { copyOf, draftOf, type DraftSource, inputOf, type OfferDraft, planOf, problemsOf } from "./offer-draft.ts";

/** An offer while it is edited: what is typed, what is wrong with it, and whether anything has changed. */
export class OfferEditor {
  draft: OfferDraft;
  /** True after an attempt to save: then everything that is wrong is shown, not only what was typed. */
  isTried = $state(false);
  readonly problems = $derived.by(() => problemsOf(this.draft));
  readonly input = $derived.by(() => inputOf(this.draft));
  readonly isChanged = $derived.by(() => JSON.stringify(this.input) !== this.#saved);
  #saved = $state("");
  /** What is missing because nobody has typed it yet. */
  #silent = $state.raw<ReadonlySet<string>>(new Set());

  /** @param source what to begin with @param isNew false if it is what the server has: then nothing has changed yet */
  constructor(source: DraftSource, isNew: boolean) {
    this.draft = $state(draftOf(source));
    untrack(() => {
      this.#silent = new Set(this.problems.keys());
      if (!isNew) this.#saved = JSON.stringify(this.input);
    });
  }

  get isValid(): boolean {
    return this.problems.size === 0;
  }

  /** What is wrong at a field, once it should be said. */
  problemAt = (path: string): string | undefined => {
    const problem = this.problems.get(path);
    if (problem === undefined || this.isTried || !this.#silent.has(path)) return problem;
    return undefined;
  };

  /** A further plan: with the currency and period of the last. */
  addPlan(): void {
    const last = this.draft.plans.at(-1);
    const { planCostCurrency, planCostPeriod } = last ?? {};
    this.draft.plans.push(planOf({ planCostCurrency, planCostPeriod }));
    const at = `plans[${this.draft.plans.length - 1}]`;
    this.#silent = new Set([...this.#silent, `${at}.planCost`, `${at}.planQuantity`, `${at}.resources`]);
  }

  duplicatePlan(n: number): void {
    const plan = this.draft.plans[n];
    if (plan !== undefined) this.draft.plans.splice(n + 1, 0, copyOf($state.snapshot(plan)));
  }

  removePlan(n: number): void {
    this.draft.plans.splice(n, 1);
  }

  /** What is typed is what the server has now. */
  saved(): void {
    this.#saved = JSON.stringify(this.input);
    this.isTried = false;
  }
}
