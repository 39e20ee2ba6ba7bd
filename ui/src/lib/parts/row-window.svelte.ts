import { windowOf } from "./column.ts";

/** As long nothing has scrolled, somebody has arrived; ms. */
const ARRIVED_MS = 80;

/**
 * Which of thousands of rows exist: those that are seen and some around them. Whoever jumps past those gets first what is
 * seen alone, and the rest on arrival, so that no step of a fast scroll keeps the page from answering.
 */
export class RowWindow {
  /** Height of what is looked through, px; to be bound. */
  viewHeight = $state(600);
  #top = $state(0);
  #isJumping = $state(false);
  #timer: ReturnType<typeof setTimeout> | undefined;

  /** @param spare rows around what is seen */
  constructor(private readonly spare: number) {}

  /** To be called when it was scrolled to `top`, px. @param rowHeight px */
  scrollTo(top: number, rowHeight: number): void {
    this.#isJumping ||= Math.abs(top - this.#top) > (this.spare * rowHeight) / 2;
    this.#top = top;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => (this.#isJumping = false), ARRIVED_MS);
  }

  /** The rows to render of `count`. */
  of(count: number, rowHeight: number): { first: number; end: number } {
    return windowOf(count, rowHeight, this.#top, this.viewHeight, this.#isJumping ? 1 : this.spare);
  }
}
