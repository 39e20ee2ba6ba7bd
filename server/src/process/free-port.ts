import { createServer } from "node:net";

/** Both ends belong to it. */
export interface PortRange {
  readonly first: number;
  readonly last: number;
}

/** Below the range from which Linux takes the local ports of outgoing connections (32768 and up). */
const USUAL: PortRange = { first: 20_000, last: 25_999 };

/** Where the search goes on, by the first port of a range: a port that was given away is looked at again only after all others of its range. */
const next = new Map<number, number>();

/**
 * A TCP port of 127.0.0.1 that nobody listens on now, below 32768, so that no outgoing connection takes it before it is used. Of one process
 * no two callers get the same, even while neither listens yet.
 */
export async function freePort(host = "127.0.0.1", range: PortRange = USUAL): Promise<number> {
  const size = range.last - range.first + 1;
  for (let attempt = 0; attempt < size; attempt++) {
    const port = next.get(range.first) ?? range.first + Math.floor(Math.random() * size);
    next.set(range.first, port === range.last ? range.first : port + 1);
    if (await isFree(port, host)) return port;
  }
  throw new Error(`No free port between ${range.first} and ${range.last} on ${host}.`);
}

/** `count` different free ports. */
export async function freePorts(count: number, range: PortRange = USUAL): Promise<number[]> {
  const ports: number[] = [];
  for (let index = 0; index < count; index++) ports.push(await freePort("127.0.0.1", range));
  return ports;
}

function isFree(port: number, host: string): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once("error", () => resolve(false));
    server.listen(port, host, () => server.close(() => resolve(true)));
  });
}
