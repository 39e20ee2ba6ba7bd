import { loadSync, type MessageTypeDefinition, type PackageDefinition } from "@grpc/proto-loader";

/** What is touched here of `google.protobuf.FileDescriptorProto` (descriptor.proto of protobuf) and of what it holds. */
interface FileDescriptor {
  readonly name: string;
  readonly package?: string;
  readonly dependency?: readonly string[];
  readonly messageType?: readonly MessageDescriptor[];
  readonly enumType?: readonly Named[];
}
interface MessageDescriptor extends Named {
  readonly field?: readonly FieldDescriptor[];
  readonly nestedType?: readonly MessageDescriptor[];
  readonly enumType?: readonly Named[];
  readonly options?: { readonly mapEntry?: boolean };
}
interface FieldDescriptor extends Named {
  readonly typeName?: string;
}
interface Named {
  readonly name: string;
}

const FILE = loadSync("google/protobuf/descriptor.proto", { keepCase: false, enums: String })[
  "google.protobuf.FileDescriptorProto"
] as MessageTypeDefinition<FileDescriptor, FileDescriptor>;

/**
 * The same definitions with descriptors that every reflection client accepts.
 *
 * What proto-loader hands out lacks a file's imports, names types without saying from where, and calls the entries of a
 * map like its field. protobuf-go, and so grpcurl, refuses each of these (rules of protobuf's descriptor.proto).
 */
export function withWholeDescriptors(definition: PackageDefinition): PackageDefinition {
  const files = new Map<string, FileDescriptor>();
  for (const { fileDescriptorProtos } of Object.values(definition).filter(isDescribed)) {
    for (const bytes of fileDescriptorProtos) {
      const file = FILE.deserialize(bytes);
      files.set(file.name, file);
    }
  }
  const types = new Map([...files.values()].flatMap((file) => typesOf(file).map((type) => [type, file.name] as const)));
  const whole = [...files.values()].map((file) => Buffer.from(FILE.serialize(wholeFile(file, types))));
  return Object.fromEntries(
    Object.entries(definition).map(([name, entry]) => [
      name,
      isDescribed(entry) ? { ...entry, fileDescriptorProtos: whole } : entry,
    ]),
  );
}

function isDescribed(entry: object): entry is MessageTypeDefinition<object, object> {
  return "fileDescriptorProtos" in entry && Array.isArray(entry.fileDescriptorProtos);
}

/** Full names of everything in a file that a field can have as its type. */
function typesOf(file: FileDescriptor): string[] {
  const inScope = (scope: string, messages: readonly MessageDescriptor[], enums: readonly Named[]): string[] => [
    ...enums.map(({ name }) => qualified(scope, name)),
    ...messages.flatMap((message) => {
      const name = qualified(scope, message.name);
      return [name, ...inScope(name, message.nestedType ?? [], message.enumType ?? [])];
    }),
  ];
  return inScope(file.package ?? "", file.messageType ?? [], file.enumType ?? []);
}

function wholeFile(file: FileDescriptor, types: ReadonlyMap<string, string>): FileDescriptor {
  const imports = new Set<string>();
  const resolve = (scope: string, typeName: string): string => {
    const type = typeName.startsWith(".") ? typeName.slice(1) : found(scope, typeName, types);
    const source = types.get(type);
    if (source !== undefined && source !== file.name) imports.add(source);
    return `.${type}`;
  };
  const messageType = (file.messageType ?? []).map((message) => wholeMessage(message, file.package ?? "", resolve));
  return { ...file, messageType, dependency: [...imports] };
}

function wholeMessage(
  message: MessageDescriptor,
  scope: string,
  resolve: (scope: string, typeName: string) => string,
): MessageDescriptor {
  const own = qualified(scope, message.name);
  const entries = new Set(
    (message.nestedType ?? []).filter(({ options }) => options?.mapEntry).map(({ name }) => name),
  );
  const nestedType = (message.nestedType ?? []).map((nested) => {
    const whole = wholeMessage(nested, own, resolve);
    return entries.has(nested.name) ? { ...whole, name: `${nested.name}Entry` } : whole;
  });
  const field = (message.field ?? []).map((one) => {
    if (!one.typeName) return one;
    const isMap = entries.has(one.typeName);
    return { ...one, typeName: isMap ? `.${qualified(own, `${one.typeName}Entry`)}` : resolve(own, one.typeName) };
  });
  return { ...message, field, nestedType };
}

/** Looks a name up as protobuf does: from the innermost scope outwards. */
function found(scope: string, typeName: string, types: ReadonlyMap<string, string>): string {
  for (let outer = scope; outer !== ""; outer = outer.slice(0, Math.max(0, outer.lastIndexOf(".")))) {
    if (types.has(qualified(outer, typeName))) return qualified(outer, typeName);
  }
  return typeName;
}

function qualified(scope: string, name: string): string {
  return scope === "" ? name : `${scope}.${name}`;
}
