import { createSubscriber } from "svelte/reactivity";

/** The time now, for texts such as "2 min ago": whoever reads `seconds` is run again when it ticks. */
class Clock {
  #seconds = Math.floor(Date.now() / 1000);
  readonly #subscribe = createSubscriber((update) => {
    const timer = setInterval(() => {
      this.#seconds = Math.floor(Date.now() / 1000);
      update();
    }, 5000);
    return () => clearInterval(timer);
  });

  /** Unix seconds, at most 5 s old. */
  get seconds(): number {
    this.#subscribe();
    return this.#seconds;
  }
}

export const clock = new Clock();
