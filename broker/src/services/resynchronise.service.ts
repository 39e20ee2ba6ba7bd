/** The epoch of the feed. */
export interface Epochs {
  /** Begins a new epoch and returns it once this process has learnt it; readers are told RESET. */
  begin(): Promise<string>;
}

/** Makes every reader of the feed begin anew, for an operator who knows that the database's past has changed. */
export class ResynchroniseService {
  constructor(private readonly epochs: Epochs) {}

  /** Begins a new epoch. For two minutes after it, proofs made before it are refused. */
  async resynchronise(): Promise<{ epoch: string }> {
    return { epoch: await this.epochs.begin() };
  }
}
