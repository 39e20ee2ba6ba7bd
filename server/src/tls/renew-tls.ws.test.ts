import { rm, mkdtemp, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { connect } from "node:tls";
import { once } from "node:events";
import { expect, test } from "vitest";
import { startListener } from "../graphql/graphql-listener.fixture.js";
import { silentLog } from "../log.js";
import { waitFor } from "../testing/wait-for.js";
import { RenewTls } from "./renew-tls.task.js";
import { loadTls } from "./tls-material.js";

async function serialNumber(port: number): Promise<string> {
  const socket = connect({ port, host: "127.0.0.1", rejectUnauthorized: false });
  await once(socket, "secureConnect");
  const { serialNumber: serial } = socket.getPeerCertificate();
  socket.destroy();
  return serial;
}

test("a listener serves a replaced certificate without a restart, and the old one while the new one is broken", async () => {
  const dataDir = await mkdtemp(join(tmpdir(), "catalog-renew-"));
  const stop = new AbortController();
  const source = { mode: "self-signed", dataDir, names: ["localhost"] } as const;
  const current = await loadTls(source, new Date());
  if (current === undefined) throw new Error("no material");
  const server = await startListener({ tls: current });
  let now = Date.now();
  const options = {
    source,
    current,
    renewed: server.listener.renewTls.bind(server.listener),
    log: silentLog(),
    periodMs: 5,
  };
  const running = new RenewTls(options, { now: () => new Date(now) }).run(stop.signal);
  try {
    const before = await serialNumber(server.port);
    await writeFile(join(dataDir, "tls-cert.pem"), "broken", { mode: 0o644 });
    now += 370 * 86_400_000;
    expect(await serialNumber(server.port)).toBe(before);
    await rm(join(dataDir, "tls-cert.pem"));
    await waitFor(async () => (await serialNumber(server.port)) !== before);
  } finally {
    stop.abort();
    await running;
    await server.listener.close(100);
    await rm(dataDir, { recursive: true });
  }
});
