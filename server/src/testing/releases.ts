import { existsSync, readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import type { DatabaseState } from "./database-state.js";

/** Where each release keeps what it has promised, one folder per version. */
export const RELEASES = fileURLToPath(new URL("../../../schema/releases/", import.meta.url));

/** One part of a federation as a release left it. */
export interface ReleasedPart {
  /** The content of its key file; nobody trusts these keys. */
  readonly identity: unknown;
  readonly database: DatabaseState;
  /** GraphQL that its administrator asked, with the answers. */
  readonly asked: readonly { readonly query: string; readonly data: Readonly<Record<string, unknown>> }[];
}

/** What is promised about settings and error codes. */
export interface ReleasedNames {
  /** Type of each setting, by the part and its variable. */
  readonly settings: Readonly<Record<"broker" | "connector", Readonly<Record<string, string>>>>;
  /** Whether each error code is definitive. */
  readonly errors: Readonly<Record<string, boolean>>;
}

/** The versions of all releases so far. */
export function releases(): readonly string[] {
  return existsSync(RELEASES)
    ? readdirSync(RELEASES, { withFileTypes: true }).flatMap((entry) => (entry.isDirectory() ? [entry.name] : []))
    : [];
}

export function releasedText(version: string, file: string): string {
  return readFileSync(`${RELEASES}${version}/${file}`, "utf8");
}

export function releasedNames(version: string): ReleasedNames {
  return JSON.parse(releasedText(version, "names.json")) as ReleasedNames;
}

export function releasedPart(version: string, name: "broker" | "provider" | "customer"): ReleasedPart {
  return JSON.parse(releasedText(version, `state/${name}.json`)) as ReleasedPart;
}
