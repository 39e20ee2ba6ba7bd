import type { Tone } from "../../lib/format/words.ts";
import type { BrokerRow } from "./documents.ts";

/** Seconds of silence after which a connection counts as lagging; a Broker says something every 15 s unless it is set otherwise. */
const LAGGING_S = 60;

/** How a Broker is doing, in a word or two. */
export function stateOf(broker: Pick<BrokerRow, "subscribed" | "pending" | "connected" | "lag" | "lastError">): {
  state: string;
  text: string;
  tone: Tone;
} {
  if (!broker.subscribed) return { state: "OFF", text: "Off", tone: "over" };
  if (broker.pending) return { state: "PENDING", text: "Waiting for the operator", tone: "wait" };
  if (!broker.connected && broker.lastError === null) return { state: "CONNECTING", text: "Connecting", tone: "wait" };
  if (!broker.connected) return { state: "AWAY", text: "Away", tone: "bad" };
  if ((broker.lag ?? 0) > LAGGING_S) return { state: "DEGRADED", text: "Lagging", tone: "wait" };
  return { state: "ONLINE", text: "Connected", tone: "good" };
}
