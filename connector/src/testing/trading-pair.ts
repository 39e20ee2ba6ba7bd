import type { Descriptor } from "@catalog/schema/documents/descriptor";
import { peekJws } from "@catalog/schema/documents/jws";
import type { FeedChange } from "@catalog/schema/feed";
import { waitFor } from "@catalog/server/testing/wait-for";
import { items, signal } from "./replica-fixture.js";
import { TestBroker } from "./test-broker.js";
import { TestConnector } from "./test-connector.js";

/** What `saveOffer` is given. */
interface SampleOffer {
  readonly offerID: string;
  readonly [field: string]: unknown;
}

/** Turin, which sells, and Paris, which buys: members of one Broker, each with the other in its Catalog. */
export class TradingPair {
  private constructor(
    readonly broker: TestBroker,
    readonly turin: TestConnector,
    readonly paris: TestConnector,
  ) {}

  /** @param offers what Turin sells; each with an offerID. */
  static async start(offers: readonly SampleOffer[]): Promise<TradingPair> {
    const broker = await TestBroker.start();
    const [turin, paris] = await Promise.all([
      member(broker, "turin", "Turin Ltd"),
      member(broker, "paris", "Paris SA"),
    ]);
    const pair = new TradingPair(broker, turin, paris);
    for (const offer of offers) {
      await turin.get("mutation ($o: OfferInput!) { saveOffer(offer: $o) { offerID } }", { o: offer });
    }
    const isPublished = (): boolean => offers.every(({ offerID }) => broker.documents.has(offerID));
    await waitFor(() => isPublished() && pair.snapshot().length === 2 + offers.length);
    broker.send(signal("RESET", "c0"), items("c1", ...pair.snapshot()), signal("SYNCED", "c1"));
    for (const connector of [turin, paris]) {
      await waitFor(async () => {
        const { knownClusters } = await connector.get<{ knownClusters: unknown[] }>("{ knownClusters { listed } }");
        return knownClusters.length === 1;
      });
    }
    return pair;
  }

  async stop(): Promise<void> {
    await Promise.all([this.turin.stop(), this.paris.stop(), this.broker.stop()]);
  }

  /** What a Broker would have made of the announcements so far. */
  private snapshot(): FeedChange[] {
    const changes = new Map<string, FeedChange>();
    for (const { descriptor: jws } of this.broker.announcements) {
      const { iss: fingerprint, clusterID } = peekJws<Descriptor>(jws).payload;
      const common = { revision: 1, op: "UPSERT", fingerprint, clusterID, staleSince: null } as const;
      changes.set(fingerprint, { ...common, kind: "CLUSTER", offerID: null, jws });
      for (const [offerID, offer] of this.broker.documents) {
        if (peekJws<{ iss: string }>(offer).payload.iss !== fingerprint) continue;
        changes.set(`${fingerprint} ${offerID}`, { ...common, kind: "OFFER", offerID, jws: offer });
      }
    }
    return [...changes.values()];
  }
}

async function member(broker: TestBroker, clusterID: string, prettyName: string): Promise<TestConnector> {
  const connector = await TestConnector.start({
    LIQO_CLUSTER_ID: clusterID,
    LIQO_CLUSTER_NAME: clusterID,
    UI_DIR: "off",
  });
  await waitFor(async () => (await connector.ask("{ connector { ready } }")).code === undefined);
  const init = "mutation ($n: String!, $e: String!) { initCatalog(prettyName: $n, contractEndpoint: $e) { ready } }";
  await connector.get(init, { n: prettyName, e: connector.contractEndpoint });
  await connector.get("mutation ($j: String!) { registerBroker(join: $j) { brokerID } }", { j: broker.join() });
  await waitFor(async () => {
    const { brokers } = await connector.get<{ brokers: { connected: boolean }[] }>("{ brokers { connected } }");
    return brokers.every(({ connected }) => connected);
  });
  return connector;
}
