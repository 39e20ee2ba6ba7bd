import { createServer } from "node:net";

/** Below the range from which Linux takes the local ports of outgoing connections (32768 and up). */
const FIRST = 20_000;
const LAST = 31_999;

/** A TCP port of 127.0.0.1 that nobody listens on now, below 32768, so that no outgoing connection takes it before it is used. */
export async function freePort(host = "127.0.0.1"): Promise<number> {
  for (let attempt = 0; attempt < 200; attempt++) {
    const port = FIRST + Math.floor(Math.random() * (LAST - FIRST + 1));
    if (await isFree(port, host)) return port;
  }
  throw new Error(`No free port between ${FIRST} and ${LAST} on ${host}.`);
}

/** `count` different free ports. */
export async function freePorts(count: number): Promise<number[]> {
  const ports = new Set<number>();
  while (ports.size < count) ports.add(await freePort());
  return [...ports];
}

function isFree(port: number, host: string): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once("error", () => resolve(false));
    server.listen(port, host, () => server.close(() => resolve(true)));
  });
}
