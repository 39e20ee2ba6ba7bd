/** `idle`: nothing live is wanted; `online`: what is shown is current; `away`: tried again until it works. */
type ConnectionState = "idle" | "connecting" | "online" | "away";

/** Whether live data arrives, and since when not. */
export class Connection {
  state = $state<ConnectionState>("idle");
  /** Unix milliseconds since when live data has been missing; 0 while it arrives. */
  awaySince = $state(0);
  readonly #listeners = new Set<() => void>();

  /** Calls `listener` each time the connection stands (again). Returns how to stop that. */
  onConnected(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  connecting(): void {
    if (this.state === "idle") this.state = "connecting";
  }

  connected(): void {
    this.state = "online";
    this.awaySince = 0;
    for (const listener of this.#listeners) listener();
  }

  /** @param isWanted false if it was closed because nothing live is wanted any more */
  closed(isWanted: boolean, now: number): void {
    if (!isWanted) {
      this.state = "idle";
      this.awaySince = 0;
      return;
    }
    this.state = "away";
    if (this.awaySince === 0) this.awaySince = now;
  }
}
