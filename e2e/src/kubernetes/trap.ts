import { createServer, type Server } from "node:net";
import type { AddressInfo } from "node:net";

/** A range of loopback that the Connector is told never to call; the others it may, as in every test. */
export const FORBIDDEN = "127.66.0.0/16";

/** Listens where nobody may call, and counts who does. */
export class Trap {
  calls = 0;
  readonly #server: Server;

  private constructor() {
    this.#server = createServer((socket) => {
      this.calls++;
      socket.destroy();
    });
  }

  static async set(): Promise<Trap> {
    const trap = new Trap();
    await new Promise<void>((resolve) => trap.#server.listen(0, "127.66.0.1", resolve));
    return trap;
  }

  get url(): string {
    return `https://127.66.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  async close(): Promise<void> {
    await new Promise((resolve) => this.#server.close(resolve));
  }
}
