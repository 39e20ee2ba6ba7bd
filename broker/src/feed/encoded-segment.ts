import type { FeedPosition } from "../domain/feed-position.js";

/** Ids under which the finished frames of one segment are kept; Connectors all use the same. */
const IDS_KEPT = 4;

/** What a group of subscribers is sent next: executed and serialised once, whoever gets it. */
export class EncodedSegment {
  private readonly framesById = new Map<string, readonly Buffer[]>();

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

  get bytes(): number {
    return this.payloads.reduce((sum, { length }) => sum + length, 0);
  }

  /** The `next` messages of the subscription `id`, in order. Subscribers with the same id share the very same buffers. */
  frames(id: string): readonly Buffer[] {
    const known = this.framesById.get(id);
    if (known !== undefined) return known;
    const head = Buffer.from(`{"id":${JSON.stringify(id)},"type":"next","payload":`);
    const frames = this.payloads.map((payload) => Buffer.concat([head, payload, TAIL]));
    if (this.framesById.size < IDS_KEPT) this.framesById.set(id, frames);
    return frames;
  }
}

const TAIL = Buffer.from("}");
