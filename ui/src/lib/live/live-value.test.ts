import { beforeEach, expect, it, vi } from "vitest";
import { Connection } from "../graphql/connection.svelte.ts";
import { LiveValue } from "./live-value.svelte.ts";

/** A value at a server that tells of changes only when the test wants it to. */
function liveValue(connection = new Connection()) {
  const server = { value: "proposed", reads: 0, tell: (_value?: string): void => undefined };
  const live = new LiveValue<string>(
    {
      load: () => {
        server.reads++;
        return Promise.resolve(server.value);
      },
      watch: (changed) => {
        server.tell = changed;
        return () => (server.tell = () => undefined);
      },
    },
    connection,
  );
  return { server, live, connection };
}

beforeEach(() => void vi.useFakeTimers());

it("shows what changed between its first reading and the beginning of the subscription", async () => {
  const { server, live } = liveValue();
  live.start();
  await vi.advanceTimersByTimeAsync(0);
  expect(live.value).toBe("proposed");
  server.value = "waiting"; // and nobody is told
  await vi.advanceTimersByTimeAsync(2000);
  expect(live.value).toBe("waiting");
});

it("takes what it is told, and reads anew when it is told only that something changed, and after a lost connection", async () => {
  const { server, live, connection } = liveValue();
  live.start();
  server.tell("waiting");
  expect(live.value).toBe("waiting");
  server.value = "active";
  server.tell();
  await vi.advanceTimersByTimeAsync(0);
  expect(live.value).toBe("active");
  server.value = "ended";
  connection.connected();
  await vi.advanceTimersByTimeAsync(0);
  expect(live.value).toBe("ended");
});

it("reads nothing any more once it is stopped", async () => {
  const { server, live } = liveValue();
  const stop = live.start();
  await vi.advanceTimersByTimeAsync(0);
  stop();
  server.tell();
  await vi.advanceTimersByTimeAsync(300_000);
  expect(server.reads).toBe(1);
});
