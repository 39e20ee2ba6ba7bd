/**
 * Where a reader of the feed stands. It has everything up to `revision`, and what was removed after `base` will be told to it:
 * a reader of changes stands at `base === revision`, one in the middle of the table has its base where the reading began.
 */
export interface FeedPosition {
  readonly epoch: string;
  readonly revision: number;
  /** Removals above this revision must still be known for the reader to go on. */
  readonly base: number;
  /** Random mark of the revision `base`. */
  readonly mark: string;
  /** RESET: nothing told yet. CATCHING_UP: not yet SYNCED. LIVE: SYNCED was told. */
  readonly phase: "RESET" | "CATCHING_UP" | "LIVE";
}

/** The beginning: everything will be told. */
export const BEGINNING: FeedPosition = { epoch: "", revision: 0, base: 0, mark: "", phase: "RESET" };

/** Equal keys, equal futures: what is made for one reader fits every other of the same filter and selection. */
export function positionKey({ epoch, revision, base, phase }: FeedPosition): string {
  return phase === "RESET" ? phase : `${epoch} ${phase} ${revision} ${base}`;
}
