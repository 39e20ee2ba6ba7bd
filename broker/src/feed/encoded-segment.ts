import type { FeedPosition } from "../domain/feed-position.js";

/** What a group of subscribers is sent next: executed and serialised once, whoever gets it. */
export class EncodedSegment {
  private shared: { readonly id: string; readonly frames: readonly Buffer[] } | undefined;

  /**
   * @param payloads one JSON text of an execution result for each message.
   * @param end where a subscriber stands that was sent all of them.
   * @param isPresent whether what the messages promise about the present still holds.
   */
  constructor(
    private readonly payloads: readonly Buffer[],
    readonly end: FeedPosition,
    readonly isPresent: () => boolean,
  ) {}

  /** What it holds in memory: the texts, and the frames of the id that asked first. */
  get bytes(): number {
    return 2 * this.payloads.reduce((sum, { length }) => sum + length, 0);
  }

  /** The `next` messages of the subscription `id`, in order. All who use the first id asked for, as Connectors do, share the very same buffers. */
  frames(id: string): readonly Buffer[] {
    if (this.shared?.id === id) return this.shared.frames;
    const head = Buffer.from(`{"id":${JSON.stringify(id)},"type":"next","payload":`);
    const frames = this.payloads.map((payload) => Buffer.concat([head, payload, TAIL]));
    this.shared ??= { id, frames };
    return frames;
  }
}

const TAIL = Buffer.from("}");
