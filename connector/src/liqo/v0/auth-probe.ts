import { request } from "node:https";
import type { IncomingMessage } from "node:http";
import { isIP } from "node:net";
import { CatalogError } from "@catalog/schema/errors";
import type { CheckedEndpoint } from "@catalog/server/outgoing/endpoint-guard";
import type { AuthProbe } from "./own-cluster.js";

const TIMEOUT_MS = 5_000;
const MAX_BYTES = 16_384;

/** Decides which addresses may be called; the server's EndpointGuard. */
export interface AddressGuard {
  /** @throws CatalogError for an address that may not be called. */
  check(url: string, isPrivateAllowed?: boolean): Promise<CheckedEndpoint>;
}

/** Asks over https, whatever certificate is shown: Liqo makes its own, and nothing secret is sent or believed. */
export class HttpsAuthProbe implements AuthProbe {
  /** @param isPrivateAllowed for the own service, whose address the own cluster says. */
  constructor(
    private readonly guard: AddressGuard,
    private readonly isPrivateAllowed: boolean,
  ) {}

  async whoIs(authUrl: string): Promise<{ clusterID: string; clusterName: string }> {
    const endpoint = await this.guard.check(authUrl, this.isPrivateAllowed);
    let body: string;
    try {
      body = await fetchIds(endpoint);
    } catch (error) {
      const { code, message } = error as NodeJS.ErrnoException;
      throw new CatalogError("PEER_UNREACHABLE", `${authUrl} did not answer (${code ?? message})`);
    }
    const answer = parse(body) as { clusterId?: unknown; clusterID?: unknown; clusterName?: unknown } | null;
    const clusterID = answer?.clusterId ?? answer?.clusterID;
    if (typeof clusterID !== "string" || clusterID === "")
      throw new CatalogError("PEER_UNREACHABLE", `what answers at ${authUrl} is not Liqo's authentication service`);
    return { clusterID, clusterName: typeof answer?.clusterName === "string" ? answer.clusterName : "" };
  }
}

async function fetchIds({ url, host, addresses }: CheckedEndpoint): Promise<string> {
  const response = await new Promise<IncomingMessage>((resolve, reject) => {
    const call = request({
      host: addresses[0] ?? host,
      port: url.port === "" ? 443 : Number(url.port),
      path: `${url.pathname.replace(/\/$/, "")}/ids`,
      servername: isIP(host) === 0 ? host : "",
      headers: { host: url.host, accept: "application/json" },
      rejectUnauthorized: false,
      signal: AbortSignal.timeout(TIMEOUT_MS),
    });
    call.once("response", resolve);
    call.once("error", reject);
    call.end();
  });
  if (response.statusCode !== 200) {
    response.destroy();
    throw new Error(`status ${response.statusCode ?? 0}`);
  }
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of response as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > MAX_BYTES) throw new Error("the answer is too large");
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString("utf8");
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
