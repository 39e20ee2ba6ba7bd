import { type PlanRef, refText } from "./plan-ref.ts";

/** As many plans stand side by side at most. */
export const MOST_PLANS = 4;
const KEY = "catalog-compare";

/** The plans that were chosen for comparison, in this tab. */
class Comparison {
  /** `refText` of each, in the order in which they were chosen. */
  chosen = $state.raw<readonly string[]>(read());
  isFull = $derived(this.chosen.length >= MOST_PLANS);
  /** The page that shows them side by side. */
  href = $derived(`/compare?plans=${encodeURIComponent(this.chosen.map(encodeURIComponent).join(","))}`);

  has(plan: PlanRef): boolean {
    return this.chosen.includes(refText(plan));
  }

  toggle(plan: PlanRef): void {
    const text = refText(plan);
    if (this.chosen.includes(text)) this.#set(this.chosen.filter((one) => one !== text));
    else if (!this.isFull) this.#set([...this.chosen, text]);
  }

  clear(): void {
    this.#set([]);
  }

  #set(chosen: readonly string[]): void {
    this.chosen = chosen;
    sessionStorage.setItem(KEY, JSON.stringify(chosen));
  }
}

function read(): readonly string[] {
  try {
    const stored: unknown = JSON.parse(sessionStorage.getItem(KEY) ?? "[]");
    return Array.isArray(stored) ? stored.filter((one) => typeof one === "string").slice(0, MOST_PLANS) : [];
  } catch (error) {
    if (error instanceof SyntaxError) return [];
    throw error;
  }
}

export const comparison = new Comparison();
