import { waitFor } from "@catalog/server/testing/wait-for";
import { graphqlAnswer, sendPlain } from "../fuzz/plain-http.js";
import type { Client } from "graphql-ws";
import type { Data, Example, World } from "./example.js";

/** What was sent and what came back, as it was. */
export interface Outcome {
  readonly variables: Data;
  readonly answer: unknown;
}

/** Sends an example to the running federation and waits for its answer, or for the message of a subscription. */
export async function runExample(world: World, example: Example): Promise<Outcome> {
  await example.before?.(world);
  const variables = (await example.variables?.(world)) ?? {};
  const isLive = example.operation.startsWith("Subscription.");
  const answer = isLive ? await listen(world, example, variables) : await post(world, example, variables);
  const { data } = answer as { data?: Data };
  if (data) await example.after?.(world, data);
  return { variables, answer };
}

async function post(world: World, example: Example, variables: Data): Promise<unknown> {
  const body = JSON.stringify({ query: example.query, variables });
  const headers = { ...credentials(world, example, body), ...example.headers?.(world) };
  const { data, errors } = graphqlAnswer(await sendPlain(urlOf(world, example), { body, headers }));
  return errors === undefined
    ? { data }
    : { data, errors: errors.map(({ message, extensions }) => ({ message, extensions })) };
}

function urlOf({ broker, turin, paris }: World, { caller, operation }: Example): string {
  if (caller === "turin") return `${turin.url}/graphql`;
  if (caller === "paris") return `${paris.url}/graphql`;
  if (caller === "customer" || operation === "Query.descriptor") return turin.contractEndpoint;
  return `${broker.url}/graphql`;
}

function credentials(world: World, { caller }: Example, body: string): Record<string, string> {
  switch (caller) {
    case "turin":
      return { authorization: `Bearer ${world.turin.adminToken}` };
    case "paris":
      return { authorization: `Bearer ${world.paris.adminToken}` };
    case "operator":
      return { authorization: `Bearer ${world.broker.adminToken}` };
    case "member":
      return { ...world.line.headers(body) };
    case "customer":
      return { ...world.buyer.line.headers(body) };
    case "anybody":
      return {};
  }
}

async function listen(world: World, example: Example, variables: Data): Promise<unknown> {
  const part = example.caller === "turin" ? world.turin : example.caller === "paris" ? world.paris : world.broker;
  const socket = part.api.socket();
  const messages: Data[] = [];
  let problem: unknown;
  const stop = socket.subscribe(
    { query: example.query, variables },
    {
      next: ({ data, errors }) => (data ? messages.push(data as Data) : (problem = errors)),
      error: (error) => (problem = error),
      complete: () => undefined,
    },
  );
  await answered(socket);
  const { trigger, until = () => true } = example;
  const heard = async (): Promise<Data | undefined> => {
    if (problem !== undefined) throw new Error(`${example.operation}: ${JSON.stringify(problem)}`);
    return messages.find(until);
  };
  // Should it not have stood yet, what makes it speak is repeated.
  const data = await waitFor(
    async () => {
      await trigger?.(world);
      return waitFor(heard, { timeoutMs: 5_000 }).catch(() => undefined);
    },
    { what: example.operation, timeoutMs: 60_000 },
  );
  stop();
  await socket.dispose();
  return { data };
}

/** The server has read what was sent before on this socket. */
async function answered(socket: Client): Promise<void> {
  for await (const _ of socket.iterate({ query: "{ __typename }" })) return;
}
