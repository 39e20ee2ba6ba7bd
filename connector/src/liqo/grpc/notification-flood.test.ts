import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import * as grpc from "@grpc/grpc-js";
import { loadSync } from "@grpc/proto-loader";
import { createLog } from "@catalog/server/log";
import { waitFor } from "@catalog/server/testing/wait-for";
import type { Amounts } from "@catalog/schema/resource-list";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { Scheduler } from "./change-notifier.js";
import { ResourcePlugin } from "./resource-plugin.js";

const FLOOD = 500;

/** Time that passes only when a test says so. */
class ManualScheduler implements Scheduler {
  #now = 0;
  #jobs: { readonly at: number; readonly work: () => void }[] = [];

  now(): number {
    return this.#now;
  }
  after(ms: number, work: () => void): () => void {
    const job = { at: this.#now + ms, work };
    this.#jobs.push(job);
    return () => void (this.#jobs = this.#jobs.filter((other) => other !== job));
  }
  pass(ms: number): void {
    this.#now += ms;
    const due = this.#jobs.filter((job) => job.at <= this.#now);
    this.#jobs = this.#jobs.filter((job) => job.at > this.#now);
    for (const job of due) job.work();
  }
}

/** A ledger in memory, which can be away. */
class Ledger {
  isAway = false;
  reads = 0;
  readonly #cpu = new Map<string, bigint>();
  readonly #listeners = new Set<(clusterID: string) => void>();

  async grantOf(clusterID: string): Promise<Amounts> {
    this.reads++;
    if (this.isAway) throw new Error("database is away");
    return { cpu: this.#cpu.get(clusterID) ?? 0n, memory: 0n, pods: 0n };
  }
  onChange(listener: (clusterID: string) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }
  set(clusterID: string, units: number): void {
    this.#cpu.set(clusterID, BigInt(units) * 1_000_000_000n);
    for (const listener of this.#listeners) listener(clusterID);
  }
}

interface RawClient extends grpc.Client {
  ReadResources(request: object, done: (error: grpc.ServiceError | null) => void): void;
  Subscribe(request: object): grpc.ClientReadableStream<{ clusterID: string }>;
}

/** A stock client of the plugin, as Liqo is one. */
class Liqo {
  readonly ids: string[] = [];
  readonly #client: RawClient;
  #stream: grpc.ClientReadableStream<{ clusterID: string }> | undefined;

  constructor(port: number) {
    const file = createRequire(import.meta.url).resolve("@catalog/proto/liqo/v0.8/resource_reader.proto");
    const definition = loadSync(file, { keepCase: true, oneofs: false, includeDirs: [join(dirname(file), "../..")] });
    const Reader = grpc.loadPackageDefinition(definition)["resource_reader"] as grpc.ServiceClientConstructor;
    this.#client = new Reader(`127.0.0.1:${port}`, grpc.credentials.createInsecure()) as unknown as RawClient;
  }

  async subscribe(): Promise<this> {
    const stream = this.#client.Subscribe({});
    this.#stream = stream;
    stream.on("data", ({ clusterID }) => this.ids.push(clusterID));
    stream.on("error", () => undefined); // cancelling a stream is an error to gRPC
    await new Promise((resolve) => stream.once("metadata", resolve));
    return this;
  }

  /** The status with which a read ended; 0 is OK. */
  read(clusterID: string): Promise<number> {
    return new Promise((resolve) => this.#client.ReadResources({ clusterID }, (error) => resolve(error?.code ?? 0)));
  }

  /** How often a cluster was named. */
  told(clusterID: string): number {
    return this.ids.filter((id) => id === clusterID).length;
  }

  die(): void {
    this.#stream?.cancel();
  }

  close(): void {
    this.#client.close();
  }
}

let ledger: Ledger;
let scheduler: ManualScheduler;
let plugin: ResourcePlugin;
let liqo: Liqo;
let others: Liqo[];
let port: number;

beforeEach(async () => {
  ledger = new Ledger();
  scheduler = new ManualScheduler();
  const log = createLog({ name: "test", level: "silent" });
  plugin = new ResourcePlugin({ grants: ledger, wire: () => "v0.8", log, scheduler });
  port = await plugin.start("127.0.0.1", 0);
  liqo = await new Liqo(port).subscribe();
  others = [];
});
afterEach(async () => {
  for (const each of [liqo, ...others]) each.close();
  await plugin.stop();
});

let fences = 0;
/** Waits until everything that was to be told has arrived: a stream keeps its order, so what comes before a mark has come. */
async function arrived(at: Liqo = liqo): Promise<void> {
  for (let turn = 0; turn < 20; turn++) await new Promise(setImmediate);
  const fence = `fence-${++fences}`;
  await liqo.read(fence);
  ledger.set(fence, 1);
  await waitFor(() => at.told(fence) === 1);
}

async function flood(clusterIDs: readonly string[], changes: number): Promise<void> {
  for (let n = 1; n <= changes; n++) {
    for (const clusterID of clusterIDs) ledger.set(clusterID, n);
    if (n % 50 === 0) await new Promise(setImmediate);
  }
}

describe("a flood of changes", () => {
  test("tells a cluster once, once more when a second has passed, and then nothing", async () => {
    expect(await liqo.read("paris")).toBe(0);
    await flood(["paris"], FLOOD);
    await arrived();
    expect(liqo.told("paris")).toBe(1);
    scheduler.pass(999);
    await arrived();
    expect(liqo.told("paris")).toBe(1);
    scheduler.pass(1);
    await arrived();
    expect(liqo.told("paris")).toBe(2);
    for (let second = 0; second < 5; second++) scheduler.pass(1_000);
    await arrived();
    expect(liqo.told("paris")).toBe(2);
  });

  test("goes on for ten seconds: at most one notification in each, and no more reads than that", async () => {
    await liqo.read("paris");
    const { reads } = ledger;
    for (let second = 0; second < 10; second++) {
      await flood(["paris"], FLOOD / 5);
      for (let part = 0; part < 4; part++) scheduler.pass(250);
      await new Promise(setImmediate);
    }
    expect(ledger.reads - reads).toBeLessThanOrEqual(22);
    await arrived();
    expect(liqo.told("paris")).toBeLessThanOrEqual(11);
    expect(liqo.told("paris")).toBeGreaterThan(1);
  });

  test("about hundreds of clusters tells each of them once", { timeout: 30_000 }, async () => {
    const clusters = Array.from({ length: 200 }, (_, n) => `cluster-${n}`);
    await Promise.all(clusters.map((clusterID) => liqo.read(clusterID)));
    await flood(clusters, 20);
    await arrived();
    expect(clusters.filter((clusterID) => liqo.told(clusterID) !== 1)).toEqual([]);
    scheduler.pass(1_000);
    await arrived();
    expect(clusters.filter((clusterID) => liqo.told(clusterID) > 2)).toEqual([]);
    expect(liqo.ids.filter((id) => id === "")).toEqual([]);
  });

  test("that ends where it began tells nothing more", async () => {
    ledger.set("paris", 4);
    await liqo.read("paris");
    ledger.set("paris", 4);
    await arrived();
    expect(liqo.told("paris"), "the answer is the same").toBe(0);
    ledger.set("paris", 5);
    await arrived();
    await flood(["paris"], FLOOD);
    ledger.set("paris", 5);
    scheduler.pass(1_000);
    await arrived();
    expect(liqo.told("paris")).toBe(1);
  });

  test("about clusters that Liqo has had no answer for, or an error, tells nothing", async () => {
    ledger.isAway = true;
    expect(await liqo.read("paris")).toBe(grpc.status.UNAVAILABLE);
    ledger.isAway = false;
    await liqo.read("milan");
    await flood(["paris", "nobody", "", "milan"], FLOOD);
    await arrived();
    expect(liqo.ids.filter((id) => !id.startsWith("fence"))).toEqual(["milan"]);
  });

  test("while the ledger is away is told once it is back", async () => {
    await liqo.read("paris");
    ledger.isAway = true;
    await flood(["paris"], FLOOD);
    for (let turn = 0; turn < 20; turn++) await new Promise(setImmediate);
    expect(await liqo.read("paris")).toBe(grpc.status.UNAVAILABLE);
    ledger.isAway = false;
    scheduler.pass(1_000);
    await arrived();
    expect(liqo.told("paris")).toBe(1);
  });

  test("reaches every stream that lives, whichever of them die meanwhile", async () => {
    for (let n = 0; n < 6; n++) others.push(await new Liqo(port).subscribe());
    await liqo.read("paris");
    for (const [n, other] of others.entries()) {
      if (n % 2 === 0) other.die();
      await flood(["paris"], FLOOD / 5);
      await arrived();
      scheduler.pass(1_000);
    }
    await arrived();
    const living = others.filter((_, n) => n % 2 === 1);
    for (const other of living) await arrived(other);
    expect(liqo.told("paris")).toBeGreaterThan(1);
    for (const other of living) expect(other.told("paris")).toBe(liqo.told("paris"));
    await waitFor(() => plugin.subscriberCount === 1 + living.length);
  });
});
