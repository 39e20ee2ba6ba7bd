import type { IdentityKeys } from "@catalog/schema/documents/keys";
import type { Stranger } from "./stranger.js";
import { type Dice, mutateBytes, mutateDocument, mutateJson, mutateText } from "./mutation.js";
import { graphqlAnswer, type PlainAnswer, sendPlain } from "./plain-http.js";

/** Where a message goes, and how it says who sends it. */
export interface Door {
  readonly url: string;
  /** Signs the documents in messages; absent where none are sent. */
  readonly stranger?: Stranger;
  headers(body: Uint8Array): { readonly authorization: string };
}

/** One operation that its receiver would carry out. */
export interface Message {
  readonly door: Door;
  readonly query: string;
  readonly variables: Readonly<Record<string, unknown>>;
}

const isDocument = (value: unknown): value is string =>
  typeof value === "string" && /^[\w-]{20,}\.[\w-]+\.[\w-]{86}$/.test(value);

/** Every signed document somewhere in a value. */
function documentsIn(value: unknown): string[] {
  if (isDocument(value)) return [value];
  if (typeof value !== "object" || value === null) return [];
  return Object.values(value).flatMap(documentsIn);
}

/** The value with every signed document in it replaced. */
function withDocuments(value: unknown, change: (jws: string) => string): unknown {
  if (isDocument(value)) return change(value);
  if (Array.isArray(value)) return value.map((one) => withDocuments(one, change));
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, withDocuments(inner, change)]));
}

/** Sends `message` with something wrong in its documents, variables, query, bytes or authentication. */
export function sendMutated(dice: Dice, message: Message, documents: readonly string[]): Promise<PlainAnswer> {
  const { door, query } = message;
  const keys: IdentityKeys | undefined = door.stranger?.keys;
  const way = dice.below(10);
  let { variables }: { variables: unknown } = message;
  let text = query;
  if (way < 5 && keys && documentsIn(variables).length > 0)
    variables = withDocuments(variables, (jws) => mutateDocument(dice, keys, jws, documents));
  else if (way < 8) variables = mutateJson(dice, variables);
  else if (way === 8) text = mutateText(dice, query);
  const whole = Buffer.from(JSON.stringify({ query: text, variables }));
  const body = way === 9 ? mutateBytes(dice, whole) : whole;
  const { authorization } = door.headers(body);
  const spoilt = dice.chance(0.06) ? mutateText(dice, authorization).replace(/[^\x20-\x7e]/g, "~") : authorization;
  return sendPlain(door.url, { body, headers: { authorization: spoilt } });
}

/**
 * Sends `count` mutations of `messages`, eight at a time; `refresh` makes new ones where the old ones were used up.
 * @returns how often each code was the answer. Fails at the first answer that is not GraphQL JSON with a code of the list.
 */
export async function bombard(
  dice: Dice,
  count: number,
  refresh: () => Promise<readonly Message[]>,
): Promise<ReadonlyMap<string, number>> {
  const codes = new Map<string, number>();
  for (let sent = 0; sent < count;) {
    const messages = await refresh();
    const documents = messages.flatMap((message) => documentsIn(message.variables));
    for (let round = 0; round < 12 && sent < count; round++, sent += 8) {
      const volley = Array.from({ length: 8 }, () => sendMutated(dice, dice.of(messages), documents));
      for (const answer of await Promise.all(volley)) {
        const { errors } = graphqlAnswer(answer);
        const code = errors?.[0]?.extensions?.code ?? "none";
        codes.set(code, (codes.get(code) ?? 0) + 1);
      }
    }
  }
  return codes;
}
