import { connect } from "node:net";
import type { ErrorCode } from "@catalog/schema/errors";
import { type PlainAnswer, type PlainRequest, sendPlain } from "./plain-http.js";

/** One request that no GraphQL endpoint carries out. */
export interface Garbage {
  readonly what: string;
  readonly code: ErrorCode;
  readonly request: PlainRequest;
  /** Appended to the address instead of /graphql. */
  readonly path?: string;
}

const query = (text: string, more: object = {}): PlainRequest => ({ body: JSON.stringify({ query: text, ...more }) });
const repeat = (count: number, part: (n: number) => string): string =>
  Array.from({ length: count }, (_, n) => part(n)).join(" ");
const nested = (depth: number): string => `{ ${"a { ".repeat(depth)} a ${"} ".repeat(depth)} }`;

/** Bodies, headers and documents that every endpoint of ours answers with the same codes. */
export const GARBAGE: readonly Garbage[] = [
  { what: "nothing", code: "GRAPHQL_PARSE_FAILED", request: { body: "" } },
  { what: "no JSON", code: "GRAPHQL_PARSE_FAILED", request: { body: '{"query":' } },
  {
    what: "bytes that are not UTF-8",
    code: "GRAPHQL_PARSE_FAILED",
    request: { body: Buffer.from([0x22, 0xff, 0xfe, 0x22]) },
  },
  { what: "null", code: "BAD_USER_INPUT", request: { body: "null" } },
  { what: "a number", code: "BAD_USER_INPUT", request: { body: "7" } },
  { what: "a text", code: "BAD_USER_INPUT", request: { body: '"{ __typename }"' } },
  { what: "no query", code: "BAD_USER_INPUT", request: { body: "{}" } },
  { what: "a query that is null", code: "BAD_USER_INPUT", request: { body: '{"query":null}' } },
  { what: "a query that is a list", code: "BAD_USER_INPUT", request: { body: '{"query":["{__typename}"]}' } },
  { what: "an empty query", code: "BAD_USER_INPUT", request: query("") },
  { what: "half a query", code: "GRAPHQL_PARSE_FAILED", request: query("{ __typename") },
  {
    what: "a batch",
    code: "BAD_USER_INPUT",
    request: { body: '[{"query":"{__typename}"},{"query":"{__typename}"}]' },
  },
  { what: "an empty batch", code: "BAD_USER_INPUT", request: { body: "[]" } },
  {
    what: "a batch of 5,000",
    code: "BAD_USER_INPUT",
    request: { body: `[${Array(5_000).fill('{"query":"{__typename}"}').join(",")}]` },
  },
  { what: "variables as a list", code: "BAD_USER_INPUT", request: query("{ __typename }", { variables: [1] }) },
  { what: "variables as a text", code: "BAD_USER_INPUT", request: query("{ __typename }", { variables: "x" }) },
  {
    what: "a persisted query",
    code: "BAD_USER_INPUT",
    request: { body: JSON.stringify({ extensions: { persistedQuery: { version: 1, sha256Hash: "0".repeat(64) } } }) },
  },
  {
    what: "an operation that is not there",
    code: "BAD_USER_INPUT",
    request: query("query A { __typename }", { operationName: "B" }),
  },
  {
    what: "two operations without a name",
    code: "BAD_USER_INPUT",
    request: query("query A { __typename } query B { __typename }"),
  },
  { what: "an unknown field", code: "GRAPHQL_VALIDATION_FAILED", request: query("{ passwords }") },
  { what: "an unknown mutation", code: "GRAPHQL_VALIDATION_FAILED", request: query("mutation { dropTables }") },
  {
    what: "an unknown argument",
    code: "GRAPHQL_VALIDATION_FAILED",
    request: query('{ __type(name: "Query", sql: "1") { name } }'),
  },
  {
    what: "a variable that is not declared",
    code: "GRAPHQL_VALIDATION_FAILED",
    request: query("{ __type(name: $x) { name } }"),
  },
  {
    what: "a fragment of itself",
    code: "GRAPHQL_VALIDATION_FAILED",
    request: query("{ ...A } fragment A on Query { ...B } fragment B on Query { ...A }"),
  },
  { what: "200 levels", code: "QUERY_TOO_COMPLEX", request: query(nested(200)) },
  { what: "5,000 levels", code: "GRAPHQL_PARSE_FAILED", request: query(nested(5_000)) },
  { what: "unclosed 60,000 levels", code: "GRAPHQL_PARSE_FAILED", request: query("{a".repeat(60_000)) },
  {
    what: "150 aliases",
    code: "QUERY_TOO_COMPLEX",
    request: query(`{ ${repeat(150, (n) => `a${n}: __type(name: "Query") { name }`)} }`),
  },
  { what: "20,000 tokens", code: "GRAPHQL_PARSE_FAILED", request: query(`{ ${"__typename ".repeat(20_000)} }`) },
  {
    what: "500 directives",
    code: "QUERY_TOO_COMPLEX",
    request: query(`{ ${repeat(100, () => "__typename @include(if: true) @skip(if: false)")} }`),
  },
  {
    what: "introspection that multiplies",
    code: "GRAPHQL_VALIDATION_FAILED",
    request: query(`{ __schema { types { ${"fields { type { ".repeat(5)} name ${"} } ".repeat(5)} } } }`),
  },
  {
    what: "a body over its bound",
    code: "BODY_TOO_LARGE",
    request: { body: `{"query":"{__typename}","x":"${"x".repeat(300_000)}"}` },
  },
  { what: "a body of 4 MiB", code: "BODY_TOO_LARGE", request: { body: Buffer.alloc(4 << 20, " ") } },
  {
    what: "text/plain",
    code: "BAD_USER_INPUT",
    request: { ...query("{ __typename }"), headers: { "content-type": "text/plain" } },
  },
  {
    what: "a form",
    code: "BAD_USER_INPUT",
    request: { body: "query=%7B__typename%7D", headers: { "content-type": "application/x-www-form-urlencoded" } },
  },
  {
    what: "multipart",
    code: "BAD_USER_INPUT",
    request: { body: "--x--", headers: { "content-type": "multipart/form-data; boundary=x" } },
  },
  { what: "PUT", code: "BAD_USER_INPUT", request: { ...query("{ __typename }"), method: "PUT" } },
  { what: "DELETE", code: "BAD_USER_INPUT", request: { method: "DELETE" } },
  { what: "OPTIONS", code: "BAD_USER_INPUT", request: { method: "OPTIONS" } },
  {
    what: "a mutation by GET",
    code: "BAD_USER_INPUT",
    request: { method: "GET" },
    path: "/graphql?query=mutation%7Ba%7D",
  },
  {
    what: "GET with nothing",
    code: "BAD_USER_INPUT",
    request: { method: "GET", headers: { "apollo-require-preflight": "1" } },
  },
  { what: "another path", code: "NOT_FOUND", request: query("{ __typename }"), path: "/graphql/x" },
  { what: "a path that climbs", code: "NOT_FOUND", request: { method: "GET" }, path: "/..%2f..%2fetc/passwd" },
  { what: "a path that cannot be decoded", code: "BAD_USER_INPUT", request: { method: "GET" }, path: "/%zz" },
  {
    what: "a token of nobody",
    code: "UNAUTHENTICATED",
    request: { ...query("{ __typename }"), headers: { authorization: "Bearer x" } },
  },
  {
    what: "Basic",
    code: "UNAUTHENTICATED",
    request: { ...query("{ __typename }"), headers: { authorization: "Basic eDp5" } },
  },
];

export function sendGarbage(baseUrl: string, { request, path = "/graphql" }: Garbage): Promise<PlainAnswer> {
  return sendPlain(`${baseUrl}${path}`, request);
}

/** Bytes that are not HTTP, or that are more of it than anybody needs. */
export const RAW_BYTES: readonly string[] = [
  "\u0000\u0001\u0002\u0003\r\n\r\n",
  "GET / HTTP/9.9\r\n\r\n",
  "POST /graphql HTTP/1.1\r\nhost: x\r\ncontent-length: -1\r\n\r\n",
  "POST /graphql HTTP/1.1\r\nhost: x\r\ncontent-length: 5\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n",
  "POST /graphql HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked\r\n\r\nzz\r\n\r\n",
  `GET /graphql HTTP/1.1\r\nhost: x\r\nx: ${"x".repeat(40_000)}\r\n\r\n`,
  `GET /${"x".repeat(40_000)} HTTP/1.1\r\nhost: x\r\n\r\n`,
  "GET /graphql HTTP/1.1\r\nhost: x\r\nbad header\r\n\r\n",
  "GET /graphql HTTP/1.1\r\nhost: x\r\nauthorization: Catalog a\u0000b\r\n\r\n",
];

/** Writes raw bytes to a port; resolves with what came back when the other side has closed, or after `patienceMs`. */
export function sendRaw(baseUrl: string, bytes: string, patienceMs = 2_000): Promise<string> {
  const { hostname, port } = new URL(baseUrl);
  return new Promise((resolve) => {
    let answer = "";
    const socket = connect(Number(port), hostname);
    const end = (): void => {
      socket.destroy();
      resolve(answer);
    };
    socket.setTimeout(patienceMs, end);
    socket.on("data", (chunk) => (answer += chunk.toString()));
    socket.once("error", end);
    socket.once("close", end);
    socket.write(Buffer.from(bytes, "latin1"));
  });
}
