import { createServer } from "node:net";

/** The ports of one federation. */
export interface BrokerPorts {
  readonly graphql: number;
  readonly ops: number;
}
export interface ConnectorPorts {
  readonly grpc: number;
  readonly admin: number;
  readonly contract: number;
  readonly ops: number;
}

/** Those of `ports` that another program listens on, on loopback (IPv4 or IPv6). */
export async function takenPorts(ports: readonly number[]): Promise<number[]> {
  const taken = await Promise.all(
    ports.map(async (port) => ((await canListen(port, "127.0.0.1")) && (await canListen(port, "::1")) ? [] : [port])),
  );
  return taken.flat();
}

function canListen(port: number, host: string): Promise<boolean> {
  return new Promise((resolve) => {
    const probe = createServer();
    probe.once("error", (error: NodeJS.ErrnoException) =>
      resolve(error.code === "EADDRNOTAVAIL" || error.code === "EAFNOSUPPORT"),
    );
    probe.listen({ port, host, exclusive: true }, () => probe.close(() => resolve(true)));
  });
}

/** `count` ports that nothing listens on now, below the range the kernel gives to outgoing connections. */
export async function freePorts(count: number): Promise<number[]> {
  const found = new Set<number>();
  for (let attempt = 0; attempt < 50 * count && found.size < count; attempt++) {
    const port = 20_000 + Math.floor(Math.random() * 12_000);
    if ((await takenPorts([port])).length === 0) found.add(port);
  }
  if (found.size < count) throw new Error(`no ${count} free ports between 20000 and 32000`);
  return [...found];
}
