import { CLOSE } from "@catalog/server/graphql/close-codes";
import type { SocketSession, SubscriptionHooks } from "@catalog/server/graphql/listener-options";
import type { Logger } from "@catalog/server/log";
import type { CredentialedViewer } from "../services/access/access.service.js";

/** Ends sockets whose session or token has ended: at once where this process hears of it, else at their next heartbeat. */
export class AdminSockets implements SubscriptionHooks<CredentialedViewer, never> {
  private readonly open = new Set<SocketSession<CredentialedViewer>>();

  constructor(
    private readonly isStill: (viewer: CredentialedViewer) => Promise<boolean>,
    private readonly log: Logger,
  ) {}

  opened = (session: SocketSession<CredentialedViewer>): void => {
    this.open.add(session);
  };

  closed = (session: SocketSession<CredentialedViewer>): void => {
    this.open.delete(session);
  };

  recheck = (session: SocketSession<CredentialedViewer>): Promise<boolean> => this.isStill(session.viewer);

  /** Looks at every socket now; one that cannot be judged is looked at again at its heartbeat. */
  async closeEnded(): Promise<void> {
    await Promise.all(
      [...this.open].map(async (session) => {
        try {
          if (!(await this.isStill(session.viewer))) session.close(CLOSE.forbidden, "the session has ended");
        } catch (error) {
          this.log.warn({ err: error }, "a socket could not be rechecked; its heartbeat will");
        }
      }),
    );
  }
}
