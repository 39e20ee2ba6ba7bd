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
