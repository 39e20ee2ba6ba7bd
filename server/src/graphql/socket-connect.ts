import { CatalogError } from "@catalog/schema/errors";
import { Holders } from "../limits/holders.js";
import { closeFor } from "./close-codes.js";
import { toPublicError } from "./error-mapper.js";
import { pathOf, queryOf } from "./http-request.js";
import type { ListenerLimits, ListenerOptions, SocketSession } from "./listener-options.js";
import type { SocketState } from "./socket-state.js";

/** Decides at connection_init whether a socket may stay, and remembers whose it is. */
export class SocketConnect<V, C extends { readonly requestId: string }> {
  private readonly holders: Holders;

  constructor(
    private readonly options: ListenerOptions<V, C>,
    private readonly limits: ListenerLimits,
  ) {
    this.holders = new Holders(limits.socketsPerPrincipal);
  }

  /** True if the socket was admitted; otherwise it has been closed with a code that says why. */
  async admit(state: SocketState<V>, params: Readonly<Record<string, unknown>> | undefined): Promise<boolean> {
    try {
      const viewer = await this.authenticate(state, params ?? {});
      this.hold(state, viewer);
      const session: SocketSession<V> = {
        id: state.id,
        viewer,
        socket: state.socket,
        close: (code, reason) => state.socket.close(code, reason),
      };
      await this.options.subscriptionHooks?.opened?.(session);
      if (state.socket.readyState !== state.socket.OPEN) {
        this.options.subscriptionHooks?.closed?.(session);
        throw new CatalogError("UNAVAILABLE", "the socket closed while it was being admitted");
      }
      state.session = session;
      return true;
    } catch (error) {
      this.leave(state);
      const { code, reason } = closeFor(toPublicError(error, state.id, this.options.log));
      state.socket.close(code, reason);
      return false;
    }
  }

  /** To be called when the socket has closed. */
  leave(state: SocketState<V>): void {
    state.release?.();
    state.release = undefined;
    const { session } = state;
    state.session = undefined;
    if (session !== undefined) this.options.subscriptionHooks?.closed?.(session);
  }

  private authenticate(state: SocketState<V>, connectionParams: Readonly<Record<string, unknown>>): Promise<V> {
    const { request } = state;
    return this.options.authenticate({
      transport: "ws",
      method: "GET",
      path: pathOf(request),
      query: queryOf(request),
      headers: request.headers,
      connectionParams,
      rawBody: new Uint8Array(),
      remoteAddress: state.remoteAddress,
      requestId: state.id,
    });
  }

  private hold(state: SocketState<V>, viewer: V): void {
    const principal = this.options.subscriptionHooks?.principalOf?.(viewer);
    if (principal === undefined) return;
    const release = this.holders.acquire(principal);
    if (release === undefined) {
      throw new CatalogError(
        "LIMIT_EXCEEDED",
        `at most ${this.limits.socketsPerPrincipal} sockets at once; close one first`,
      );
    }
    state.release = release;
  }
}
