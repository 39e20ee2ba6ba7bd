import { createServer } from "node:net";

/** Both ends belong to it. */
export interface PortRange {
  readonly first: number;
  readonly last: number;
}

/** Below the range from which Linux takes the local ports of outgoing connections (32768 and up). */
const USUAL: PortRange = { first: 20_000, last: 25_999 };

/** A TCP port of 127.0.0.1 that nobody listens on now, below 32768, so that no outgoing connection takes it before it is used. */
export async function freePort(host = "127.0.0.1", { first, last }: PortRange = USUAL): Promise<number> {
  for (let attempt = 0; attempt < 200; attempt++) {
    const port = first + Math.floor(Math.random() * (last - first + 1));
    if (await isFree(port, host)) return port;
  }
  throw new Error(`No free port between ${first} and ${last} on ${host}.`);
}

/** `count` different free ports. */
export async function freePorts(count: number, range: PortRange = USUAL): Promise<number[]> {
  const ports = new Set<number>();
  while (ports.size < count) ports.add(await freePort("127.0.0.1", range));
  return [...ports];
}

function isFree(port: number, host: string): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once("error", () => resolve(false));
    server.listen(port, host, () => server.close(() => resolve(true)));
  });
}
