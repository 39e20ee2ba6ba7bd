import { request as httpRequest, type IncomingMessage } from "node:http";
import { request as httpsRequest } from "node:https";
import type { EndpointProbe } from "../services/cluster/profile.service.js";
import { LISTENER_PATH } from "./admin-listener.js";

const TIMEOUT_MS = 3_000;
const MAX_BYTES = 4_096;

/** Finds out whether an address leads back to this process, by asking it for the name that only this process has. */
export class OwnListenerProbe implements EndpointProbe {
  /** @param instance what the own admin listener answers with. */
  constructor(private readonly instance: string) {}

  async isOwnAdminListener(endpoint: string): Promise<boolean> {
    if (!URL.canParse(endpoint) || !/^https?:$/.test(new URL(endpoint).protocol)) return false;
    const answer = await get(new URL(LISTENER_PATH, endpoint)).catch(() => undefined);
    return answer !== undefined && instanceIn(answer) === this.instance;
  }
}

/** Any certificate will do: nothing is told to who answers, and only the own secret counts as an answer. */
function get(url: URL): Promise<string> {
  return new Promise((resolve, reject) => {
    const options = { method: "GET", signal: AbortSignal.timeout(TIMEOUT_MS), agent: false as const };
    const take = (response: IncomingMessage): void => void read(response).then(resolve, reject);
    const sent =
      url.protocol === "https:"
        ? httpsRequest(url, { ...options, rejectUnauthorized: false }, take)
        : httpRequest(url, options, take);
    sent.once("error", reject);
    sent.end();
  });
}

async function read(response: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of response as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > MAX_BYTES) break;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString("utf8");
}

function instanceIn(text: string): unknown {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null && "instance" in value ? value.instance : undefined;
  } catch {
    return undefined; // Somebody else's page.
  }
}
