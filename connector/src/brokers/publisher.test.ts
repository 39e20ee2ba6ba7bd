import { CatalogError } from "@catalog/schema/errors";
import type { AnnounceVariables, Announcement, DocumentOutcome } from "@catalog/schema/operations";
import { silentLog } from "@catalog/server/log";
import { waitFor } from "@catalog/server/testing/wait-for";
import { describe, expect, it } from "vitest";
import type { BrokerGateway, PublicationSource } from "../services/brokers/broker-ports.js";
import { batches, Publisher } from "./publisher.js";

const ADDRESS = { brokerID: "B", brokerEndpoint: "https://broker.example", tlsSpki: null };
const NOTHING: Announcement = { need: [], highestRev: 0, dropped: [], higher: [], descriptorAccepted: true };

interface Document {
  readonly offerID: string;
  readonly rev: number;
  readonly digest: string;
  readonly jws: string;
  readonly isWithdrawn: boolean;
}

const document = (offerID: string, isWithdrawn = false): Document => ({
  offerID,
  rev: 7,
  digest: `d-${offerID}`,
  jws: `jws-${offerID}`,
  isWithdrawn,
});
const accepted = (jws: string): DocumentOutcome => ({
  offerID: jws.slice(4),
  rev: 7,
  accepted: true,
  code: null,
  message: null,
  higher: null,
});

/** A publisher over a Broker and a ledger that do what a test tells them. */
class Bench {
  documents: Document[] = [];
  announcements: AnnounceVariables[] = [];
  answers: (Announcement | Error)[] = [];
  published: (readonly string[])[] = [];
  withdrawn: (readonly string[])[] = [];
  outcome: (jws: string) => DocumentOutcome = accepted;
  proofs: (readonly string[])[] = [];
  isAdopted = true;
  successes = 0;
  failures: string[] = [];
  readonly stop = new AbortController();
  readonly publisher: Publisher;

  constructor(isConnected = true) {
    const source: PublicationSource = {
      snapshot: async () => ({ descriptor: "the-descriptor", asOf: 9, documents: this.documents }),
      outdated: async (proofs) => {
        this.proofs.push(proofs);
        return this.isAdopted;
      },
    };
    const gateway = {
      announce: async (_: unknown, variables: AnnounceVariables) => {
        this.announcements.push(variables);
        const answer = this.answers.shift() ?? NOTHING;
        if (answer instanceof Error) throw answer;
        return answer;
      },
      publish: async (_: unknown, batch: readonly string[]) => this.take(this.published, batch),
      withdraw: async (_: unknown, batch: readonly string[]) => this.take(this.withdrawn, batch),
    } as unknown as BrokerGateway;
    const report = {
      published: () => void (this.successes += 1),
      failed: (reason: string) => void this.failures.push(reason),
    };
    this.publisher = new Publisher(
      source,
      gateway,
      { batchSize: 2, batchLength: 1_000, pauseMs: 0 },
      report,
      silentLog(),
    );
    void this.publisher.run(async () => (isConnected ? ADDRESS : undefined), this.stop.signal);
  }

  private take(into: (readonly string[])[], batch: readonly string[]): { results: DocumentOutcome[] } {
    into.push(batch);
    return { results: batch.map((jws) => this.outcome(jws)) };
  }
}

async function round(bench: Bench): Promise<void> {
  const before = bench.successes + bench.failures.length;
  bench.publisher.wake();
  await waitFor(() => bench.successes + bench.failures.length > before);
  bench.stop.abort();
}

describe("a publisher", () => {
  it("announces the whole list with the snapshot's counter, without what was withdrawn", async () => {
    const bench = new Bench();
    bench.documents = [document("a"), document("gone", true)];
    await round(bench);
    expect(bench.announcements).toEqual([
      { descriptor: "the-descriptor", asOf: 9, offers: [{ offerID: "a", rev: 7, digest: "d-a" }] },
    ]);
    expect([bench.published, bench.withdrawn, bench.successes]).toEqual([[], [], 1]);
  });

  it("hands over what is needed in batches, and the withdrawal of what was dropped", async () => {
    const bench = new Bench();
    bench.documents = [
      document("a"),
      document("b"),
      document("c"),
      document("d"),
      document("gone", true),
      document("longGone", true),
    ];
    bench.answers = [{ ...NOTHING, need: ["a", "c", "d"], dropped: ["gone"] }];
    await round(bench);
    expect(bench.published).toEqual([["jws-a", "jws-c"], ["jws-d"]]);
    expect(bench.withdrawn).toEqual([["jws-gone"]]);
  });

  it("catches up with a proven higher number and announces again", async () => {
    const bench = new Bench();
    bench.answers = [{ ...NOTHING, higher: ["proof"] }];
    await round(bench);
    expect([bench.proofs, bench.announcements.length, bench.successes]).toEqual([[["proof"]], 2, 1]);
  });

  it("does not go round in circles for a Broker that goes on to claim higher numbers", async () => {
    const bench = new Bench();
    bench.answers = Array.from({ length: 50 }, () => ({ ...NOTHING, higher: ["proof"] }));
    await round(bench);
    expect(bench.failures[0]).toContain("DOCUMENT_OUTDATED");
    expect(bench.announcements.length).toBeLessThan(10);
  });

  it("ignores a higher number that proves nothing", async () => {
    const bench = new Bench();
    bench.isAdopted = false;
    bench.answers = [{ ...NOTHING, higher: ["forged"] }];
    await round(bench);
    expect([bench.announcements.length, bench.successes]).toEqual([1, 1]);
  });

  it("takes the proof from a refused document too", async () => {
    const bench = new Bench();
    bench.documents = [document("a")];
    bench.answers = [{ ...NOTHING, need: ["a"] }];
    bench.outcome = (jws) => ({
      ...accepted(jws),
      accepted: false,
      code: "DOCUMENT_OUTDATED",
      message: "older",
      higher: "proof",
    });
    await round(bench);
    expect(bench.proofs).toEqual([["proof"]]);
  });

  it("says which document was refused and why, and tries again", async () => {
    const bench = new Bench();
    bench.documents = [document("a")];
    bench.answers = [{ ...NOTHING, need: ["a"] }];
    bench.outcome = (jws) => ({ ...accepted(jws), accepted: false, code: "OFFER_LIMIT_REACHED", message: "too many" });
    bench.publisher.wake();
    await waitFor(() => bench.failures.length === 1);
    expect(bench.failures[0]).toContain("offer a: OFFER_LIMIT_REACHED: too many");
    await waitFor(() => bench.successes === 1);
    bench.stop.abort();
  });

  it("repeats a round that failed until it succeeds", async () => {
    const bench = new Bench();
    bench.answers = [new CatalogError("UNAVAILABLE", "away"), new Error("odd")];
    bench.publisher.wake();
    await waitFor(() => bench.successes === 1);
    bench.stop.abort();
    expect(bench.failures).toEqual(["UNAVAILABLE: away", "Error: odd"]);
  });

  it("does nothing while there is no connection", async () => {
    const bench = new Bench(false);
    bench.publisher.wake();
    await new Promise((resolve) => setImmediate(resolve));
    bench.stop.abort();
    expect([bench.announcements, bench.failures]).toEqual([[], []]);
  });
});

describe("batches", () => {
  it("are bounded in number and in length", () => {
    const texts = ["aaaa", "bb", "cc", "dddddddd"].map((jws) => ({ jws }));
    expect(batches(texts, { batchSize: 2, batchLength: 100 })).toEqual([
      ["aaaa", "bb"],
      ["cc", "dddddddd"],
    ]);
    expect(batches(texts, { batchSize: 10, batchLength: 6 })).toEqual([["aaaa", "bb"], ["cc"], ["dddddddd"]]);
    expect(batches([], { batchSize: 1, batchLength: 1 })).toEqual([]);
  });
});
