import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { buildSchema, type GraphQLObjectType } from "graphql/index.js";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { BROKER_EXAMPLES, LAST_BROKER_EXAMPLES } from "./broker-examples.js";
import { CATALOG_EXAMPLES } from "./catalog-examples.js";
import { CONTRACT_EXAMPLES } from "./contract-examples.js";
import type { Example } from "./example.js";
import { type ExamplesWorld, startExamplesWorld, strangerKnown } from "./examples-world.js";
import { PEER_EXAMPLES } from "./peer-examples.js";
import { type ApiName, readRecorded, type RecordedExample, type RecordedExamples, writeRecorded } from "./recorded.js";
import { runExample } from "./run-example.js";
import { isAlike, type Steady, steadying } from "./steady.js";

/** `CATALOG_RECORD=1 npx vitest run e2e/src/docs/references.test.ts` writes the answers of this run down instead of comparing. */
const isRecording = process.env["CATALOG_RECORD"] === "1";

const CHAPTERS: readonly (readonly [ApiName, readonly Example[]])[] = [
  ["connector", [...CATALOG_EXAMPLES, ...CONTRACT_EXAMPLES]],
  ["broker", BROKER_EXAMPLES],
  ["peer", PEER_EXAMPLES],
  ["broker", LAST_BROKER_EXAMPLES],
];
const APIS: readonly ApiName[] = ["broker", "connector", "peer"];

let running: ExamplesWorld;
let steady: Steady;
const before: Partial<Record<ApiName, RecordedExamples>> = {};
const made: Record<ApiName, Record<string, RecordedExample>> = { broker: {}, connector: {}, peer: {} };

beforeAll(async () => {
  for (const api of APIS) before[api] = isRecording ? {} : await readRecorded(api);
  running = await startExamplesWorld();
  steady = steadying(running.names);
});
afterAll(async () => {
  await running?.stop();
  if (isRecording) for (const api of APIS) await writeRecorded(api, made[api]);
});

describe.each(CHAPTERS)("the examples of the %s API", (api, examples) => {
  it.each(examples.map((example) => [example.operation, example] as const))(
    "%s answers as the page says",
    async (name, example) => {
      if (api === "peer") await strangerKnown(running.world);
      const { variables, answer } = await runExample(running.world, example);
      expect("errors" in (answer as object), JSON.stringify(answer)).toBe(example.refused === true);
      const { operation, caller, query, note } = example;
      const now: RecordedExample = {
        operation,
        caller,
        query,
        ...(note === undefined ? {} : { note }),
        variables: steady(variables),
        answer: steady(answer),
      };
      made[api][name] = now;
      if (isRecording) return;
      const written = before[api]?.[name];
      if (example.varies === true) {
        expect({ ...now, variables: null, answer: null }).toEqual({ ...written, variables: null, answer: null });
        expect(
          isAlike(now.answer, written?.answer),
          `${JSON.stringify(now.answer)}\nis not like\n${JSON.stringify(written?.answer)}`,
        ).toBe(true);
      } else {
        expect(now).toEqual(written);
      }
    },
  );
});

it.each(APIS)("every operation of the %s API has an example, and no other has one", async (api) => {
  const file = fileURLToPath(new URL(`../../../schema/${api}.graphql`, import.meta.url));
  const schema = buildSchema(await readFile(file, "utf8"));
  const types = [schema.getQueryType(), schema.getMutationType(), schema.getSubscriptionType()];
  const operations = types
    .filter((type): type is GraphQLObjectType => type !== null && type !== undefined)
    .flatMap((type) => Object.keys(type.getFields()).map((name) => `${type.name}.${name}`));
  const named = CHAPTERS.filter(([chapter]) => chapter === api).flatMap(([, examples]) =>
    examples.map((one) => one.operation),
  );
  expect(named.toSorted()).toEqual(operations.toSorted());
});
