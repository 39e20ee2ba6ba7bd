import type { SessionService } from "@catalog/server/auth/sessions/session.service";
import type { SocketSession } from "@catalog/server/graphql/listener-options";
import type { Logger } from "@catalog/server/log";

import type { Viewer } from "../domain/viewer.js";
import type { Now, Repositories } from "../services/ports.js";

/** Calls back whenever a membership or a token may have ended, until the signal is aborted. */
export type ListenToEndings = (onWake: () => void, signal: AbortSignal) => Promise<void>;

const CLOSE_FORBIDDEN = 4403;

/**
 * Ends sockets whose member was revoked or has left, or whose token or session has ended. Every process is woken when
 * one of them ends anywhere; the heartbeat of each socket asks as well.
 */
export class SocketGuard {
  readonly name = "socket guard";
  private readonly sessions = new Set<SocketSession<Viewer>>();

  constructor(
    private readonly read: Pick<Repositories, "members" | "readTokens"> & {
      readonly sessions: Pick<SessionService, "liveAmong">;
    },
    private readonly listen: ListenToEndings,
    private readonly now: Now,
    private readonly log: Logger,
  ) {}

  opened(session: SocketSession<Viewer>): void {
    this.sessions.add(session);
  }

  closed(session: SocketSession<Viewer>): void {
    this.sessions.delete(session);
  }

  /** Sockets of members that are open now. */
  get memberSockets(): number {
    return [...this.sessions].filter(({ viewer }) => viewer.kind === "MEMBER").length;
  }

  /** Whether the session may go on. */
  async isAllowed({ viewer }: SocketSession<Viewer>): Promise<boolean> {
    if (viewer.kind === "MEMBER")
      return (await this.read.members.admittedAmong([viewer.fingerprint])).has(viewer.fingerprint);
    if (viewer.kind === "READER")
      return (await this.read.readTokens.liveAmong([viewer.tokenID], this.seconds())).has(viewer.tokenID);
    const session = sessionOf(viewer);
    return session === undefined || (await this.read.sessions.liveAmong([session])).has(session);
  }

  async run(signal: AbortSignal): Promise<void> {
    const check = (): void => {
      this.closeEnded().catch((error: unknown) =>
        this.log.warn({ err: error }, "sockets could not be rechecked; their heartbeat will"),
      );
    };
    await this.listen(check, signal);
  }

  /** Closes every socket whose right to be here has ended. */
  async closeEnded(): Promise<void> {
    const sessions = [...this.sessions];
    const members = sessions.flatMap(({ viewer }) => (viewer.kind === "MEMBER" ? [viewer.fingerprint] : []));
    const tokens = sessions.flatMap(({ viewer }) => (viewer.kind === "READER" ? [viewer.tokenID] : []));
    const admitted = members.length === 0 ? new Set<string>() : await this.read.members.admittedAmong(members);
    const live = tokens.length === 0 ? new Set<string>() : await this.read.readTokens.liveAmong(tokens, this.seconds());
    const signedIn = await this.read.sessions.liveAmong(sessions.flatMap(({ viewer }) => sessionOf(viewer) ?? []));
    for (const session of sessions) {
      const { viewer } = session;
      const signIn = sessionOf(viewer);
      if (signIn !== undefined && !signedIn.has(signIn)) session.close(CLOSE_FORBIDDEN, "the session has ended");
      if (viewer.kind === "MEMBER" && !admitted.has(viewer.fingerprint))
        session.close(CLOSE_FORBIDDEN, "NOT_A_MEMBER: the membership has ended");
      if (viewer.kind === "READER" && !live.has(viewer.tokenID))
        session.close(CLOSE_FORBIDDEN, "FORBIDDEN: the token has ended");
    }
  }

  private seconds(): number {
    return Math.floor(this.now().getTime() / 1000);
  }
}

function sessionOf(viewer: Viewer): string | undefined {
  return viewer.kind === "OPERATOR" ? viewer.sessionID : undefined;
}
