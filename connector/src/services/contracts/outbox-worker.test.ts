import { silentLog } from "@catalog/server/log";
import { waitFor } from "@catalog/server/testing/wait-for";
import { describe, expect, it } from "vitest";
import { ChangeSignals } from "../change-signals.js";
import type { LedgerUnit, Outbox, OutboxItem, Transact } from "./ledger-ports.js";
import { OutboxWorker, type WorkHandlers, type WorkResult } from "./outbox-worker.js";

/** An outbox in memory on a clock of its own. */
class FakeOutbox implements Outbox {
  now = 1_000_000;
  readonly rows = new Map<string, { item: OutboxItem; dueAt: number }>();

  async add(item: { kind: OutboxItem["kind"]; subject?: string; peer?: string; notBefore?: number }): Promise<void> {
    const key = `${item.kind} ${item.subject ?? ""}`;
    const round = (this.rows.get(key)?.item.round ?? -1) + 1;
    const full = { kind: item.kind, subject: item.subject ?? "", peer: item.peer ?? "", attempts: 0, round };
    this.rows.set(key, { item: full, dueAt: item.notBefore ?? this.now });
  }
  async due(first: number): Promise<{ items: readonly OutboxItem[]; nextAt: number | null }> {
    const items = [...this.rows.values()].filter((row) => row.dueAt <= this.now).map((row) => row.item);
    return { items: items.slice(0, first), nextAt: null };
  }
  async done(item: OutboxItem): Promise<void> {
    if (this.current(item)) this.rows.delete(`${item.kind} ${item.subject}`);
  }
  async postpone(item: OutboxItem, until: number, attempts: number): Promise<void> {
    if (this.current(item))
      this.rows.set(`${item.kind} ${item.subject}`, { item: { ...item, attempts }, dueAt: until });
  }
  async hurry(): Promise<void> {
    return undefined;
  }
  private current(item: OutboxItem): boolean {
    return this.rows.get(`${item.kind} ${item.subject}`)?.item.round === item.round;
  }
}

function createWorker(negotiate: (subject: string) => Promise<WorkResult>) {
  const outbox = new FakeOutbox();
  const changes = new ChangeSignals(() => undefined);
  const done = async (): Promise<WorkResult> => ({ isDone: true });
  const handlers: WorkHandlers = { announce: done, restock: done, reclaim: done, negotiate };
  const unit = () => ({ outbox, now: new Date(outbox.now) }) as unknown as LedgerUnit;
  const transact: Transact<LedgerUnit> = (work) => work(unit());
  return { outbox, changes, worker: new OutboxWorker(transact, handlers, changes, silentLog(), () => 1) };
}

describe("the outbox worker", () => {
  it("forgets what is done, and keeps what was asked for again meanwhile", async () => {
    const { outbox, worker } = createWorker(async (subject) => {
      if (subject === "again") await outbox.add({ kind: "negotiate", subject });
      return { isDone: true };
    });
    await outbox.add({ kind: "negotiate", subject: "once" });
    await outbox.add({ kind: "negotiate", subject: "again" });
    await worker.runOnce();
    expect([...outbox.rows.keys()]).toEqual(["negotiate again"]);
  });

  it("tries what fails again for ever: after 1 s, doubling to 60 s", async () => {
    const { outbox, worker } = createWorker(async () => {
      throw new Error("no answer");
    });
    await outbox.add({ kind: "negotiate", subject: "c" });
    const waits = [];
    for (let i = 0; i < 9; i++) {
      await worker.runOnce();
      const row = outbox.rows.get("negotiate c");
      waits.push((row?.dueAt ?? 0) - outbox.now);
      outbox.now = row?.dueAt ?? 0;
    }
    expect(waits).toEqual([1_000, 2_000, 4_000, 8_000, 16_000, 32_000, 60_000, 60_000, 60_000]);
  });

  it("looks again when it is told to, without counting that as a failure", async () => {
    const { outbox, worker } = createWorker(async () => ({ isDone: false, againAt: 1_007_000 }));
    await outbox.add({ kind: "negotiate", subject: "c" });
    await worker.runOnce();
    expect(outbox.rows.get("negotiate c")).toMatchObject({ dueAt: 1_007_000, item: { attempts: 0 } });
  });

  it("works on different subjects at once, never twice on one, and waits for them when it is stopped", async () => {
    const running = new Map<string, number>();
    let most = 0;
    let release: () => void = () => undefined;
    const gate = new Promise<void>((resolve) => (release = resolve));
    const { outbox, changes, worker } = createWorker(async (subject) => {
      running.set(subject, (running.get(subject) ?? 0) + 1);
      most = Math.max(most, running.get(subject) ?? 0);
      await gate;
      running.set(subject, (running.get(subject) ?? 0) - 1);
      return { isDone: true };
    });
    for (const subject of ["a", "b", "c"]) await outbox.add({ kind: "negotiate", subject });
    const stop = new AbortController();
    const run = worker.run(stop.signal);
    await waitFor(() => running.size === 3);
    for (let i = 0; i < 5; i++) changes.emit("outbox", "");
    await outbox.add({ kind: "negotiate", subject: "d" });
    changes.emit("outbox", "");
    await waitFor(() => running.size === 4);
    stop.abort();
    release();
    await run;
    expect(most).toBe(1);
    expect(outbox.rows.size).toBe(0);
  });
});
