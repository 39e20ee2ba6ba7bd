import type { WebSocket } from "ws";

import type { FeedPosition } from "../domain/feed-position.js";
import type { EncodedSegment } from "./encoded-segment.js";

const TEXT = { binary: false, compress: false } as const;

/** The socket of one subscription, and how it is ended. */
export interface SubscriberSocket {
  /** Id of the subscription on its socket. */
  readonly id: string;
  readonly socket: WebSocket;
}

/**
 * One subscription: nothing but a place in the feed. It has no queue; while its socket holds too much it is passed over, and
 * goes on from its place later.
 */
export class FeedSubscriber {
  /** Something is being made for it. */
  isBusy = false;
  lastSentAt: number;
  private blockedAt: number | undefined;

  constructor(
    private readonly target: SubscriberSocket,
    public position: FeedPosition,
    private readonly maxBuffered: number,
    now: number,
  ) {
    this.lastSentAt = now;
  }

  get isOpen(): boolean {
    return this.target.socket.readyState === this.target.socket.OPEN;
  }

  get bufferedBytes(): number {
    return this.target.socket.bufferedAmount;
  }

  /** Since when its socket holds too much; undefined while it does not. */
  blockedSince(now: number): number | undefined {
    const isFull = this.target.socket.bufferedAmount > this.maxBuffered;
    this.blockedAt = isFull ? (this.blockedAt ?? now) : undefined;
    return this.blockedAt;
  }

  /** Sends a segment and moves on. `onDrained` is called once the socket has taken it, if until then the socket holds too much. */
  deliver(segment: EncodedSegment, now: number, onDrained: () => void): void {
    const { socket, id } = this.target;
    this.position = segment.end;
    const frames = segment.frames(id);
    frames.forEach((frame, n) => {
      const isFilling = n === frames.length - 1 && socket.bufferedAmount + frame.length > this.maxBuffered;
      if (isFilling) socket.send(frame, TEXT, onDrained);
      else socket.send(frame, TEXT);
    });
    if (frames.length > 0) this.lastSentAt = now;
  }
}
