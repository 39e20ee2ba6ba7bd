import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import * as grpc from "@grpc/grpc-js";
import { loadSync } from "@grpc/proto-loader";

/** What Liqo speaks to its plugin: 0.7 and 0.8, or 0.9 and 0.10. */
export type PluginWire = "v0.8" | "v0.9";

type Quantities = Readonly<Record<string, { readonly string: string }>>;
interface FlatAnswer {
  readonly resources: Quantities;
}
interface PooledAnswer {
  readonly resource_lists: readonly FlatAnswer[];
}
type Done<T> = (error: grpc.ServiceError | null, reply: T) => void;
interface RawPlugin extends grpc.Client {
  ReadResources(request: object, options: grpc.CallOptions, done: Done<FlatAnswer & PooledAnswer>): void;
  RemoveCluster(request: object, done: Done<object>): void;
  Subscribe(request: object): grpc.ClientReadableStream<{ readonly clusterID: string }>;
}

const DIAL_MS = 3_000;
const READ_MS = 5_000;
const RESUBSCRIBE_MS = 50;

/** Liqo's controller manager as the client of its resource plugin: it dials once and blocking, and subscribes again whenever the stream ends. */
export class ResourcePluginClient {
  readonly #client: RawPlugin;
  #isClosed = false;
  /** How often it was told, by cluster id. */
  readonly notifications: string[] = [];

  private constructor(
    address: string,
    private readonly wire: PluginWire,
    private readonly onNotification: (clusterID: string) => void,
  ) {
    const file = createRequire(import.meta.url).resolve(`@catalog/proto/liqo/${wire}/resource_reader.proto`);
    const definition = loadSync(file, { keepCase: true, oneofs: false, includeDirs: [join(dirname(file), "../..")] });
    const Reader = grpc.loadPackageDefinition(definition)["resource_reader"] as grpc.ServiceClientConstructor;
    this.#client = new Reader(address, grpc.credentials.createInsecure()) as unknown as RawPlugin;
  }

  /** Throws if nobody answers within 3 s: Liqo ends its process then. */
  static async dial(
    address: string,
    wire: PluginWire,
    onNotification: (clusterID: string) => void,
  ): Promise<ResourcePluginClient> {
    const plugin = new ResourcePluginClient(address, wire, onNotification);
    await new Promise<void>((resolve, reject) => {
      plugin.#client.waitForReady(Date.now() + DIAL_MS, (error) => (error ? reject(error) : resolve()));
    });
    plugin.#subscribe();
    return plugin;
  }

  /** How much a cluster may get; throws what the plugin answers instead. */
  read(clusterID: string): Promise<Record<string, string>> {
    return new Promise((resolve, reject) => {
      this.#client.ReadResources({ clusterID }, { deadline: Date.now() + READ_MS }, (error, reply) => {
        if (error) return reject(error);
        const lists = this.wire === "v0.8" ? [reply.resources] : reply.resource_lists.map(({ resources }) => resources);
        const amounts = lists.flatMap((list) => Object.entries(list).map(([name, amount]) => [name, amount.string]));
        resolve(Object.fromEntries(amounts) as Record<string, string>);
      });
    });
  }

  remove(clusterID: string): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#client.RemoveCluster({ clusterID }, (error) => (error ? reject(error) : resolve()));
    });
  }

  close(): void {
    this.#isClosed = true;
    this.#client.close();
  }

  #subscribe(): void {
    if (this.#isClosed) return;
    const stream = this.#client.Subscribe({});
    stream.on("data", ({ clusterID }) => {
      this.notifications.push(clusterID);
      this.onNotification(clusterID);
    });
    stream.on("error", () => undefined); // "close" follows
    stream.once("close", () => setTimeout(() => this.#subscribe(), RESUBSCRIBE_MS).unref());
  }
}
