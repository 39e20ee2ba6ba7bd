import { describe, expect, it } from "vitest";
import type { Amounts } from "@catalog/schema/resource-list";
import { ANSWERED_CLUSTERS_MAX, ChangeNotifier, NOTIFY_INTERVAL_MS, type Scheduler } from "./change-notifier.js";

/** Time that passes only when a test says so. */
class ManualScheduler implements Scheduler {
  #now = 0;
  #jobs: { at: number; work: () => void }[] = [];

  now(): number {
    return this.#now;
  }
  after(ms: number, work: () => void): () => void {
    const job = { at: this.#now + ms, work };
    this.#jobs.push(job);
    return () => {
      this.#jobs = this.#jobs.filter((other) => other !== job);
    };
  }
  get waiting(): number {
    return this.#jobs.length;
  }
  async pass(ms: number): Promise<void> {
    this.#now += ms;
    const due = this.#jobs.filter((job) => job.at <= this.#now);
    this.#jobs = this.#jobs.filter((job) => job.at > this.#now);
    for (const job of due) job.work();
    await settled();
  }
}

/** Lets every promise that is already resolvable run. */
async function settled(): Promise<void> {
  for (let turn = 0; turn < 20; turn++) await Promise.resolve();
}

function setUp() {
  const grants = new Map<string, Amounts>();
  const told: string[] = [];
  const errors: string[] = [];
  const scheduler = new ManualScheduler();
  let isAway = false;
  const notifier = new ChangeNotifier(
    {
      grantOf: async (id) => {
        if (isAway) throw new Error("away");
        return grants.get(id) ?? { cpu: 0n };
      },
      notify: (id) => told.push(id),
      onError: (_error, id) => errors.push(id),
    },
    scheduler,
  );
  const cpu = (id: string, units: bigint) => grants.set(id, { cpu: units * 1_000_000_000n });
  const answer = (id: string) => notifier.completeAnswer(notifier.beginAnswer(id), grants.get(id) ?? { cpu: 0n });
  const change = async (id: string, units: bigint) => {
    cpu(id, units);
    notifier.changed(id);
    await settled();
  };
  return { notifier, scheduler, told, errors, cpu, answer, change, setAway: (value: boolean) => (isAway = value) };
}

describe("ChangeNotifier", () => {
  it("tells nothing about a cluster that Liqo has not had an answer for", async () => {
    const { change, told } = setUp();
    await change("paris", 4n);
    expect(told).toEqual([]);
  });

  it("tells the first change at once", async () => {
    const { change, answer, told } = setUp();
    answer("paris");
    await change("paris", 4n);
    expect(told).toEqual(["paris"]);
  });

  it("tells nothing where the answer is the same", async () => {
    const { change, answer, told, cpu } = setUp();
    cpu("paris", 4n);
    answer("paris");
    await change("paris", 4n);
    expect(told).toEqual([]);
  });

  it("tells a flood of changes at most once a second, the last state included", async () => {
    const { change, answer, told, scheduler } = setUp();
    answer("paris");
    for (let units = 1n; units <= 200n; units++) await change("paris", units);
    expect(told).toHaveLength(1);
    await scheduler.pass(NOTIFY_INTERVAL_MS - 1);
    expect(told).toHaveLength(1);
    await scheduler.pass(1);
    expect(told).toHaveLength(2);
    await scheduler.pass(10 * NOTIFY_INTERVAL_MS);
    expect(told).toHaveLength(2);
    expect(scheduler.waiting).toBe(0);
  });

  it("keeps silent about a change that was taken back before its turn", async () => {
    const { change, answer, told, scheduler } = setUp();
    answer("paris");
    await change("paris", 1n);
    await change("paris", 2n);
    await change("paris", 1n);
    await scheduler.pass(NOTIFY_INTERVAL_MS);
    expect(told).toEqual(["paris"]);
  });

  it("keeps silent where Liqo has read the new answer by itself in the meantime", async () => {
    const { change, answer, told, scheduler } = setUp();
    answer("paris");
    await change("paris", 1n);
    await change("paris", 2n);
    answer("paris");
    await scheduler.pass(NOTIFY_INTERVAL_MS);
    expect(told).toEqual(["paris"]);
  });

  it("lets one cluster's flood not delay another's first change", async () => {
    const { change, answer, told } = setUp();
    answer("paris");
    answer("milan");
    await change("paris", 1n);
    await change("paris", 2n);
    await change("milan", 1n);
    expect(told).toEqual(["paris", "milan"]);
  });

  it("tells a change that fell between reading the grant and answering", async () => {
    const { notifier, told, cpu } = setUp();
    const answer = notifier.beginAnswer("paris");
    cpu("paris", 4n);
    notifier.changed("paris");
    notifier.completeAnswer(answer, { cpu: 0n });
    await settled();
    expect(told).toEqual(["paris"]);
  });

  it("tells a change later when the ledger could not be read", async () => {
    const { change, answer, told, errors, scheduler, setAway } = setUp();
    answer("paris");
    setAway(true);
    await change("paris", 4n);
    expect(errors).toEqual(["paris"]);
    setAway(false);
    await scheduler.pass(NOTIFY_INTERVAL_MS);
    expect(told).toEqual(["paris"]);
  });

  it("remembers a bounded number of clusters, those read last", async () => {
    const { change, answer, told } = setUp();
    answer("first");
    for (let n = 0; n < ANSWERED_CLUSTERS_MAX; n++) answer(`cluster-${n}`);
    await change("first", 1n);
    await change("cluster-0", 1n);
    expect(told).toEqual(["cluster-0"]);
  });

  it("tells nothing after stop", async () => {
    const { change, answer, told, scheduler, notifier } = setUp();
    answer("paris");
    await change("paris", 1n);
    await change("paris", 2n);
    notifier.stop();
    await scheduler.pass(NOTIFY_INTERVAL_MS);
    expect(told).toEqual(["paris"]);
  });
});
