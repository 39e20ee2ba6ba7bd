import { readFile, writeFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import type { Caller } from "./example.js";

/** The APIs that have a reference page. */
export type ApiName = "broker" | "connector" | "peer";

/** An example with what was answered, as it stands in the documentation. */
export interface RecordedExample {
  readonly operation: string;
  readonly caller: Caller;
  readonly query: string;
  readonly note?: string;
  readonly variables: unknown;
  readonly answer: unknown;
}

/** Examples by `Query.name` and the like. */
export type RecordedExamples = Readonly<Record<string, RecordedExample>>;

/** From the folder of sources, also for the compiled program: JSON is not compiled. */
const fileOf = (api: ApiName): string => fileURLToPath(new URL(`../../src/docs/recorded/${api}.json`, import.meta.url));

export async function readRecorded(api: ApiName): Promise<RecordedExamples> {
  return JSON.parse(await readFile(fileOf(api), "utf8")) as RecordedExamples;
}

export async function writeRecorded(api: ApiName, examples: RecordedExamples): Promise<void> {
  const sorted = Object.fromEntries(Object.entries(examples).sort(([a], [b]) => (a < b ? -1 : 1)));
  await writeFile(fileOf(api), `${JSON.stringify(sorted, null, 2)}\n`);
}
