import { WebSocket } from "ws";

interface Frame {
  readonly type: string;
  readonly id?: string;
  readonly payload?: unknown;
}

/** How a socket ended, or what it said first. */
export interface SocketOutcome {
  /** Close code; 0 while it is open. */
  readonly code: number;
  readonly reason: string;
}

/** A graphql-transport-ws socket on which any frame can be sent. */
export class PlainSocket {
  readonly frames: Frame[] = [];
  outcome: SocketOutcome = { code: 0, reason: "" };
  readonly #socket: WebSocket;
  readonly #wakeUps = new Set<() => void>();

  private constructor(socket: WebSocket) {
    this.#socket = socket;
    socket.on("open", () => this.#wake());
    socket.on("message", (data: Buffer) => {
      this.frames.push(JSON.parse(data.toString()) as Frame);
      this.#wake();
    });
    socket.on("close", (code, reason) => {
      this.outcome = { code, reason: reason.toString() };
      this.#wake();
    });
    // A refused or broken socket is told by "close" too.
    socket.on("error", () => this.#wake());
  }

  static async open(url: string, protocol: string = "graphql-transport-ws"): Promise<PlainSocket> {
    const socket = new PlainSocket(new WebSocket(url.replace(/^http/, "ws"), protocol));
    await socket.until(() => socket.#socket.readyState !== WebSocket.CONNECTING);
    return socket;
  }

  /** Opens a socket and says who it is; ends with connection_ack or the socket's end. */
  static async init(url: string, payload: unknown): Promise<PlainSocket> {
    const socket = await PlainSocket.open(url);
    socket.send({ type: "connection_init", payload });
    await socket.until(() => socket.isAcknowledged || socket.outcome.code !== 0);
    return socket;
  }

  get isAcknowledged(): boolean {
    return this.frames.some((frame) => frame.type === "connection_ack");
  }

  send(frame: object | string): void {
    if (this.#socket.readyState === WebSocket.OPEN)
      this.#socket.send(typeof frame === "string" ? frame : JSON.stringify(frame));
  }

  /** What the server says to one operation first, or how it ended the socket. */
  async run(id: string, payload: unknown): Promise<Frame | SocketOutcome> {
    this.send({ id, type: "subscribe", payload });
    await this.until(() => this.#answerTo(id) !== undefined || this.outcome.code !== 0);
    return this.#answerTo(id) ?? this.outcome;
  }

  /** Waits until `condition` holds, which is asked again after every frame. */
  async until(condition: () => boolean, timeoutMs = 15_000): Promise<void> {
    const deadline = setTimeout(() => this.#socket.terminate(), timeoutMs);
    while (!condition()) {
      if (this.outcome.code !== 0) break;
      await new Promise<void>((resolve) => this.#wakeUps.add(resolve));
    }
    clearTimeout(deadline);
  }

  async close(): Promise<void> {
    this.#socket.close();
    await this.until(() => this.outcome.code !== 0);
  }

  #answerTo(id: string): Frame | undefined {
    return this.frames.find((frame) => frame.id === id);
  }

  #wake(): void {
    for (const wake of this.#wakeUps) wake();
    this.#wakeUps.clear();
  }
}
