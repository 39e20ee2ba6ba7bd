import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  applyFeedMessage,
  EMPTY_REPLICA,
  foldDocuments,
  mergedCatalog,
  pendingOf,
  type ReplicaState,
} from "./replica.js";
import type { FoundDescriptor } from "./replica-identity.js";
import { SYNC_GRACE_SECONDS, type BrokerStanding } from "./replica-listing.js";
import {
  offerKey,
  planMessage,
  START_POSITION,
  type CheckedChange,
  type CheckedMessage,
  type OfferRecord,
} from "./replica-message.js";
import { SampleCluster } from "./testing/sample-documents.js";

const NOW = 1_700_000_000;
const IN_SYNC: BrokerStanding = { isSubscribed: true, registeredAt: NOW, syncedAt: NOW };
const STANDINGS = new Map(["b0", "b1", "b2"].map((id) => [id, IN_SYNC]));

const turin = await SampleCluster.create("turin");
const milan = await SampleCluster.create("milan");
const turinSeq = [await turin.descriptor(1), await turin.descriptor(2)] as const;
const general = await turin.offer("general", 5);

const message = (
  brokerID: string,
  type: CheckedMessage["type"],
  changes: readonly CheckedChange[] = [],
  released: CheckedMessage["released"] = [],
): CheckedMessage => ({ brokerID, type, cursor: `${brokerID}-${type}-${changes.length}`, changes, released });
const cluster = (found: FoundDescriptor, staleSince: number | null = null): CheckedChange => ({
  as: "CLUSTER",
  found,
  staleSince,
});
const listed = (found: OfferRecord, staleSince: number | null = null): CheckedChange => ({
  as: "OFFER",
  found,
  staleSince,
  isListed: true,
});
const withdrawn = (found: OfferRecord): CheckedChange => ({ as: "OFFER", found, staleSince: null, isListed: false });
const gone = ({ fingerprint, offerID }: OfferRecord): CheckedChange => ({
  as: "REMOVED",
  key: { kind: "OFFER", fingerprint, offerID },
});
const clusterGone = (fingerprint: string): CheckedChange => ({
  as: "REMOVED",
  key: { kind: "CLUSTER", fingerprint, offerID: "" },
});

const after = (messages: readonly CheckedMessage[], from: ReplicaState = EMPTY_REPLICA): ReplicaState =>
  messages.reduce((state, one) => applyFeedMessage(state, one, NOW), from);
const merged = (
  state: ReplicaState,
  standings: ReadonlyMap<string, BrokerStanding> = STANDINGS,
  now = NOW,
): ReturnType<typeof mergedCatalog> => mergedCatalog(state, standings, now);
const revs = (state: ReplicaState): number[] => merged(state).offers.map(({ rev }) => rev);

describe("one Broker", () => {
  it("shows a cluster and its offer from their documents", () => {
    const { clusters, offers } = merged(after([message("b0", "ITEMS", [cluster(turinSeq[0]), listed(general)])]));
    expect(clusters).toMatchObject([
      { fingerprint: turin.fingerprint, clusterID: "turin", seq: 1, jws: turinSeq[0].jws, staleSince: null },
    ]);
    expect(offers).toMatchObject([
      {
        offerID: "general",
        rev: 5,
        stock: { small: 4 },
        clusterID: "turin",
        fingerprint: turin.fingerprint,
        jws: general.jws,
      },
    ]);
  });

  it("takes higher numbers, never lower ones, and removes what is removed", async () => {
    const start = after([message("b0", "ITEMS", [cluster(turinSeq[1]), listed(general)])]);
    const lower = after(
      [message("b0", "ITEMS", [cluster(turinSeq[0]), listed(await turin.offer("general", 4))])],
      start,
    );
    expect(merged(lower).clusters[0]?.seq).toBe(2);
    expect(revs(lower)).toEqual([5]);
    const higher = after([message("b0", "ITEMS", [listed(await turin.offer("general", 6))])], lower);
    expect(revs(higher)).toEqual([6]);
    expect(revs(after([message("b0", "ITEMS", [gone(general)])], higher))).toEqual([]);
    expect(revs(after([message("b0", "ITEMS", [clusterGone(turin.fingerprint)])], higher))).toEqual([]);
  });

  it("hides a withdrawn offer until its issuer publishes it again", async () => {
    const state = after([
      message("b0", "ITEMS", [cluster(turinSeq[0]), listed(general), withdrawn(await turin.withdrawal("general", 6))]),
    ]);
    expect(revs(state)).toEqual([]);
    expect(revs(after([message("b0", "ITEMS", [listed(general)])], state))).toEqual([]);
    expect(revs(after([message("b0", "ITEMS", [listed(await turin.offer("general", 7))])], state))).toEqual([7]);
  });

  it("sweeps after a RESET only at SYNCED and only what was not shown again, also when the RESET was interrupted", async () => {
    const other = await turin.offer("other", 6);
    const start = after([
      message("b0", "ITEMS", [cluster(turinSeq[0]), listed(general), listed(other)]),
      message("b0", "SYNCED"),
    ]);
    const resetting = after([message("b0", "RESET"), message("b0", "ITEMS", [listed(general)])], start);
    expect(revs(resetting)).toEqual([5, 6]);
    const continued = after([message("b0", "HEARTBEAT"), message("b0", "ITEMS", [cluster(turinSeq[0])])], resetting);
    expect(revs(continued)).toEqual([5, 6]);
    expect(revs(after([message("b0", "SYNCED")], continued))).toEqual([5]);
    const again = after(
      [message("b0", "RESET"), message("b0", "ITEMS", [cluster(turinSeq[0])]), message("b0", "SYNCED")],
      continued,
    );
    expect(revs(again)).toEqual([]);
  });

  it("does not sweep at a SYNCED without RESET", () => {
    const start = after([message("b0", "ITEMS", [cluster(turinSeq[0]), listed(general)])]);
    expect(revs(after([message("b0", "SYNCED"), message("b0", "SYNCED")], start))).toEqual([5]);
  });

  it("keeps the cursor of the last message", () => {
    const state = after([message("b0", "RESET"), message("b0", "ITEMS", [cluster(turinSeq[0])])]);
    expect(state.brokers.get("b0")?.position).toEqual({ cursor: "b0-ITEMS-1", generation: 1, isResetting: true });
    expect(EMPTY_REPLICA.brokers.size + EMPTY_REPLICA.pins.size).toBe(0);
  });

  it("keeps a document whose issuer is unknown until its descriptor arrives", () => {
    const key = { kind: "OFFER", fingerprint: turin.fingerprint, offerID: "general" } as const;
    const waiting = after([message("b0", "ITEMS", [{ as: "PENDING", key, jws: general.jws, staleSince: null }])]);
    expect(revs(waiting)).toEqual([]);
    const [listing] = pendingOf(waiting, turin.fingerprint);
    if (listing === undefined) throw new Error("nothing waits");
    expect(listing.pendingJws).toBe(general.jws);
    for (const brokerID of ["b0", "b1"]) {
      const state = after([message(brokerID, "ITEMS", [cluster(turinSeq[0])], [{ listing, found: general }])], waiting);
      expect(pendingOf(state, turin.fingerprint)).toEqual([]);
      expect(revs(state)).toEqual([5]);
      const forged = after([message(brokerID, "ITEMS", [cluster(turinSeq[0])], [{ listing, found: null }])], waiting);
      expect(revs(forged)).toEqual([]);
    }
  });

  it("plans at most one change of an item, the last one of the message", () => {
    const plan = (...changes: CheckedChange[]): readonly (readonly unknown[])[] => {
      const { listings, removals } = planMessage(START_POSITION, message("b0", "ITEMS", changes), EMPTY_REPLICA, NOW);
      return [listings, removals];
    };
    expect(plan(gone(general), listed(general))).toEqual([[expect.objectContaining({ offerID: "general" })], []]);
    expect(plan(listed(general), gone(general))).toEqual([[], [expect.objectContaining({ offerID: "general" })]]);
  });

  it("ignores what was refused", () => {
    const key = { kind: "OFFER", fingerprint: turin.fingerprint, offerID: "general" } as const;
    const start = after([message("b0", "ITEMS", [cluster(turinSeq[0]), listed(general)])]);
    const state = after([message("b0", "ITEMS", [{ as: "REFUSED", key, reason: "forged" }])], start);
    expect(merged(state)).toEqual(merged(start));
  });
});

describe("several Brokers", () => {
  const both = after([
    message("b0", "ITEMS", [cluster(turinSeq[0]), listed(general)]),
    message("b1", "ITEMS", [cluster(turinSeq[0]), listed(general)]),
  ]);

  it("keep an item visible while any enabled one lists it", () => {
    expect(revs(after([message("b0", "ITEMS", [gone(general)])], both))).toEqual([5]);
    expect(
      revs(after([message("b0", "ITEMS", [gone(general)]), message("b1", "ITEMS", [gone(general)])], both)),
    ).toEqual([]);
    const off = new Map([["b0", { ...IN_SYNC, isSubscribed: false }]]);
    expect(merged(both, off).offers).toEqual([]);
    expect(merged(both, new Map([...off, ["b1", IN_SYNC]])).offers).toHaveLength(1);
  });

  it("show the newest document, whoever showed it, and hide what was withdrawn at any", async () => {
    const newer = await turin.offer("general", 9);
    expect(revs(after([message("b1", "ITEMS", [listed(newer)])], both))).toEqual([9]);
    expect(revs(after([message("b1", "ITEMS", [listed(newer), gone(newer)])], both))).toEqual([9]);
    expect(revs(after([message("b1", "ITEMS", [withdrawn(await turin.withdrawal("general", 9))])], both))).toEqual([]);
  });

  it("call a cluster live while one sees it, else since the last sign of life", () => {
    const stale = (b0: number | null, b1: number | null): number | null | undefined =>
      merged(
        after(
          [message("b0", "ITEMS", [cluster(turinSeq[0], b0)]), message("b1", "ITEMS", [cluster(turinSeq[0], b1)])],
          both,
        ),
      ).offers[0]?.staleSince;
    expect(stale(100, null)).toBeNull();
    expect(stale(100, 200)).toBe(200);
    expect(stale(null, 200)).toBeNull();
    const first = after(
      [message("b0", "ITEMS", [cluster(turinSeq[0], 50)]), message("b1", "ITEMS", [clusterGone(turin.fingerprint)])],
      both,
    );
    expect(merged(first).clusters[0]?.staleSince).toBe(50);
  });

  it("grey what only a Broker lists that has been out of sync for 7 days", () => {
    const lost = (seconds: number): BrokerStanding => ({ ...IN_SYNC, syncedAt: NOW - seconds });
    const staleWith = (b0: BrokerStanding, b1: BrokerStanding): number | null | undefined =>
      merged(both, new Map([["b0", b0], ["b1", b1]])).offers[0]?.staleSince; // prettier-ignore
    const [almost, since] = [lost(SYNC_GRACE_SECONDS - 1), NOW - SYNC_GRACE_SECONDS];
    expect(staleWith(almost, lost(SYNC_GRACE_SECONDS))).toBeNull();
    expect(staleWith(lost(SYNC_GRACE_SECONDS), lost(SYNC_GRACE_SECONDS + 9))).toBe(since);
    const never = { isSubscribed: true, registeredAt: since, syncedAt: null };
    expect(staleWith(never, { ...IN_SYNC, isSubscribed: false })).toBe(since);
  });
});

describe("an issuer that contradicts itself", () => {
  it("is reported once with both documents, and the first stays in use", async () => {
    const second = await turin.offer("general", 5, "another text");
    const start = after([message("b0", "ITEMS", [cluster(turinSeq[0]), listed(general)])]);
    const state = after([message("b1", "ITEMS", [listed(second)]), message("b1", "ITEMS", [listed(second)])], start);
    expect(merged(state).offers[0]?.jws).toBe(general.jws);
    expect(state.equivocations).toMatchObject([
      {
        kind: "OFFER",
        offerID: "general",
        number: 5,
        firstJws: general.jws,
        secondJws: second.jws,
        brokerID: "b1",
        seenAt: NOW,
      },
    ]);
  });

  it("is reported for its descriptors too", async () => {
    const second = await turin.descriptor(1, { clusterName: "other" });
    const state = after([message("b0", "ITEMS", [cluster(turinSeq[0]), cluster(second)])]);
    expect(merged(state).clusters[0]?.jws).toBe(turinSeq[0].jws);
    expect(state.equivocations).toMatchObject([
      { kind: "CLUSTER", number: 1, firstJws: turinSeq[0].jws, secondJws: second.jws },
    ]);
  });
});

describe("a cluster id that two identities claim", () => {
  it("stays with the first, at whichever Broker the second appears", async () => {
    const thief = await milan.descriptor(9, { clusterID: "turin" });
    const stolen = await milan.offer("general", 10);
    const start = after([message("b0", "ITEMS", [cluster(turinSeq[0]), listed(general)])]);
    for (const brokerID of ["b0", "b1"]) {
      const { clusters, offers, hidden } = merged(
        after([message(brokerID, "ITEMS", [cluster(thief), listed(stolen)])], start),
      );
      expect(clusters.map(({ fingerprint }) => fingerprint)).toEqual([turin.fingerprint]);
      expect(offers.map(({ fingerprint }) => fingerprint)).toEqual([turin.fingerprint]);
      expect(hidden.map(({ fingerprint }) => fingerprint)).toEqual([milan.fingerprint]);
    }
  });

  it("is free again when its holder has taken another", async () => {
    const moved = await turin.descriptor(3, { clusterID: "torino" });
    const heir = await milan.descriptor(1, { clusterID: "turin" });
    const state = after([message("b0", "ITEMS", [cluster(turinSeq[0]), cluster(moved), cluster(heir)])]);
    expect(merged(state).clusters.map(({ clusterID, fingerprint }) => [clusterID, fingerprint])).toEqual([
      ["torino", turin.fingerprint],
      ["turin", milan.fingerprint],
    ]);
  });
});

describe("foldDocuments", () => {
  it("forgets old documents that nobody lists, none of which can come back", async () => {
    const other = await turin.offer("other", 3);
    const start = after([
      message("b0", "ITEMS", [cluster(turinSeq[0]), listed(general), listed(other), gone(general)]),
    ]);
    expect(foldDocuments(start, NOW)).toBe(start);
    const folded = foldDocuments(start, NOW + 1);
    expect([...folded.documents.keys()]).toEqual([offerKey(turin.fingerprint, "other")]);
    expect(folded.floors).toEqual(new Map([[turin.fingerprint, 5]]));
    expect(revs(after([message("b0", "ITEMS", [listed(general)])], folded))).toEqual([3]);
    const newer = after([message("b0", "ITEMS", [listed(await turin.offer("general", 6))])], folded);
    expect(new Set(revs(newer))).toEqual(new Set([3, 6]));
  });
});

describe("any order in which the messages of several Brokers arrive", async () => {
  const OFFERS = ["o0", "o1"];
  const clusters = [turin, milan];
  const descriptors = await Promise.all(clusters.map((one) => Promise.all([1, 2].map((seq) => one.descriptor(seq)))));
  /** Rev 3 of every offer is a withdrawal. */
  const records = await Promise.all(
    clusters.map((one) =>
      Promise.all(
        OFFERS.map((id) =>
          Promise.all([1, 2, 3, 4].map((rev) => (rev === 3 ? one.withdrawal(id, rev) : one.offer(id, rev)))),
        ),
      ),
    ),
  );
  const changes: CheckedChange[] = [
    ...descriptors.flat().map((found) => cluster(found)),
    ...clusters.map(({ fingerprint }) => clusterGone(fingerprint)),
    ...records.flat(2).map((found) => (found.rev === 3 ? withdrawn(found) : listed(found))),
    ...records.flat(2).map(gone),
  ];
  const someChanges = fc.array(fc.constantFrom(...changes), { maxLength: 4 });
  const block = fc.oneof(
    someChanges.map((some) => [{ type: "ITEMS" as const, some }]),
    fc.tuple(someChanges, someChanges).map(([first, second]) => [
      { type: "RESET" as const, some: [] },
      { type: "ITEMS" as const, some: first },
      { type: "ITEMS" as const, some: second },
      { type: "SYNCED" as const, some: [] },
    ]),
  );
  const histories = fc
    .array(fc.array(block, { maxLength: 5 }), { minLength: 2, maxLength: 3 })
    .map((brokers) => brokers.map((blocks, i) => blocks.flat().map(({ type, some }) => message(`b${i}`, type, some))));
  const runs = histories.chain((brokers) => {
    const turns = brokers.flatMap((messages, i) => messages.map(() => i));
    return fc.record({
      brokers: fc.constant(brokers),
      turns: fc.shuffledSubarray(turns, { minLength: turns.length, maxLength: turns.length }),
      repeated: fc.nat(turns.length),
    });
  });

  /** What each Broker lists at the end of its own history, the newest number ever shown, and what follows from both. */
  function expected(brokers: readonly (readonly CheckedMessage[])[]): string[] {
    const listings = new Set<string>();
    const newest = new Map<string, number>();
    for (const messages of brokers) {
      let listedNow = new Set<string>();
      let shown: Set<string> | undefined;
      for (const one of messages) {
        if (one.type === "RESET") shown = new Set();
        for (const change of one.changes) {
          const isListed = change.as === "CLUSTER" || (change.as === "OFFER" && change.isListed);
          const item =
            change.as === "REMOVED"
              ? change.key
              : change.as === "REFUSED" || change.as === "PENDING"
                ? change.key
                : change.found;
          const name = `${item.fingerprint}/${"offerID" in item ? item.offerID : ""}`;
          for (const set of [listedNow, shown]) if (isListed) set?.add(name); else set?.delete(name); // prettier-ignore
          const number = change.as === "CLUSTER" ? change.found.seq : change.as === "OFFER" ? change.found.rev : 0;
          newest.set(name, Math.max(newest.get(name) ?? 0, number));
        }
        if (one.type === "SYNCED" && shown !== undefined) {
          listedNow = shown;
          shown = undefined;
        }
      }
      for (const name of listedNow) listings.add(name);
    }
    const visible = [...listings].filter((name) => {
      const [fingerprint = "", offerID = ""] = name.split("/");
      return offerID === "" || (listings.has(`${fingerprint}/`) && newest.get(name) !== 3);
    });
    return visible.map((name) => `${name}#${newest.get(name)}`).sort();
  }

  it("ends in the same catalog: what is listed anywhere, by the newest document shown anywhere", () => {
    fc.assert(
      fc.property(runs, ({ brokers, turns, repeated }) => {
        const queues = brokers.map((messages) => [...messages]);
        let state = EMPTY_REPLICA;
        turns.forEach((turn, i) => {
          const next = queues[turn]?.shift();
          if (next === undefined) throw new Error("a turn without a message");
          state = applyFeedMessage(state, next, NOW);
          if (i === repeated) state = applyFeedMessage(state, next, NOW);
        });
        const { clusters: shownClusters, offers } = merged(state);
        const found = [
          ...shownClusters.map(({ fingerprint, seq }) => `${fingerprint}/#${seq}`),
          ...offers.map(({ fingerprint, offerID, rev }) => `${fingerprint}/${offerID}#${rev}`),
        ];
        expect(found.sort()).toEqual(expected(brokers));
        expect(state.equivocations).toEqual([]);
      }),
      { numRuns: 500 },
    );
  });
});
