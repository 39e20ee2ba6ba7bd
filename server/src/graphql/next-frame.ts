import type { WebSocket } from "ws";

/**
 * Sends one `next` message of a taken over subscription. The payload, a serialised execution result, is shared by all
 * subscribers: it goes out as it is, in fragments of one WebSocket message, of which only the first is made per client.
 * `done` is called when the message has left this process, with the error if the socket is gone.
 */
export function sendNext(socket: WebSocket, id: string, payload: Buffer, done: (error?: Error) => void): void {
  socket.send(`{"id":${JSON.stringify(id)},"type":"next","payload":`, { binary: false, fin: false });
  socket.send(payload, { binary: false, fin: false });
  socket.send("}", { binary: false, fin: true }, done);
}
