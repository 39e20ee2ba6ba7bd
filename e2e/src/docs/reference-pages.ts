import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { type ApiName, readRecorded } from "./recorded.js";
import { referencePage } from "./reference-page.js";

const EXAMPLES = `
Each operation has an example that was sent to a running federation; a test sends it again and compares the answer. What differs between two runs (ids, keys, times,
signed documents) is replaced by fixed values. How to send one with curl, JavaScript, Python or Go: [API by example](api-by-example.md). How errors look and which may be repeated:
[WIRE.md, section 10](../schema/WIRE.md#10-errors); all codes: [ErrorCode](#type-errorcode).
`;

const BROKER = `
What a Broker answers at its port 8000, \`/graphql\`, over HTTP (POST) and WebSocket (graphql-transport-ws). The schema itself: [broker.graphql](../schema/broker.graphql).
The operator sends \`Authorization: Bearer <admin token>\`, a reader a read token in the same way, a cluster a request proof ([WIRE.md, section 5](../schema/WIRE.md#5-request-proof)); on a WebSocket the same stands in \`connection_init\`.
${EXAMPLES}`;

const CONNECTOR = `
What a Connector answers at its port 6002, \`/graphql\`, over HTTP (POST) and WebSocket (graphql-transport-ws), to its own administrator and scripts. The schema itself: [connector.graphql](../schema/connector.graphql).
Send \`Authorization: Bearer <admin or script token>\`; on a WebSocket \`{ "authorization": "Bearer …" }\` in \`connection_init\`. Which role of a script token has which permission: [security](security.md#people-and-scripts).
What other Connectors may ask stands in [the peer API](api-peer.md).
${EXAMPLES}`;

const PEER = `
What a Connector answers at its contract endpoint, port 6003, \`/graphql\`, to other Connectors. Only HTTP POST with a request proof, but for \`descriptor\`, which is open to anybody. The schema itself: [peer.graphql](../schema/peer.graphql);
what the documents hold, and the rules of both sides: [WIRE.md, section 9](../schema/WIRE.md#9-negotiation). You need this page to write another implementation; people and scripts use the [Connector API](api-connector.md).
The examples are one purchase by a cluster that runs no Connector of ours. They were sent to a running federation; a test sends them again and compares the answers. What differs between two runs is replaced by fixed values.
`;

/** The three reference pages by file name below docs/. */
export async function referencePages(
  permissionOf: (operation: string) => string | undefined,
): Promise<ReadonlyMap<string, string>> {
  const page = async (api: ApiName, title: string, introduction: string, needs?: typeof permissionOf) => {
    const sdl = await readFile(fileURLToPath(new URL(`../../../schema/${api}.graphql`, import.meta.url)), "utf8");
    return referencePage({ title, introduction, sdl, examples: await readRecorded(api), ...(needs && { needs }) });
  };
  const permission = (operation: string): string => `the permission \`${permissionOf(operation) ?? "ADMINISTER"}\``;
  return new Map([
    ["docs/api-broker.md", await page("broker", "Broker API", BROKER)],
    ["docs/api-connector.md", await page("connector", "Connector API", CONNECTOR, permission)],
    ["docs/api-peer.md", await page("peer", "Peer API", PEER)],
  ]);
}
