import { silentLog } from "@catalog/server/log";
import { systemClock } from "@catalog/server/clock";
import { MachineClient } from "@catalog/server/outgoing/machine-client";
import { SafeFetch } from "@catalog/server/outgoing/safe-fetch";
import { waitFor } from "@catalog/server/testing/wait-for";
import { expect, it } from "vitest";
import type { Broker } from "../domain/broker.js";
import { ForeignCluster } from "../testing/foreign-cluster.js";
import { items } from "../testing/replica-fixture.js";
import { TestBroker } from "../testing/test-broker.js";
import { BrokerSession, type SessionHost } from "./broker-session.js";
import { FeedTargets } from "./feed-target.js";

const TIMINGS = { silenceMs: 20_000, connectMs: 20_000, reconnectFirstMs: 1, reconnectMaxMs: 5 };

it("gives up a cursor that the Broker refuses, until a message brings a new one", async () => {
  const [member, broker] = await Promise.all([ForeignCluster.create("member"), TestBroker.start()]);
  broker.foreignCursor = "old";
  let cursor = "old";
  const sink = {
    cursor: async () => cursor,
    apply: async (_id: string, event: { cursor: string }) => void (cursor = event.cursor),
  };
  const session = new BrokerSession(broker.fingerprint, hostOf(member, broker), sink, TIMINGS, silentLog());
  const stop = new AbortController();
  const running = session.run(stop.signal);
  await waitFor(() => broker.subscribers === 1);
  expect(broker.cursors).toEqual(["old", null]);
  broker.send(items("new"));
  await waitFor(() => cursor === "new");
  for (const { socket } of broker.sessions) socket.terminate();
  await waitFor(() => broker.cursors.length === 3 && broker.subscribers === 1);
  expect(broker.cursors).toEqual(["old", null, "new"]);
  stop.abort();
  await running;
  await broker.stop();
});

function hostOf(member: ForeignCluster, { fingerprint, url }: TestBroker): SessionHost {
  const safeFetch = new SafeFetch({ allowHttp: true, allowCidrs: [], denyCidrs: [] });
  const client = new MachineClient(member.signer, safeFetch, systemClock(), () => member.descriptor(1));
  const targets = new FeedTargets(safeFetch.guard, client, () => member.descriptor(1));
  const admitted: Broker = {
    brokerID: fingerprint,
    brokerName: "Test",
    brokerEndpoint: url,
    descriptor: "",
    tlsSpki: null,
    membership: "ADMITTED",
    isSubscribed: true,
    isDeclared: false,
    registeredAt: 0,
    syncedAt: null,
  };
  const nothing = (): undefined => undefined;
  return {
    broker: async () => admitted,
    enrol: async (broker) => broker,
    lostMembership: async () => undefined,
    changedTlsKey: async () => undefined,
    target: (broker, since) => targets.to(broker, since),
    isClockCorrected: () => false,
    connected: nothing,
    heard: nothing,
    malformed: nothing,
    ended: nothing,
  };
}
