import type * as grpc from "@grpc/grpc-js";
import type { PackageDefinition } from "@grpc/proto-loader";
import { ReflectionService } from "@grpc/reflection";
import { withWholeDescriptors } from "./descriptor-files.js";

/** A request or answer of `grpc.reflection.v1.ServerReflection`, as far as it is touched here. */
interface ReflectionMessage {
  readonly fileContainingSymbol?: string;
  readonly allExtensionNumbersOfType?: string;
  readonly listServicesResponse?: { readonly service: readonly { readonly name: string }[] };
}
type ReflectionStream = grpc.ServerDuplexStream<ReflectionMessage, ReflectionMessage>;
type ReflectionHandler = (stream: Pick<ReflectionStream, "on" | "write" | "end">) => void;

/**
 * Serves gRPC reflection for a definition that may have no proto package.
 *
 * The library keeps names without a package under a leading dot, and would list `.resource_reader` and not find
 * `resource_reader`; on the wire a full name has no leading dot (gRPC Server Reflection Protocol, `reflection.proto`).
 */
export function addReflection(server: grpc.Server, definition: PackageDefinition): void {
  const roots = new Set(Object.keys(definition).filter((name) => !name.includes(".")));
  new ReflectionService(withWholeDescriptors(definition)).addToServer({
    addService: (service: grpc.ServiceDefinition, implementation: grpc.UntypedServiceImplementation) => {
      const handle = implementation["ServerReflectionInfo"] as unknown as ReflectionHandler;
      server.addService(service, {
        ServerReflectionInfo: (stream: ReflectionStream) => handle(withoutLeadingDots(stream, roots)),
      });
    },
  });
}

/** The stream as the library should see it: its dotted names inside, plain names outside. */
function withoutLeadingDots(stream: ReflectionStream, roots: ReadonlySet<string>) {
  const facade = {
    on: (event: string, listener: (message: ReflectionMessage) => void) => {
      stream.on(event, (message: ReflectionMessage) => listener(event === "data" ? dotted(message, roots) : message));
      return facade;
    },
    write: (message: ReflectionMessage) => stream.write(undotted(message)),
    end: () => stream.end(),
  };
  return facade as unknown as ReflectionStream;
}

function dotted(message: ReflectionMessage, roots: ReadonlySet<string>): ReflectionMessage {
  const name = (symbol: string): string => (roots.has(symbol.split(".", 1)[0] ?? "") ? `.${symbol}` : symbol);
  const { fileContainingSymbol, allExtensionNumbersOfType } = message;
  return {
    ...message,
    ...(fileContainingSymbol === undefined ? {} : { fileContainingSymbol: name(fileContainingSymbol) }),
    ...(allExtensionNumbersOfType === undefined ? {} : { allExtensionNumbersOfType: name(allExtensionNumbersOfType) }),
  };
}

function undotted(message: ReflectionMessage): ReflectionMessage {
  if (!message.listServicesResponse) return message;
  const service = message.listServicesResponse.service.map(({ name }) => ({ name: name.replace(/^\./, "") }));
  return { ...message, listServicesResponse: { service } };
}
