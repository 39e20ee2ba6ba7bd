import type { Logger } from "pino";
import { CLOSE } from "./close-codes.js";
import type { ListenerLimits, SocketSession } from "./listener-options.js";
import type { SocketState } from "./socket-state.js";

/** Asks regularly whether a socket still answers, may still be here, and is not too old. */
export class Heartbeat<V> {
  constructor(
    private readonly limits: ListenerLimits,
    private readonly log: Logger,
    private readonly recheck: (session: SocketSession<V>) => Promise<boolean> | undefined,
  ) {}

  /** Watches a socket until it closes. */
  start(state: SocketState<V>): void {
    let isAnswered = true;
    state.socket.on("pong", () => {
      isAnswered = true;
    });
    const timer = setInterval(() => {
      if (!isAnswered) return state.socket.terminate();
      isAnswered = false;
      state.socket.ping();
      this.beat(state).catch((error: unknown) => {
        // Whether the session still stands cannot be told now; the socket is asked again at the next beat.
        this.log.warn({ requestId: state.id, err: error }, "session could not be rechecked");
      });
    }, this.limits.heartbeatMs);
    state.socket.once("close", () => clearInterval(timer));
  }

  private async beat({ socket, session, openedAt }: SocketState<V>): Promise<void> {
    if (performance.now() - openedAt > this.limits.socketAgeMs) {
      return socket.close(CLOSE.forbidden, "the socket has reached its age; reconnect");
    }
    if (session === undefined) return;
    const isAllowed = await this.recheck(session);
    if (isAllowed === false) socket.close(CLOSE.forbidden, "the session has ended");
  }
}
