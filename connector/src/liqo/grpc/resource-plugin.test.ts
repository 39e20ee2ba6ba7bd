import { createRequire } from "node:module";
import { type AddressInfo, connect, createServer, type Socket } from "node:net";
import { dirname, join } from "node:path";
import * as grpc from "@grpc/grpc-js";
import { loadSync } from "@grpc/proto-loader";
import { pino } from "pino";
import { afterEach, describe, expect, it, vi } from "vitest";
import type { Amounts } from "@catalog/schema/resource-list";
import { parseQuantity } from "@catalog/schema/quantity";
import type { PluginWire } from "./grant-messages.js";
import { ResourcePlugin } from "./resource-plugin.js";

const require = createRequire(import.meta.url);
const GENERATIONS: PluginWire[] = ["v0.8", "v0.9"];
const PARIS: Amounts = {
  cpu: parseQuantity("1500m"),
  memory: parseQuantity("4Gi"),
  pods: parseQuantity("110500m"),
  "nvidia.com/gpu": 0n,
};

/** A ledger in memory, which can be away. */
class FakeGrants {
  readonly grants = new Map<string, Amounts>([["paris", PARIS]]);
  readonly listeners = new Set<(clusterID: string) => void>();
  isAway = false;

  grantOf(clusterID: string): Promise<Amounts> {
    if (this.isAway) return Promise.reject(new Error("database is away"));
    return Promise.resolve(this.grants.get(clusterID) ?? { cpu: 0n, memory: 0n, pods: 0n });
  }
  onChange(listener: (clusterID: string) => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }
  set(clusterID: string, grant: Amounts): void {
    this.grants.set(clusterID, grant);
    for (const listener of this.listeners) listener(clusterID);
  }
}

type Message = Record<string, unknown>;
type Unary = (request: object, done: (error: grpc.ServiceError | null, reply: Message) => void) => void;
interface RawClient extends grpc.Client {
  ReadResources: Unary;
  RemoveCluster: Unary;
  Subscribe(request: object): grpc.ClientReadableStream<{ clusterID: string }>;
}

const cleanups: (() => Promise<void> | void)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

function load(file: string): grpc.GrpcObject {
  const path = require.resolve(file);
  return grpc.loadPackageDefinition(
    loadSync(path, { keepCase: true, oneofs: false, includeDirs: [join(dirname(path), "..", "..")] }),
  );
}

function client(port: number, wire: PluginWire): RawClient {
  const definition = load(`@catalog/proto/liqo/${wire}/resource_reader.proto`);
  const Reader = definition["resource_reader"] as grpc.ServiceClientConstructor;
  const made = new Reader(`127.0.0.1:${port}`, grpc.credentials.createInsecure());
  cleanups.push(() => made.close());
  return made as unknown as RawClient;
}

async function serve(wire: PluginWire, known: () => PluginWire | undefined = () => wire) {
  const grants = new FakeGrants();
  const plugin = new ResourcePlugin({ grants, wire: known, log: pino({ level: "silent" }) });
  const port = await plugin.start("127.0.0.1", 0);
  cleanups.push(() => plugin.stop());
  return { grants, plugin, port, client: client(port, wire) };
}

function call(method: Unary, target: RawClient, clusterID: string): Promise<Message> {
  return new Promise((resolve, reject) =>
    method.call(target, { clusterID }, (error, reply) => (error ? reject(error) : resolve(reply))),
  );
}

/** Opens a Subscribe stream and waits until the server has it. */
async function subscribe(target: RawClient) {
  const stream = target.Subscribe({});
  const ids: string[] = [];
  const waiting: { count: number; resolve: () => void }[] = [];
  const state = { isOver: false };
  stream.on("data", ({ clusterID }) => {
    ids.push(clusterID);
    for (const waiter of waiting) if (ids.length >= waiter.count) waiter.resolve();
  });
  stream.on("error", () => (state.isOver = true));
  stream.on("end", () => (state.isOver = true));
  await new Promise((resolve) => stream.once("metadata", resolve));
  const received = (count: number) =>
    ids.length >= count ? Promise.resolve() : new Promise<void>((resolve) => waiting.push({ count, resolve }));
  return { stream, ids, state, received };
}

/** A TCP proxy to `port` that can stop passing anything on, as a frozen machine does, without closing. */
async function freezableProxy(port: number) {
  const sockets: Socket[] = [];
  const proxy = createServer((inner) => {
    const outer = connect(port, "127.0.0.1");
    sockets.push(inner, outer);
    for (const socket of [inner, outer]) socket.on("error", () => socket.destroy());
    inner.pipe(outer).pipe(inner);
  });
  await new Promise<void>((resolve) => proxy.listen(0, "127.0.0.1", resolve));
  cleanups.push(() => {
    for (const socket of sockets) socket.destroy();
    proxy.close();
  });
  const freeze = (): void => {
    for (const socket of sockets) socket.unpipe().pause();
  };
  return { port: (proxy.address() as AddressInfo).port, freeze };
}

describe.each(GENERATIONS)("the resource plugin, generation %s", (wire) => {
  const resourcesIn = (reply: Message): Record<string, { string: string }> => {
    if (wire === "v0.8") return reply["resources"] as Record<string, { string: string }>;
    const lists = reply["resource_lists"] as { resources: Record<string, { string: string }> }[];
    return lists[0]?.resources ?? {};
  };

  it("answers exactly the grant, in canonical quantities, with a whole number of pods and explicit zeros", async () => {
    const { client } = await serve(wire);
    expect(resourcesIn(await call(client.ReadResources, client, "paris"))).toEqual({
      cpu: { string: "1500m" },
      memory: { string: "4Gi" },
      pods: { string: "110" },
      "nvidia.com/gpu": { string: "0" },
    });
  });

  it("answers zeros, not an error, for a cluster it knows nothing of and for an empty id", async () => {
    const { client } = await serve(wire);
    for (const id of ["nobody", ""]) {
      expect(resourcesIn(await call(client.ReadResources, client, id))).toEqual({
        cpu: { string: "0" },
        memory: { string: "0" },
        pods: { string: "0" },
      });
    }
  });

  it("answers UNAVAILABLE while the ledger is away, keeps listening, and answers again afterwards", async () => {
    const { client, grants } = await serve(wire);
    grants.isAway = true;
    await expect(call(client.ReadResources, client, "paris")).rejects.toMatchObject({ code: grpc.status.UNAVAILABLE });
    grants.isAway = false;
    expect(resourcesIn(await call(client.ReadResources, client, "paris"))["cpu"]).toEqual({ string: "1500m" });
  });

  it("answers RemoveCluster with Empty, for any id and while the ledger is away", async () => {
    const { client, grants } = await serve(wire);
    grants.isAway = true;
    for (const id of ["paris", "nobody", ""]) expect(await call(client.RemoveCluster, client, id)).toEqual({});
  });

  it("tells every open stream a change of an answer, and only of clusters that have had one", async () => {
    const { client, grants } = await serve(wire);
    const [first, second] = [await subscribe(client), await subscribe(client)];
    await call(client.ReadResources, client, "paris");
    grants.set("milan", { cpu: 1n });
    grants.set("paris", { ...PARIS, cpu: parseQuantity("3") });
    await Promise.all([first.received(1), second.received(1)]);
    expect(first.ids).toEqual(["paris"]);
    expect(second.ids).toEqual(["paris"]);
  });

  it("keeps a stream open after the half-close that every client sends, across other calls", async () => {
    const { client, plugin } = await serve(wire);
    const { state } = await subscribe(client);
    await call(client.ReadResources, client, "paris");
    await call(client.RemoveCluster, client, "paris");
    expect(state.isOver).toBe(false);
    expect(plugin.subscriberCount).toBe(1);
  });

  it("lets a stream that died not stop the others", async () => {
    const { client: one, grants, port } = await serve(wire);
    const other = client(port, wire);
    const dead = await subscribe(one);
    const alive = await subscribe(other);
    await call(other.ReadResources, other, "paris");
    dead.stream.cancel();
    grants.set("paris", { ...PARIS, cpu: 0n });
    await alive.received(1);
    expect(alive.ids).toEqual(["paris"]);
  });

  it("tells nothing about a cluster whose read failed", async () => {
    const { client, grants } = await serve(wire);
    const listener = await subscribe(client);
    grants.isAway = true;
    await expect(call(client.ReadResources, client, "paris")).rejects.toBeDefined();
    grants.isAway = false;
    await call(client.ReadResources, client, "milan");
    grants.set("paris", { ...PARIS, cpu: 0n });
    grants.set("milan", { cpu: parseQuantity("1") });
    await listener.received(1);
    expect(listener.ids).toEqual(["milan"]);
  });

  it("finds a frozen client by itself and goes on telling the others", async () => {
    const { client: alive, grants, plugin, port } = await serve(wire);
    const proxy = await freezableProxy(port);
    await subscribe(client(proxy.port, wire));
    const listener = await subscribe(alive);
    await call(alive.ReadResources, alive, "paris");
    proxy.freeze();
    grants.set("paris", { ...PARIS, cpu: 0n });
    await listener.received(1);
    await vi.waitFor(() => expect(plugin.subscriberCount).toBe(1), { timeout: 10_000 });
  });

  it("names its services by reflection", async () => {
    const { port } = await serve(wire);
    const root = require.resolve("@grpc/reflection").replace(/build\/src\/.*$/, "build/proto");
    const definition = grpc.loadPackageDefinition(
      loadSync(`${root}/grpc/reflection/v1/reflection.proto`),
    ) as unknown as {
      grpc: { reflection: { v1: { ServerReflection: grpc.ServiceClientConstructor } } };
    };
    const reflection = new definition.grpc.reflection.v1.ServerReflection(
      `127.0.0.1:${port}`,
      grpc.credentials.createInsecure(),
    ) as unknown as grpc.Client & { ServerReflectionInfo(): grpc.ClientDuplexStream<object, Message> };
    cleanups.push(() => reflection.close());
    const stream = reflection.ServerReflectionInfo();
    const ask = (request: object): Promise<Message> =>
      new Promise((resolve, reject) => {
        stream.once("data", resolve).once("error", reject);
        stream.write(request);
      });
    expect(await ask({ listServices: "" })).toMatchObject({
      listServicesResponse: { service: [{ name: "resource_reader" }, { name: "grpc.health.v1.Health" }] },
    });
    for (const fileContainingSymbol of ["resource_reader", "grpc.health.v1.Health"]) {
      const found = await ask({ fileContainingSymbol });
      const { fileDescriptorProto } = found["fileDescriptorResponse"] as { fileDescriptorProto: Buffer[] };
      expect(unresolvedNames(fileDescriptorProto)).toEqual([]);
    }
    stream.end();
  });

  it("serves the standard health service", async () => {
    const { port } = await serve(wire);
    const file = require.resolve("grpc-health-check").replace(/build\/src\/.*$/, "proto/health/v1/health.proto");
    const definition = grpc.loadPackageDefinition(loadSync(file, {})) as unknown as {
      grpc: { health: { v1: { Health: grpc.ServiceClientConstructor } } };
    };
    const health = new definition.grpc.health.v1.Health(`127.0.0.1:${port}`, grpc.credentials.createInsecure());
    cleanups.push(() => health.close());
    const status = await new Promise((resolve, reject) =>
      (health as unknown as { check: Unary }).check({ service: "resource_reader" }, (error, reply) =>
        error ? reject(error) : resolve(reply["status"]),
      ),
    );
    expect(status).toBe(1);
  });
});

describe("the two generations", () => {
  it("send one pool with empty names from 0.9 on", async () => {
    const { client } = await serve("v0.9");
    const reply = await call(client.ReadResources, client, "paris");
    expect(reply["resource_lists"]).toMatchObject([{ pool_name: "", pool_prefix: "" }]);
    expect(reply["resource_lists"]).toHaveLength(1);
  });

  it.each(GENERATIONS)("can be %s although that is known later only", async (wire) => {
    let known: PluginWire | undefined;
    const { client } = await serve(wire, () => known);
    await expect(call(client.ReadResources, client, "paris")).rejects.toMatchObject({ code: grpc.status.UNAVAILABLE });
    known = wire;
    const reply = await call(client.ReadResources, client, "paris");
    const { resources } = wire === "v0.8" ? reply : (reply["resource_lists"] as [Message])[0];
    expect(resources).toMatchObject({ cpu: { string: "1500m" } });
  });
});

/** What protobuf-go, and so grpcurl, would refuse in an answer of reflection: types not named in full or not imported, map entries of another name. */
function unresolvedNames(answered: readonly Buffer[]): string[] {
  const options = { arrays: true, defaults: true };
  const protobuf = loadSync("google/protobuf/descriptor.proto", options) as unknown as {
    "google.protobuf.FileDescriptorProto": { deserialize: (bytes: Buffer) => File };
  };
  const files = answered.map((bytes) => protobuf["google.protobuf.FileDescriptorProto"].deserialize(bytes));
  const namesOf = (scope: string, messages: File["messageType"]): string[] =>
    messages.flatMap(({ name, nestedType, enumType }) => [
      `${scope}.${name}`,
      ...enumType.map((one) => `${scope}.${name}.${one.name}`),
      ...namesOf(`${scope}.${name}`, nestedType),
    ]);
  const known = (file: File) => namesOf(file.package === "" ? "" : `.${file.package}`, file.messageType);
  return files.flatMap((file) => {
    const visible = files.filter(({ name }) => name === file.name || file.dependency.includes(name)).flatMap(known);
    const wrong = (message: File["messageType"][number]): string[] => [
      ...message.field.filter(({ typeName }) => typeName !== "" && !visible.includes(typeName)).map((f) => f.typeName),
      ...message.nestedType
        .filter(({ name, options }) => options?.mapEntry && !name.endsWith("Entry"))
        .map((n) => n.name),
      ...message.nestedType.flatMap(wrong),
    ];
    return file.messageType.flatMap(wrong);
  });
}

interface File {
  readonly name: string;
  readonly package: string;
  readonly dependency: readonly string[];
  readonly messageType: readonly {
    readonly name: string;
    readonly field: readonly { readonly typeName: string }[];
    readonly nestedType: File["messageType"];
    readonly enumType: readonly { readonly name: string }[];
    readonly options: { readonly mapEntry: boolean } | null;
  }[];
}
