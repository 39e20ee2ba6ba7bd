import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import * as grpc from "@grpc/grpc-js";
import { loadSync } from "@grpc/proto-loader";

type Resources = Readonly<Record<string, { readonly string: string }>>;
interface RawReader extends grpc.Client {
  ReadResources(
    request: object,
    done: (error: grpc.ServiceError | null, reply: { resources: Resources }) => void,
  ): void;
  Subscribe(request: object): grpc.ClientReadableStream<{ clusterID: string }>;
}

/** Liqo's side of the resource plugin in generation v0.8, with a stock gRPC client. */
export class ResourceReader {
  readonly #client: RawReader;

  constructor(address: string) {
    const file = createRequire(import.meta.url).resolve("@catalog/proto/liqo/v0.8/resource_reader.proto");
    const definition = loadSync(file, { keepCase: true, oneofs: false, includeDirs: [join(dirname(file), "../..")] });
    const Reader = grpc.loadPackageDefinition(definition)["resource_reader"] as grpc.ServiceClientConstructor;
    this.#client = new Reader(address, grpc.credentials.createInsecure()) as unknown as RawReader;
  }

  /** What a cluster may get: Kubernetes quantity by resource name. */
  read(clusterID: string): Promise<Record<string, string>> {
    return new Promise((resolve, reject) =>
      this.#client.ReadResources({ clusterID }, (error, reply) => {
        if (error) reject(error);
        else resolve(Object.fromEntries(Object.entries(reply.resources).map(([name, { string }]) => [name, string])));
      }),
    );
  }

  /** Collects the ids of clusters whose answer changed, from now on. */
  async subscribe(): Promise<readonly string[]> {
    const ids: string[] = [];
    const stream = this.#client.Subscribe({});
    stream.on("data", ({ clusterID }) => ids.push(clusterID));
    stream.on("error", () => undefined); // closing the client cancels the stream, which is an error to gRPC
    await new Promise((resolve) => stream.once("metadata", resolve));
    return ids;
  }

  close(): void {
    this.#client.close();
  }
}
