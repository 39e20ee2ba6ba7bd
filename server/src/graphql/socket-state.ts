import type { IncomingMessage } from "node:http";
import type { WebSocket } from "ws";
import type { SocketSession } from "./listener-options.js";

/** What this process knows of one WebSocket; graphql-ws carries it as `extra`. */
export interface SocketState<V> {
  readonly id: string;
  readonly socket: WebSocket;
  readonly request: IncomingMessage;
  readonly remoteAddress: string;
  /** Monotonic ms. */
  readonly openedAt: number;
  /** Set when the socket was acknowledged. */
  session: SocketSession<V> | undefined;
  /** Gives back the principal's place. */
  release: (() => void) | undefined;
}
