import { waitFor } from "@catalog/server/testing/wait-for";
import { afterEach, beforeEach, expect, it } from "vitest";
import { ChangeSignals } from "../change-signals.js";
import { standingChanges } from "./standing-stream.js";
import type { ClusterStanding } from "./trust.service.js";

const standing = (fingerprint: string, changes: Partial<ClusterStanding> = {}): ClusterStanding => ({
  pin: { fingerprint, clusterID: fingerprint, jws: "signed", isHolder: true, source: "BROKER", pinnedAt: 1 } as never,
  descriptor: {} as never,
  trusted: null,
  isListed: true,
  listedBy: ["broker"],
  ...changes,
});

let changes: ChangeSignals;
let ending: AbortController;
let known: readonly ClusterStanding[] | undefined;
let readings: number;
let told: ClusterStanding[];

beforeEach(() => {
  changes = new ChangeSignals((error) => expect.unreachable(String(error)));
  ending = new AbortController();
  known = [standing("a"), standing("b")];
  readings = 0;
  told = [];
});
afterEach(() => ending.abort());

async function listen(): Promise<void> {
  const read = () => {
    readings += 1;
    return known;
  };
  void (async () => {
    for await (const one of standingChanges(read, changes, ending.signal)) told.push(one);
  })();
  await waitFor(() => readings === 1);
}
/** Returns when the stream has looked at it. */
async function change(to: readonly ClusterStanding[] | undefined, topic: "catalog" | "broker" = "catalog") {
  known = to;
  const before = readings;
  changes.emit(topic, "x");
  await waitFor(() => readings > before);
}
const names = () => told.map(({ pin }) => pin.fingerprint);

it("tells whoever became known or stands otherwise, and nobody else", async () => {
  await listen();
  await change([standing("a"), standing("b"), standing("c")]);
  expect(names()).toEqual(["c"]);
  const trusted = { fingerprint: "b", note: null, trustedAt: 7 };
  await change([standing("a"), standing("b", { trusted }), standing("c")]);
  expect(told.at(-1)).toMatchObject({ trusted });
  await change(known);
  await change([standing("a", { listedBy: [], isListed: false }), standing("b", { trusted }), standing("c")], "broker");
  expect(names()).toEqual(["c", "b", "a"]);
});

it("misses nothing over a time in which nobody can read", async () => {
  await listen();
  await change(undefined);
  await change([standing("a"), standing("b", { isListed: false })]);
  expect(names()).toEqual(["b"]);
});
