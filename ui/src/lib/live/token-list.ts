import type { ApiError } from "../graphql/api-error.ts";
import type { Connection } from "../graphql/connection.svelte.ts";
import { LiveList, readPages } from "./live-list.svelte.ts";

interface Token {
  readonly tokenID: string;
  /** Unix seconds. */
  readonly created: number;
}

const PAGE = 200;
const MOST = 1_000;

/** Tokens of a kind, newest first, as their subscription tells. @param page reads so many, from the one after `after` on */
export function liveTokenList<T extends Token>(
  page: (range: { first: number; after: string | null }) => Promise<readonly T[]>,
  watch: (changed: (token: T) => void, failed: (error: ApiError) => void) => () => void,
  connection: Connection,
): LiveList<T> {
  const keyOf = ({ tokenID }: T): string => tokenID;
  return new LiveList(
    {
      load: () => readPages((after) => page({ first: PAGE, after }), keyOf, PAGE, MOST),
      watch,
      keyOf,
      compare: (a, b) => b.created - a.created || (a.tokenID < b.tokenID ? 1 : -1),
    },
    connection,
  );
}
