import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

import { verifyBrokerDescriptor } from "@catalog/schema/documents/descriptor";
import { parseJoinString } from "@catalog/schema/documents/join-string";
import { BROKER_DESCRIPTOR, type BrokerDescriptorResult } from "@catalog/schema/operations";
import { SafeFetch } from "@catalog/server/outgoing/safe-fetch";
import { freePort, freePorts } from "@catalog/server/testing/free-port";
import { waitFor } from "@catalog/server/testing/wait-for";
import { afterEach, describe, expect, it } from "vitest";

import { startBrokerApp } from "./testing/broker-app.js";

const MAIN = fileURLToPath(new URL("../dist/main.js", import.meta.url));

describe("TLS of its own", () => {
  it("is authentic through the descriptor and the join string", async () => {
    const app = await startBrokerApp({ TLS: "self-signed", PUBLIC_URL: `https://127.0.0.1:${await freePort()}` });
    try {
      await app.broker.established;
      const url = `${app.broker.url}/graphql`;
      const outgoing = new SafeFetch({ allowHttp: true, allowCidrs: ["127.0.0.0/8"], denyCidrs: [] });
      const ask = async (query: string, pinnedSpki: string, headers = {}): Promise<Record<string, unknown>> => {
        const body = new TextEncoder().encode(JSON.stringify({ query }));
        return (
          JSON.parse((await outgoing.postJson(url, { body, headers, pinnedSpki })).body) as {
            data: Record<string, unknown>;
          }
        ).data;
      };
      const found = await outgoing.postJson(url, {
        body: new TextEncoder().encode(JSON.stringify({ query: BROKER_DESCRIPTOR })),
        isAnyCertificate: true,
      });
      const { broker } = (JSON.parse(found.body) as { data: BrokerDescriptorResult }).data;
      const { tlsSpki = "" } = await verifyBrokerDescriptor(broker.descriptor);
      expect(tlsSpki).toBe(found.spki);
      expect(await ask("{ viewer { kind } }", tlsSpki)).toEqual({ viewer: { kind: "ANONYMOUS" } });
      const { createJoinString } = await ask("mutation { createJoinString { join } }", tlsSpki, {
        authorization: `Bearer ${app.adminToken}`,
      });
      expect(parseJoinString((createJoinString as { join: string }).join).spki).toBe(tlsSpki);
      await expect(ask("{ viewer { kind } }", "A".repeat(43))).rejects.toMatchObject({ code: "PEER_UNREACHABLE" });
    } finally {
      await app.stop();
    }
  });
});

describe.runIf(existsSync(MAIN))("the process", () => {
  const children: ChildProcess[] = [];
  afterEach(() => children.splice(0).forEach((child) => child.kill("SIGKILL")));

  function start(env: Readonly<Record<string, string>>) {
    const child = spawn(process.execPath, [MAIN], {
      env: { PATH: process.env["PATH"] ?? "", ...env },
      stdio: ["ignore", "pipe", "pipe"],
    });
    children.push(child);
    let output = "";
    child.stdout.on("data", (chunk: Buffer) => (output += chunk.toString()));
    child.stderr.on("data", (chunk: Buffer) => (output += chunk.toString()));
    return { child, output: () => output, exit: once(child, "exit") as Promise<[number | null]> };
  }

  it("names everything that is wrong with its configuration and exits with 78", async () => {
    const { output, exit } = start({ PORT: "none", FEED_POLL: "never", ADMIN_TOKEN: "a-secret-that-stays-secret" });
    expect((await exit)[0]).toBe(78);
    expect(output()).toMatch(/PORT: "none".*FEED_POLL: "never"/s);
    expect(output()).not.toContain("a-secret-that-stays-secret");
  });

  it("serves with a PostgreSQL of its own, and ends with it on SIGTERM", { timeout: 60_000 }, async () => {
    const directory = await mkdtemp(join(tmpdir(), "catalog-broker-main-"));
    const [port = 0, opsPort = 0] = await freePorts(2);
    const { child, output, exit } = start({ PORT: String(port), OPS_PORT: String(opsPort), DATA_DIR: directory });
    await waitFor(async () => (await fetch(`http://127.0.0.1:${opsPort}/readyz`)).ok, {
      timeoutMs: 40_000,
      what: "readiness",
    });
    const metrics = await (await fetch(`http://127.0.0.1:${opsPort}/metrics`)).text();
    for (const name of [
      "catalog_members",
      "catalog_feed_subscribers",
      "catalog_feed_revision",
      "catalog_lane_batch_documents",
      "catalog_http_requests_total",
    ]) {
      expect(metrics).toContain(name);
    }
    child.kill("SIGTERM");
    child.kill("SIGTERM");
    expect((await exit)[0]).toBe(0);
    expect(output()).not.toMatch(/"level":"(error|fatal)"/);
    await rm(directory, { recursive: true, force: true });
  });
});
