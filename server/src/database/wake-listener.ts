import { Client, escapeIdentifier } from "pg";
import type { Logger } from "pino";
import { Backoff, delay } from "../backoff.js";

const CONNECT_TIMEOUT_MS = 2_000;

/**
 * LISTENs on a channel, on a connection of its own, until the signal is aborted. `onWake` is called for every
 * notification, and after every (re)connect, because what was sent in between is lost. It never rejects for a database that
 * is away: it connects again, for ever.
 */
export async function listenUntilAborted(
  url: string,
  channel: string,
  onWake: (payload: string) => void,
  signal: AbortSignal,
  log: Logger,
): Promise<void> {
  const backoff = new Backoff(200, 5_000);
  while (!signal.aborted) {
    try {
      await listenOnce(url, channel, onWake, signal, () => backoff.reset());
    } catch (error) {
      log.debug({ err: error, channel }, "lost the connection that waits for notifications");
    }
    await delay(backoff.next(), signal);
  }
}

async function listenOnce(
  url: string,
  channel: string,
  onWake: (payload: string) => void,
  signal: AbortSignal,
  onConnected: () => void,
): Promise<void> {
  const client = new Client({
    connectionString: url,
    connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
    keepAlive: true,
    keepAliveInitialDelayMillis: 10_000,
    application_name: "catalog-listener",
  });
  let finish: () => void = () => undefined;
  const ended = new Promise<void>((resolve) => (finish = resolve));
  client.on("error", () => finish());
  client.on("end", () => finish());
  signal.addEventListener("abort", finish);
  client.on("notification", ({ payload }) => onWake(payload ?? ""));
  try {
    await client.connect();
    await client.query(`LISTEN ${escapeIdentifier(channel)}`);
    onConnected();
    onWake("");
    await ended;
  } finally {
    signal.removeEventListener("abort", finish);
    await client.end();
  }
}
