import type { Changes, ChangeTopic, ChangeTopics } from "./ports.js";

type Listener = (id: string) => void;

/** {@link Changes} within one process. `onError` hears of listeners that throw. */
export class ChangeSignals implements Changes {
  private readonly listeners = new Map<ChangeTopic, Set<Listener>>();

  constructor(private readonly onError: (error: unknown) => void) {}

  emit<T extends ChangeTopic>(topic: T, id: ChangeTopics[T]): void {
    for (const listener of this.listeners.get(topic) ?? []) {
      try {
        listener(id);
      } catch (error) {
        this.onError(error);
      }
    }
  }

  on<T extends ChangeTopic>(topic: T, listener: (id: ChangeTopics[T]) => void): () => void {
    const set = this.listeners.get(topic) ?? new Set();
    this.listeners.set(topic, set.add(listener));
    return () => set.delete(listener);
  }

  async *stream<T extends ChangeTopic>(topic: T, signal: AbortSignal): AsyncGenerator<ChangeTopics[T]> {
    const waiting = new Set<ChangeTopics[T]>();
    let wake = (): void => undefined;
    const stop = this.on(topic, (id) => {
      waiting.add(id);
      wake();
    });
    const aborted = (): void => wake();
    signal.addEventListener("abort", aborted);
    try {
      while (!signal.aborted) {
        const ids = [...waiting];
        waiting.clear();
        yield* ids;
        if (waiting.size === 0 && !signal.aborted) await new Promise<void>((resolve) => (wake = resolve));
      }
    } finally {
      stop();
      signal.removeEventListener("abort", aborted);
    }
  }
}
