/** One change of the catalog subscription, as far as a replica needs it. */
interface CatalogChangeOf<O, C> {
  readonly op: "UPSERT" | "REMOVE";
  readonly kind: "CLUSTER" | "OFFER";
  readonly fingerprint: string;
  readonly offerID: string | null;
  readonly offer: O | null;
  readonly cluster: C | null;
}

/** One message of it; see schema/WIRE.md, section 8. */
export interface CatalogMessage<O, C> {
  readonly type: "RESET" | "ITEMS" | "SYNCED" | "HEARTBEAT";
  readonly cursor: string;
  readonly changes: readonly CatalogChangeOf<O, C>[];
}

interface Row<T> {
  readonly value: T;
  /** The reset in which the item was seen last. */
  readonly generation: number;
}

/** A replica that is filled for the first time is shown this often, in ms. */
const SHOW_EVERY_MS = 120;

/**
 * A replica of the Catalog in this page. It continues from its cursor after a lost connection; after a RESET, what is not
 * seen again goes at SYNCED and not before. Once filled, it holds changes back: `changes` counts them, `apply` shows them,
 * so that no row moves under a pointer. Changes that `isQuiet` allows (such as the stock of a known offer) show at once.
 */
export class LiveCatalog<O, C> {
  /** What is shown. */
  offers = $state.raw<readonly O[]>([]);
  clusters = $state.raw<ReadonlyMap<string, C>>(new Map());
  /** How many items differ from what is shown. */
  changes = $state(0);
  /** True once everything there was has arrived. */
  isComplete = $state(false);
  /** Unix milliseconds of the last message; 0 before the first. */
  heardAt = $state(0);
  /** The variable `since` of the next subscription. */
  cursor: string | null = null;
  #generation = 0;
  #isResetting = false;
  readonly #offers = new Map<string, Row<O>>();
  readonly #clusters = new Map<string, Row<C>>();
  #shown = new Map<string, O>();
  readonly #held = new Set<string>();
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(private readonly isQuiet: (before: O, after: O) => boolean = () => false) {}

  /** Applies one message and its cursor. A repeated message changes nothing. */
  hear({ type, cursor, changes }: CatalogMessage<O, C>): void {
    if (type === "RESET") {
      this.#generation += 1;
      this.#isResetting = true;
    }
    for (const change of changes) this.#change(change);
    if (type === "SYNCED") this.#synced();
    this.cursor = cursor;
    this.heardAt = Date.now();
    this.#show();
  }

  /** Begins anew, as after CURSOR_INVALID: what is shown stays until the new replica is complete. */
  forgetCursor(): void {
    this.cursor = null;
  }

  /** Shows what was held back. */
  apply(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#held.clear();
    this.#shown = new Map([...this.#offers].map(([key, { value }]) => [key, value]));
    this.#publish();
  }

  #change({ kind, op, fingerprint, offerID, offer, cluster }: CatalogChangeOf<O, C>): void {
    if (kind === "CLUSTER") {
      if (op === "UPSERT" && cluster !== null) {
        this.#clusters.set(fingerprint, { value: cluster, generation: this.#generation });
      } else this.#clusters.delete(fingerprint);
      return;
    }
    const key = `${fingerprint} ${offerID ?? ""}`;
    if (op === "UPSERT" && offer !== null) this.#offers.set(key, { value: offer, generation: this.#generation });
    else this.#offers.delete(key);
    this.#hold(key);
  }

  #hold(key: string): void {
    if (!this.isComplete) return;
    const [before, after] = [this.#shown.get(key), this.#offers.get(key)?.value];
    if (before !== undefined && after !== undefined && this.isQuiet(before, after)) {
      this.#shown.set(key, after);
      this.#held.delete(key);
    } else if (before === undefined && after === undefined) this.#held.delete(key);
    else this.#held.add(key);
  }

  #synced(): void {
    if (this.#isResetting) {
      for (const [key, { generation }] of this.#offers) {
        if (generation === this.#generation) continue;
        this.#offers.delete(key);
        this.#hold(key);
      }
      for (const [key, { generation }] of this.#clusters) {
        if (generation !== this.#generation) this.#clusters.delete(key);
      }
      this.#isResetting = false;
    }
    if (this.isComplete) return;
    this.isComplete = true;
    this.apply();
  }

  /** Bundles what arrives in a burst; ten thousand items come in a few dozen messages. */
  #show(): void {
    this.#timer ??= setTimeout(() => {
      this.#timer = undefined;
      if (this.isComplete) this.#publish();
      else this.apply();
    }, SHOW_EVERY_MS);
  }

  #publish(): void {
    this.offers = [...this.#shown.values()];
    this.clusters = new Map([...this.#clusters].map(([key, { value }]) => [key, value]));
    this.changes = this.#held.size;
  }
}
