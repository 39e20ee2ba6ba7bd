import type { DraftSource } from "./offer-draft.ts";

let handed: DraftSource | undefined;

/** Gives the editor what it is to begin with; it is opened next. */
export function handOver(source: DraftSource): void {
  handed = source;
}

/** What was handed over, once; undefined after a reload of the page. */
export function takeOver(): DraftSource | undefined {
  const source = handed;
  handed = undefined;
  return source;
}
