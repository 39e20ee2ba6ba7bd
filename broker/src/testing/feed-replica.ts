import type { FeedEvent } from "@catalog/schema/feed";

/** What a client keeps of the feed, by the rules that every client follows. */
export class FeedReplica {
  /** `fingerprint offerID` → document and staleness. */
  readonly items = new Map<
    string,
    { readonly jws: string | null; readonly staleSince: number | null; generation: number }
  >();
  readonly events: FeedEvent[] = [];
  /** Cursor of the last message applied. */
  cursor: string | null = null;
  private generation = 0;

  apply(event: FeedEvent): void {
    this.events.push(event);
    this.cursor = event.cursor;
    if (event.type === "RESET") this.generation += 1;
    for (const change of event.changes) {
      const key = `${change.fingerprint} ${change.offerID ?? ""}`;
      if (change.op === "REMOVE") this.items.delete(key);
      else this.items.set(key, { jws: change.jws, staleSince: change.staleSince, generation: this.generation });
    }
    if (event.type !== "SYNCED") return;
    for (const [key, { generation }] of this.items) if (generation !== this.generation) this.items.delete(key);
  }

  /** The documents, comparable. */
  documents(): readonly (readonly [string, string | null])[] {
    return [...this.items].map(([key, { jws }]) => [key, jws] as const).sort(([a], [b]) => (a < b ? -1 : 1));
  }

  types(): readonly string[] {
    return this.events.map(({ type }) => type);
  }
}
