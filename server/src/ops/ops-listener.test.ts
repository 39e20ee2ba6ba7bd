import { afterEach, describe, expect, it } from "vitest";
import { silentLog } from "../log.js";
import { createRegistry } from "./metrics.js";
import { createOpsListener, type OpsListener, type OpsListenerOptions } from "./ops-listener.js";

const listeners: OpsListener[] = [];

async function open(overrides: Partial<OpsListenerOptions> = {}): Promise<string> {
  const listener = createOpsListener({
    host: "127.0.0.1",
    port: 0,
    log: silentLog(),
    registry: createRegistry("test"),
    health: () => ({ ok: true, checks: {} }),
    ready: async () => ({ ok: false, checks: { database: "away" } }),
    ...overrides,
  });
  listeners.push(listener);
  const { port } = await listener.listen();
  return `http://127.0.0.1:${port}`;
}

afterEach(async () => {
  for (const listener of listeners.splice(0)) await listener.close();
});

describe("the ops listener", () => {
  it("tells whether the process is alive and whether it is ready", async () => {
    const url = await open();
    const [health, ready] = await Promise.all([fetch(`${url}/healthz`), fetch(`${url}/readyz?verbose`)]);
    expect([health.status, await health.json()]).toEqual([200, { ok: true, checks: {} }]);
    expect([ready.status, await ready.json()]).toEqual([503, { ok: false, checks: { database: "away" } }]);
  });

  it("serves the metrics of the process to Prometheus", async () => {
    const response = await fetch(`${await open()}/metrics`);
    expect(response.headers.get("content-type")).toContain("text/plain");
    expect(await response.text()).toMatch(/^process_resident_memory_bytes\{part="test"\} \d+$/m);
  });

  it("answers 500 for a probe that throws, 404 and 405 for what is not there", async () => {
    const url = await open({ health: () => Promise.reject(new Error("no")) });
    expect((await fetch(`${url}/healthz`)).status).toBe(500);
    expect((await fetch(`${url}/else`)).status).toBe(404);
    expect((await fetch(`${url}/healthz`, { method: "POST" })).status).toBe(405);
    expect((await fetch(`${url}/readyz`, { method: "HEAD" })).status).toBe(503);
  });

  it("rejects for a port that is taken", async () => {
    const port = Number(new URL(await open()).port);
    await expect(open({ port })).rejects.toMatchObject({ code: "EADDRINUSE" });
  });
});
