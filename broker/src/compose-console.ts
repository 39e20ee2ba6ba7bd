import { OwnOrigins } from "@catalog/server/auth/sessions/own-origins";
import { SessionService } from "@catalog/server/auth/sessions/session.service";
import { SignInLimit } from "@catalog/server/auth/sessions/sign-in-limit";
import { SqlSessions } from "@catalog/server/auth/sessions/sql-sessions";
import { uiFoldersOf } from "@catalog/server/ui/ui-files";

import type { Viewer } from "./domain/viewer.js";
import type { FeedHub } from "./feed/feed-hub.js";
import type { Ground } from "./ground.js";
import type { BrokerAuthenticator } from "./listeners/broker-authenticator.js";
import type { ConsoleParts } from "./listeners/broker-listener.js";
import type { SocketGuard } from "./listeners/socket-guard.js";
import type { FollowerFigures } from "./services/console-ports.js";
import { ConsoleService } from "./services/console.service.js";
import type { MemberStorage } from "./services/ports.js";
import { ConsoleReaderRepository } from "./storage/console-reader.repository.js";
import type { WriteLane } from "./storage/write-lane.js";

/** Sessions of the operator, shared by all replicas. */
export function createSessions({ config, keys, clock, database, tls }: Ground): SessionService {
  return new SessionService(new SqlSessions(database), clock, {
    fingerprint: keys.fingerprint,
    lifetime: Math.floor(config.sessionLifetime / 1_000),
    origins: new OwnOrigins(tls !== undefined, [...config.uiOrigins, new URL(config.publicUrl).origin]),
  });
}

/** How the operator signs in, and what pages are served. Signing out wakes the socket guard of every replica. */
export function createConsoleParts(
  { config }: Ground,
  sessions: SessionService,
  authenticator: BrokerAuthenticator,
  storage: MemberStorage,
): ConsoleParts {
  const routes = {
    sessions,
    limit: new SignInLimit(),
    isToken: async (tokenHash: string) => authenticator.opensSession(tokenHash),
    signedOut: () => storage.transact((work) => work.announceEnd()),
  };
  return { sessions: routes, ui: uiFoldersOf("broker", config.uiDir) };
}

/** What this process knows of those that follow the feed. */
export interface FollowerSources {
  readonly hub: Pick<FeedHub, "size" | "behind">;
  readonly guard: Pick<SocketGuard, "memberSockets">;
  readonly lane: Pick<WriteLane, "length">;
}

/** What the console shows. `sources` is asked when somebody looks, after everything has been wired. */
export function createConsole({ config, sql }: Ground, sources: () => FollowerSources): ConsoleService {
  const reader = new ConsoleReaderRepository(sql, config.staleAfter, config.clockOffset);
  return new ConsoleService(reader, () => followersOf(sources()));
}

function followersOf({ hub, guard, lane }: FollowerSources): FollowerFigures {
  return {
    ...hub.size,
    memberSockets: guard.memberSockets,
    waitingDocuments: lane.length,
    behind: hub.behind.map(({ viewer, changes }) => ({ fingerprint: fingerprintOf(viewer as Viewer), changes })),
  };
}

function fingerprintOf(viewer: Viewer): string | null {
  return viewer.kind === "MEMBER" ? viewer.fingerprint : null;
}
