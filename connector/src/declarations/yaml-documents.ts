import { parseAllDocuments } from "yaml";

/** A file that is no YAML; the message names file, line and column. */
export class YamlInvalidError extends Error {
  constructor(file: string, reason: string) {
    super(`${file} is not YAML: ${reason}`);
    this.name = "YamlInvalidError";
  }
}

/** A document may name so many aliases: more are made to grow in memory. */
const MAX_ALIASES = 100;

/** The documents of a YAML or JSON text in their order; empty ones are left out. @throws YamlInvalidError. */
export function yamlDocuments(file: string, text: string): unknown[] {
  const parsed = parseAllDocuments(text, { prettyErrors: true, uniqueKeys: true });
  if (!Array.isArray(parsed)) return [];
  return parsed.flatMap((document): unknown[] => {
    const [error] = document.errors;
    if (error !== undefined) throw new YamlInvalidError(file, error.message.split("\n", 1)[0] ?? "unknown");
    const value = plain(file, () => document.toJS({ maxAliasCount: MAX_ALIASES }) as unknown);
    return value === null || value === undefined ? [] : [value];
  });
}

function plain(file: string, read: () => unknown): unknown {
  try {
    return read();
  } catch (error) {
    throw new YamlInvalidError(file, error instanceof Error ? error.message : String(error));
  }
}
