import { expect } from "vitest";
import type { Client } from "graphql-ws";
import { waitFor } from "@catalog/server/testing/wait-for";
import type { RunningPart } from "../harness/federation.js";

/** What a Broker shows, as its operator reads it: whatever changes in it has changed the Broker. */
const EVERYTHING = `{
  catalog(includeOwn: true) { clusterName clusterID endpoint clusterContractEndpoint created
    offers { offerID offerName offerType description clusterPrettyName created status jws plans { planID planCost planQuantity available resources } } }
  clusters(first: 200) { clusterID fingerprint status }
  broker { fingerprint enrolmentMode }
}`;

interface Change {
  readonly op: string;
  readonly kind: string;
  readonly fingerprint: string;
  readonly offerID: string | null;
}

/** Sees every change of a Broker's catalog, from outside. */
export class BrokerWitness {
  readonly #socket: Client;
  readonly changes: Change[] = [];
  #isSynced = false;

  constructor(private readonly broker: RunningPart) {
    this.#socket = broker.api.socket();
    this.#socket.subscribe<{ catalog: { type: string; changes: Change[] } }>(
      { query: "subscription { catalog { type changes { op kind fingerprint offerID } } }" },
      {
        next: ({ data }) => {
          if (data?.catalog.type === "SYNCED") this.#isSynced = true;
          this.changes.push(...(data?.catalog.changes ?? []));
        },
        error: () => undefined, // the catalogs that are compared do not fit either then
        complete: () => undefined,
      },
    );
  }

  async isReady(): Promise<void> {
    await waitFor(() => this.#isSynced, { what: "the Broker's feed" });
  }

  snapshot(): Promise<unknown> {
    return this.broker.api.request(EVERYTHING);
  }

  /**
   * Runs `attack` and shows that it left no trace: the catalog, the clusters and the feed are as before, the process is the
   * same one, and `honest`, which must change the catalog, is the next thing that the feed tells.
   */
  async unmoved(attack: () => Promise<void>, honest: () => Promise<string>): Promise<void> {
    const pid = this.broker.process.pid;
    const before = await this.snapshot();
    const seen = this.changes.length;
    await attack();
    expect(await this.snapshot()).toEqual(before);
    const offerID = await honest();
    await waitFor(() => this.changes.slice(seen).some((change) => change.offerID === offerID), {
      what: `offer ${offerID} in the feed`,
    });
    expect(this.changes.slice(seen).filter((change) => change.offerID !== offerID)).toEqual([]);
    expect(this.broker.process.pid).toBe(pid);
  }

  async dispose(): Promise<void> {
    await this.#socket.dispose();
  }
}
