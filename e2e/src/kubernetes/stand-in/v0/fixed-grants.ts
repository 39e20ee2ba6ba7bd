import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import * as grpc from "@grpc/grpc-js";
import { loadSync } from "@grpc/proto-loader";
import type { PluginWire } from "./resource-plugin.js";

interface Asked {
  readonly request: { readonly clusterID: string };
}
type Stream = grpc.ServerWritableStream<object, { readonly clusterID: string }>;

/** A resource plugin that grants what a test says: for trying the stand-in without the program under test. */
export class FixedGrants {
  readonly #server = new grpc.Server();
  readonly #streams = new Set<Stream>();
  readonly #grants = new Map<string, Readonly<Record<string, string>>>();
  /** Every cluster id that was asked about, in order. */
  readonly reads: string[] = [];
  /** Every cluster id that was said to have left. */
  readonly removed: string[] = [];
  isAway = false;

  private constructor(wire: PluginWire) {
    const file = createRequire(import.meta.url).resolve(`@catalog/proto/liqo/${wire}/resource_reader.proto`);
    const definition = loadSync(file, { keepCase: true, oneofs: false, includeDirs: [join(dirname(file), "../..")] });
    this.#server.addService(definition["resource_reader"] as grpc.ServiceDefinition, {
      ReadResources: ({ request }: Asked, reply: grpc.sendUnaryData<object>) => {
        this.reads.push(request.clusterID);
        if (this.isAway) return reply({ code: grpc.status.UNAVAILABLE, details: "away" });
        const granted = this.#grants.get(request.clusterID) ?? { cpu: "0", memory: "0", pods: "0" };
        const resources = Object.fromEntries(Object.entries(granted).map(([name, string]) => [name, { string }]));
        reply(null, wire === "v0.8" ? { resources } : { resource_lists: [{ resources }] });
      },
      RemoveCluster: ({ request }: Asked, reply: grpc.sendUnaryData<object>) => {
        this.removed.push(request.clusterID);
        reply(null, {});
      },
      Subscribe: (stream: Stream) => {
        this.#streams.add(stream);
        for (const end of ["cancelled", "close", "error"]) stream.on(end, () => this.#streams.delete(stream));
      },
    });
  }

  /** Listens on a free loopback port; returns it with its address. */
  static async start(wire: PluginWire): Promise<{ readonly grants: FixedGrants; readonly address: string }> {
    const grants = new FixedGrants(wire);
    const port = await new Promise<number>((resolve, reject) => {
      const credentials = grpc.ServerCredentials.createInsecure();
      grants.#server.bindAsync("127.0.0.1:0", credentials, (error, bound) => (error ? reject(error) : resolve(bound)));
    });
    return { grants, address: `127.0.0.1:${port}` };
  }

  /** Grants from now on, and tells Liqo. */
  set(clusterID: string, resources: Readonly<Record<string, string>>): void {
    this.#grants.set(clusterID, resources);
    this.notify(clusterID);
  }

  notify(clusterID: string): void {
    for (const stream of this.#streams) stream.write({ clusterID });
  }

  stop(): void {
    this.#server.forceShutdown();
  }
}
