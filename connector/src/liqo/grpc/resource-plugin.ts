import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import * as grpc from "@grpc/grpc-js";
import { loadSync, type PackageDefinition } from "@grpc/proto-loader";
import { HealthImplementation, protoPath as healthProto } from "grpc-health-check";
import type { Amounts } from "@catalog/schema/resource-list";
import type { Logger } from "@catalog/server/log";
import type { GrantSource } from "../../services/ports.js";
import { ChangeNotifier, type Scheduler, systemScheduler } from "./change-notifier.js";
import { type FlatResourceList, grantMessage, type PluginWire, type PooledResourceList } from "./grant-messages.js";
import { addReflection } from "./reflection.js";

const SERVICE = "resource_reader";
const READ = "ReadResources";
const WIRES: readonly PluginWire[] = ["v0.8", "v0.9"];
/** A frozen subscriber is found after one ping interval and one time-out. */
const KEEPALIVE_MS = 1_000;
/** Liqo gives up on ReadResources after about 5 s; we answer UNAVAILABLE before, so that it retries with our reason. */
const READ_TIMEOUT_MS = 4_000;

interface ClusterIdentity {
  readonly clusterID: string;
}
type Subscriber = grpc.ServerWritableStream<Record<string, never>, ClusterIdentity>;
type ReadCall = grpc.ServerUnaryCall<ClusterIdentity, FlatResourceList | PooledResourceList>;

/** What a {@link ResourcePlugin} needs. */
export interface ResourcePluginOptions {
  readonly grants: GrantSource;
  /** What Liqo speaks; undefined while that is not known, and then nothing can be answered. */
  readonly wire: () => PluginWire | undefined;
  readonly log: Logger;
  readonly scheduler?: Scheduler;
}

/**
 * The gRPC server that Liqo asks how much a peer may get (`resource_reader`, with health and reflection beside it).
 *
 * It listens from {@link start} on whether or not the ledger can be read, because Liqo ends its own process when it cannot
 * connect within 3 s; while the ledger is away ReadResources answers UNAVAILABLE, which leaves the old grant in force.
 */
export class ResourcePlugin {
  readonly #server = new grpc.Server({
    "grpc.keepalive_time_ms": KEEPALIVE_MS,
    "grpc.keepalive_timeout_ms": KEEPALIVE_MS,
    "grpc.keepalive_permit_without_calls": 1,
  });
  /** Every open stream with the ids that it is still to be told, because its reader is slower than the changes. */
  readonly #subscribers = new Map<Subscriber, Set<string>>();
  readonly #health = new HealthImplementation({ "": "SERVING", [SERVICE]: "SERVING" });
  readonly #notifier: ChangeNotifier;
  readonly #stopListening: () => void;

  constructor(private readonly options: ResourcePluginOptions) {
    const definition = loadDefinition(options.wire() ?? "v0.8");
    const answers = WIRES.map((wire) => ({ wire, serialize: answerOf(loadDefinition(wire)).responseSerialize }));
    const service = definition[SERVICE] as grpc.ServiceDefinition;
    // The two generations differ in this answer only, and which one it is may be known later than the port has to be open.
    const responseSerialize = (answer: object): Buffer => {
      const wire = "resources" in answer ? "v0.8" : "v0.9";
      const found = answers.find((one) => one.wire === wire);
      if (found === undefined) throw new Error(`there is no answer of ${wire}`);
      return found.serialize(answer);
    };
    this.#server.addService(
      { ...service, [READ]: { ...answerOf(definition), responseSerialize } },
      {
        ReadResources: (call: ReadCall, reply: grpc.sendUnaryData<FlatResourceList | PooledResourceList>) =>
          void this.#read(call.request.clusterID, reply),
        RemoveCluster: (_call: unknown, reply: grpc.sendUnaryData<object>) => reply(null, {}),
        Subscribe: (call: Subscriber) => this.#subscribe(call),
      },
    );
    this.#health.addToServer(this.#server);
    addReflection(this.#server, { ...definition, ...loadSync(healthProto, { keepCase: true }) });
    this.#notifier = new ChangeNotifier(
      {
        grantOf: (clusterID) => options.grants.grantOf(clusterID),
        notify: (clusterID) => this.#notify(clusterID),
        onError: (error, clusterID) =>
          options.log.warn({ err: error, clusterID }, "grant not readable, will be told later"),
      },
      options.scheduler ?? systemScheduler,
    );
    this.#stopListening = options.grants.onChange((clusterID) => this.#notifier.changed(clusterID));
  }

  /** How many Subscribe streams are open: 0 means that no Liqo listens. */
  get subscriberCount(): number {
    return this.#subscribers.size;
  }

  /** Listens on `host:port` (0 = any free port); returns the port. Throws if the address cannot be bound. */
  start(host: string, port: number): Promise<number> {
    return new Promise((resolve, reject) => {
      this.#server.bindAsync(hostPort(host, port), grpc.ServerCredentials.createInsecure(), (error, bound) =>
        error ? reject(error) : resolve(bound),
      );
    });
  }

  /** Ends every stream and stops listening. */
  async stop(): Promise<void> {
    this.#stopListening();
    this.#notifier.stop();
    // forceShutdown, because Subscribe streams have no end of their own to wait for.
    this.#server.forceShutdown();
    this.#subscribers.clear();
    await Promise.resolve();
  }

  async #read(clusterID: string, reply: grpc.sendUnaryData<FlatResourceList | PooledResourceList>): Promise<void> {
    const answer = this.#notifier.beginAnswer(clusterID);
    let grant: Amounts;
    let wire: PluginWire;
    try {
      wire = this.#knownWire();
      grant = await withTimeout(this.options.grants.grantOf(clusterID), READ_TIMEOUT_MS);
    } catch (error) {
      this.options.log.warn({ err: error, clusterID }, "ReadResources: ledger not readable");
      this.#notifier.abandonAnswer(answer);
      this.#health.setStatus(SERVICE, "NOT_SERVING");
      reply({
        code: grpc.status.UNAVAILABLE,
        details: "The ledger cannot be read now; the previous grant stays in force.",
      });
      return;
    }
    this.#health.setStatus(SERVICE, "SERVING");
    // An empty id names nobody; a notification with it would mean every cluster.
    if (clusterID === "") this.#notifier.abandonAnswer(answer);
    else this.#notifier.completeAnswer(answer, grant);
    reply(null, grantMessage(grant, wire));
  }

  #knownWire(): PluginWire {
    const wire = this.options.wire();
    if (wire === undefined) throw new Error("which Liqo asks is not known yet");
    return wire;
  }

  #subscribe(call: Subscriber): void {
    const waiting = new Set<string>();
    this.#subscribers.set(call, waiting);
    call.on("drain", () => tell(call, waiting));
    const leave = () => this.#subscribers.delete(call);
    // "end" is only the half-close after Liqo's one request; the stream is over when it is cancelled, closed or broken.
    call.on("cancelled", leave);
    call.on("close", leave);
    call.on("error", leave);
    call.sendMetadata(new grpc.Metadata());
  }

  #notify(clusterID: string): void {
    for (const [subscriber, waiting] of this.#subscribers) {
      // Each id once: a frozen reader takes no more memory than that, and keepalive ends it within two seconds.
      waiting.add(clusterID);
      tell(subscriber, waiting);
    }
  }
}

/** Writes as many ids as the stream takes now. */
function tell(subscriber: Subscriber, waiting: Set<string>): void {
  for (const clusterID of waiting) {
    if (subscriber.writableNeedDrain) return;
    waiting.delete(clusterID);
    subscriber.write({ clusterID });
  }
}

type Method = grpc.MethodDefinition<ClusterIdentity, object>;

function answerOf(definition: PackageDefinition): Method {
  return (definition[SERVICE] as Readonly<Record<string, unknown>>)[READ] as Method;
}

function loadDefinition(wire: PluginWire): PackageDefinition {
  const file = createRequire(import.meta.url).resolve(`@catalog/proto/liqo/${wire}/resource_reader.proto`);
  const root = join(dirname(file), "..", "..");
  return loadSync(file, { keepCase: true, oneofs: false, includeDirs: [root] });
}

function hostPort(host: string, port: number): string {
  return host.includes(":") ? `[${host}]:${port}` : `${host}:${port}`;
}

async function withTimeout<T>(work: Promise<T>, ms: number): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`no answer from the ledger within ${ms} ms`)), ms);
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}
