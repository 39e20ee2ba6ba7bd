import { expect, it } from "vitest";
import { stateOf } from "./broker-state.ts";

const broker = { subscribed: true, pending: false, connected: true, lag: 3, lastError: null };

it.each([
  [{}, "Connected"],
  [{ lag: null }, "Connected"],
  [{ lag: 61 }, "Lagging"],
  [{ connected: false }, "Connecting"],
  [{ connected: false, lastError: "refused" }, "Away"],
  [{ connected: false, pending: true, lastError: "PENDING" }, "Waiting for the operator"],
  [{ subscribed: false, pending: true, connected: false }, "Off"],
])("says %o as %s", (change, text) => {
  expect(stateOf({ ...broker, ...change }).text).toBe(text);
});
