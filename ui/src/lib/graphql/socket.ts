import { type Client, createClient } from "graphql-ws";
import type { Connection } from "./connection.svelte.ts";
import type { Session } from "./session.svelte.ts";

const FIRST_WAIT_MS = 1000;
const LONGEST_WAIT_MS = 30_000;
const PING_MS = 15_000;
const PONG_WITHIN_MS = 8000;
/** Close code of a connection_init that named no session that counts. */
const UNAUTHORIZED = 4401;

/** Full jitter between retries, cut short when the browser is back on a network or the tab is looked at again. */
async function waitBeforeRetry(attempt: number): Promise<void> {
  const longest = Math.min(LONGEST_WAIT_MS, FIRST_WAIT_MS * 2 ** Math.min(attempt, 10));
  const ms = 200 + Math.random() * longest;
  await new Promise<void>((resolve) => {
    const stop = new AbortController();
    const go = (): void => {
      stop.abort();
      clearTimeout(timer);
      resolve();
    };
    const timer = setTimeout(go, ms);
    addEventListener("online", go, { signal: stop.signal });
    document.addEventListener("visibilitychange", () => document.visibilityState === "visible" && go(), {
      signal: stop.signal,
    });
  });
}

/** The one socket of an app: opened when something live is wanted, kept for as long as it is, reopened for ever. */
export function openSocket(session: Session, connection: Connection): Client {
  let silence: ReturnType<typeof setTimeout> | undefined;
  /** The session that the socket was opened with. */
  let secret = "";
  const url = new URL("/graphql", location.href);
  url.protocol = url.protocol.replace("http", "ws");
  const client = createClient({
    url: url.href,
    lazyCloseTimeout: 5000,
    connectionParams: () => {
      secret = session.secret;
      return { session: secret };
    },
    retryAttempts: Number.POSITIVE_INFINITY,
    retryWait: waitBeforeRetry,
    shouldRetry: () => session.state !== "out",
    keepAlive: PING_MS,
    on: {
      connecting: () => connection.connecting(),
      connected: () => connection.connected(),
      ping: (received) => {
        if (!received) silence = setTimeout(() => client.terminate(), PONG_WITHIN_MS);
      },
      pong: (received) => {
        if (received) clearTimeout(silence);
      },
      closed: (event) => {
        clearTimeout(silence);
        const { code, wasClean } = event as CloseEvent;
        connection.closed(!(wasClean && code === 1000), Date.now());
        if (code === UNAUTHORIZED) session.expire(secret);
      },
    },
  });
  return client;
}
