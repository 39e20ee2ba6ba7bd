import { GraphQLError, GraphQLScalarType, Kind, type ObjectValueNode, type ValueNode } from "graphql";
import { fromMicros, toMicros } from "@catalog/schema/money";
import type { ResourceList as Resources } from "@catalog/schema/resource-list";

/** Most entries that a ResourceList or Labels value may hold before its content is looked at. */
const MAX_ENTRIES = 256;

/** A whole number that JSON carries exactly: Unix seconds or milliseconds, revisions, sequence numbers. Range 0 to 2^53 - 1. */
export const Timestamp = new GraphQLScalarType<number, number>({
  name: "Timestamp",
  description:
    "A whole number from 0 to 2^53 - 1, written as a JSON integer. Moments are Unix seconds unless the field says otherwise; revisions and sequence numbers use it too.",
  serialize: (value) => wholeNumber(typeof value === "string" ? fromDigits(value) : value),
  parseValue: wholeNumber,
  parseLiteral: (node) => {
    if (node.kind !== Kind.INT) throw new GraphQLError("Timestamp must be a whole number.", { nodes: node });
    return wholeNumber(fromDigits(node.value));
  },
});

/**
 * A price as a JSON number with at most six decimals; see `toMicros` for the exact bounds. Of an input only the type is judged here: its bounds
 * are judged with the object it belongs to, so that one answer names all that is wrong with it.
 */
export const Money = new GraphQLScalarType<number, number>({
  name: "Money",
  description:
    "An amount of money as a JSON number with at most 6 decimals, never negative. Its currency stands beside it.",
  serialize: (value) => money(typeof value === "bigint" ? fromMicros(value) : Number(value)),
  parseValue: anyNumber,
  parseLiteral: (node) => {
    if (node.kind !== Kind.INT && node.kind !== Kind.FLOAT) {
      throw new GraphQLError("Money must be a number.", { nodes: node });
    }
    return Number(node.value);
  },
});

/** A JSON object from resource name to Kubernetes quantity text. Shape only: names and quantities are judged with the object they belong to. */
export const ResourceList = textMap<Resources>(
  "ResourceList",
  'Amounts per resource as a JSON object, for example {"cpu": "4", "memory": "16Gi", "nvidia.com/gpu": "1"}. Any resource name that Kubernetes accepts, each with a Kubernetes quantity written as text. "ram" is read as "memory". Names with a dot or a slash can be given in a variable only.',
);

/** A JSON object from label key to label value, both text. Shape only. */
export const Labels = textMap<Readonly<Record<string, string>>>(
  "Labels",
  'Free labels as a JSON object of texts, for example {"region": "eu-south-1", "certification": "ISO27001"}.',
);

function wholeNumber(value: unknown): number {
  const number = typeof value === "bigint" ? Number(value) : value;
  if (typeof number !== "number" || !Number.isSafeInteger(number) || number < 0) {
    throw new GraphQLError(`Timestamp must be a whole number from 0 to 2^53 - 1, not ${shown(value)}.`);
  }
  return number;
}

function fromDigits(text: string): unknown {
  return /^\d+$/.test(text) ? Number(text) : text;
}

function money(value: number): number {
  toMicros(value);
  return value;
}

function anyNumber(value: unknown): number {
  if (typeof value === "number") return value;
  throw new GraphQLError(`Money must be a number, not ${shown(value)}.`);
}

function textMap<T extends Readonly<Record<string, string>>>(name: string, description: string) {
  return new GraphQLScalarType<T, T>({
    name,
    description,
    serialize: (value) => checkedMap(name, value) as T,
    parseValue: (value) => checkedMap(name, value) as T,
    parseLiteral: (node) => checkedMap(name, literalMap(name, node)) as T,
  });
}

function checkedMap(name: string, value: unknown): Record<string, string> {
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    throw new GraphQLError(`${name} must be a JSON object, not ${shown(value)}.`);
  }
  const entries = Object.entries(value);
  if (entries.length > MAX_ENTRIES) throw new GraphQLError(`${name} may hold at most ${MAX_ENTRIES} entries.`);
  for (const [key, text] of entries) {
    if (key === "__proto__") throw new GraphQLError(`${name} may not hold the name "__proto__".`);
    if (typeof text !== "string") {
      throw new GraphQLError(`${name}: the value of ${shown(key)} must be text in quotes, not ${shown(text)}.`);
    }
  }
  return Object.fromEntries(entries);
}

function literalMap(name: string, node: ValueNode): Record<string, unknown> {
  if (node.kind !== Kind.OBJECT) throw new GraphQLError(`${name} must be an object.`, { nodes: node });
  return Object.fromEntries(objectEntries(name, node));
}

function objectEntries(name: string, node: ObjectValueNode): [string, unknown][] {
  return node.fields.map((field): [string, unknown] => {
    if (field.value.kind !== Kind.STRING) {
      throw new GraphQLError(
        `${name}: the value of "${field.name.value}" must be text in quotes; to use variables, pass the whole object as one.`,
        { nodes: field },
      );
    }
    return [field.name.value, field.value.value];
  });
}

/** A short, safe rendering of what a client sent, for error messages. */
function shown(value: unknown): string {
  const text = typeof value === "bigint" ? value.toString() : (JSON.stringify(value) ?? typeof value);
  return text.length > 80 ? `${text.slice(0, 77)}...` : text;
}
